// holdings.ts — from when to when: who had what, who stood still, until when a process can have done anything. What was never
// told to have ended lasts as long as its worker, or the run. It judges nothing: checkers and the report read it alike.
import type { HeldLine, RunLine } from "../history/history-line.ts";
import { groupedBy, type ToldHistory } from "./told-history.ts";

/** Of the machine's monotonic clock, in microseconds. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

export interface Holding extends Span {
  readonly held: HeldLine;
  /** Undefined: nobody told; it may have ended earlier. */
  readonly why: string | undefined;
}

export interface Freeze extends Span {
  readonly worker: string;
  readonly isThawed: boolean;
}

/** Until when a process can have done something. */
export class Lives {
  readonly #kills: ReadonlyMap<string, readonly number[]>;
  readonly #last: number;

  constructor({ lastAt, run }: ToldHistory) {
    this.#kills = momentsOf(run, "killed");
    this.#last = lastAt;
  }

  endAfter({ at, worker }: { readonly at: number; readonly worker: string }): number {
    return this.#kills.get(worker)?.find((kill) => kill >= at) ?? this.#last;
  }
}

export function holdingsOf(history: ToldHistory): readonly Holding[] {
  const lives = new Lives(history);
  const left = groupedBy(history.left, grantOf);
  return history.held.map((held) => {
    const from = held.at;
    const dies = lives.endAfter(held);
    const leaves = left.get(grantOf(held))?.find(({ at }) => at >= from);
    // Whoever takes the place of a killed one may have its name.
    if (leaves === undefined || leaves.at > dies) return { held, from, to: dies, why: undefined };
    return { held, from, to: leaves.at, why: leaves.why };
  });
}

/** What somebody has: its name is the same when it is taken and when it is left. */
export function grantOf(line: {
  readonly worker: string;
  readonly thing: string;
  readonly token: number;
}): string {
  return `${line.worker} ${line.token} ${line.thing}`;
}

/** One that is never thawed stays so. */
export function freezesOf(history: ToldHistory): readonly Freeze[] {
  const lives = new Lives(history);
  const thawed = momentsOf(history.run, "thawed");
  return [...momentsOf(history.run, "frozen")].flatMap(([worker, moments]) =>
    moments.map((from) => {
      const dies = lives.endAfter({ at: from, worker });
      const wakes = thawed.get(worker)?.find((at) => at >= from && at <= dies);
      return { worker, from, to: wakes ?? dies, isThawed: wakes !== undefined };
    }),
  );
}

function momentsOf(
  run: readonly RunLine[],
  kind: RunLine["kind"],
): ReadonlyMap<string, readonly number[]> {
  const moments = new Map<string, number[]>();
  for (const line of run) {
    if (line.kind !== kind) continue;
    for (const worker of line.whom) moments.set(worker, [...(moments.get(worker) ?? []), line.at]);
  }
  return moments;
}
