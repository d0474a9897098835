// read-history.ts — one history of what many wrote, each into a file of its own: all lines in the order of their times.
// Whoever is killed may leave a last line that is broken off: that is none, and any other broken line is
// an error. What a line means is for the checkers.
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import type { HistoryLine } from "./history-line.ts";

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
export function linesOf(written: readonly string[]): readonly HistoryLine[] {
  const lines = written.filter((line) => line !== "");
  const last = lines.at(-1);
  return (last === undefined || isWhole(last) ? lines : lines.slice(0, -1)).map(parse);
}

/** Lines of the same time keep the order in which they were written, and in which they are given here. */
export function inOrder(lines: readonly HistoryLine[]): readonly HistoryLine[] {
  return [...lines].sort((one, other) => one.at - other.at);
}

async function linesIn(file: string): Promise<readonly HistoryLine[]> {
  const written: string[] = [];
  for await (const line of createInterface({ input: createReadStream(file) })) written.push(line);
  return linesOf(written);
}

/** `more`: what the runner itself and the resource have noted. */
export async function readHistory(
  files: readonly string[],
  more: readonly HistoryLine[],
): Promise<readonly HistoryLine[]> {
  const told: (readonly HistoryLine[])[] = [];
  for (const file of files) told.push(await linesIn(file));
  return inOrder([...told.flat(), ...more]);
}
