// read-history.ts — one history of what many wrote, each into a file of its own: all lines in the order of their times.
// Whoever is killed may leave a last line that is broken off: that is told apart, and any other broken line is
// an error. What a line means is for the checkers.
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import type { HistoryLine } from "./history-line.ts";

export interface History {
  readonly lines: readonly HistoryLine[];
  /** The last words of those that were killed as they wrote. */
  readonly brokenOff: readonly string[];
}

export interface Testimony {
  readonly lines: readonly HistoryLine[];
  readonly brokenOff?: string;
}

const parse = (line: string): HistoryLine => JSON.parse(line);

function isWhole(line: string): boolean {
  try {
    parse(line);
    return true;
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}

/** What one process wrote. */
export function testimonyOf(written: readonly string[]): Testimony {
  const lines = written.filter((line) => line !== "");
  const last = lines.at(-1);
  if (last === undefined || isWhole(last)) return { lines: lines.map(parse) };
  return { lines: lines.slice(0, -1).map(parse), brokenOff: last };
}

/** Lines of the same time keep the order in which they were written, and in which they are given here. */
export function historyOf(testimonies: readonly Testimony[]): History {
  return {
    lines: testimonies.flatMap(({ lines }) => lines).sort((one, other) => one.at - other.at),
    brokenOff: testimonies.flatMap(({ brokenOff }) => brokenOff ?? []),
  };
}

async function testimonyIn(file: string): Promise<Testimony> {
  const written: string[] = [];
  for await (const line of createInterface({ input: createReadStream(file) })) written.push(line);
  return testimonyOf(written);
}

/** `more`: what the runner itself and the resource have noted. */
export async function readHistory(
  files: readonly string[],
  more: readonly HistoryLine[],
): Promise<History> {
  const testimonies: Testimony[] = [];
  for (const file of files) testimonies.push(await testimonyIn(file));
  return historyOf([...testimonies, { lines: more }]);
}
