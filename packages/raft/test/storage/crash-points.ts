// crash-points.ts — a random workload on a disk in memory, and at each of its I/O steps every kind
// of crash: what a start finds then must be what was synced, or that and the batch in flight.
import { incarnation, logIndex, term } from "../../src/core/ids.ts";
import { KeptEntries } from "../../src/storage/kept-entries.ts";
import { FIRST_START, LogPositions } from "../../src/storage/log-positions.ts";
import { MemoryDisk } from "../../src/storage/memory-disk.ts";
import type { LogStorage, Recovered, WalBatch, WalRecord } from "../../src/storage/storage.ts";
import { command, cut, inTerm, mark, members, openOn, other, self } from "./situations.ts";

/** Seeded dice, so that a failing run can be repeated. */
export function dice(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export type Step =
  | { readonly kind: "append"; readonly batch: WalBatch }
  | { readonly kind: "drop"; readonly through: number };

/** The naive second implementation: the state after each batch, computed from the steps alone. */
export interface Workload {
  readonly steps: readonly Step[];
  /** `states[k]`: what a start must find when exactly the first k batches are on disk. */
  readonly states: readonly Recovered[];
}

export function randomWorkload(options: {
  readonly seed: number;
  readonly steps: number;
}): Workload {
  const roll = dice(options.seed);
  const positions = new LogPositions(FIRST_START);
  const entries = new KeptEntries();
  const steps: Step[] = [];
  const states: Recovered[] = [stateOf(positions, entries)];
  while (steps.length < options.steps) {
    const snapshot = positions.snapshot?.index ?? 0;
    if (roll() < 0.1 && snapshot > 0) {
      steps.push({ kind: "drop", through: Math.floor(roll() * (snapshot + 1)) });
      continue;
    }
    const synced = positions.lastIndex;
    const records: WalRecord[] = [];
    for (const record of randomRecords(positions, roll)) {
      if (positions.apply(record) !== undefined) continue;
      entries.apply(record);
      records.push(record);
    }
    if (records.length === 0) continue;
    const lowestCut = Math.min(
      ...records.map((record) => (record.kind === "truncate" ? record.from - 1 : synced)),
    );
    const commit = Math.floor(roll() * (positions.lastIndex + 1));
    const commitIndex = logIndex(Math.max(positions.commitIndex, commit));
    positions.noteCommit(logIndex(Math.min(commitIndex, synced, lowestCut)));
    steps.push({ kind: "append", batch: { records, commitIndex } });
    states.push(stateOf(positions, entries));
  }
  return { steps, states };
}

function randomRecords(positions: LogPositions, roll: () => number): readonly WalRecord[] {
  const { hardState, lastIndex, commitIndex } = positions;
  const ofTerm = hardState.term;
  const chance = roll();
  if (ofTerm === 0 || chance < 0.1) return [inTerm(ofTerm + 1, roll() < 0.5 ? self : other)];
  if (chance < 0.2 && lastIndex > commitIndex) {
    const from = commitIndex + 1 + Math.floor(roll() * (lastIndex - commitIndex));
    return [inTerm(ofTerm + 1), cut(from), command(from, { term: ofTerm + 1 })];
  }
  if (chance < 0.3 && commitIndex > 0) {
    const at = positions.termAt(commitIndex);
    if (at !== undefined) return [mark(commitIndex, { term: at })];
  }
  if (chance < 0.34) {
    return [mark(lastIndex + 5, { term: ofTerm, log: "discard" })];
  }
  if (chance < 0.38) return [members(lastIndex + 1, [self])].map((each) => withTerm(each, ofTerm));
  const count = 1 + Math.floor(roll() * 3);
  return Array.from({ length: count }, (_, at) => {
    const bytes = roll() < 0.1 ? 5000 : Math.floor(roll() * 900);
    return command(lastIndex + 1 + at, { term: ofTerm, bytes });
  });
}

function withTerm(record: WalRecord, ofTerm: number): WalRecord {
  if (record.kind !== "entry") return record;
  return { kind: "entry", entry: { ...record.entry, term: term(ofTerm) } };
}

function stateOf(positions: LogPositions, entries: KeptEntries): Recovered {
  const { hardState, snapshot, base, commitIndex } = positions;
  return { hardState, snapshot, entries: entries.list(), base, commitIndex };
}

function text(value: unknown): string {
  return JSON.stringify(value, (_key, held: unknown) =>
    held instanceof Uint8Array ? [...held.subarray(0, 4), held.byteLength] : held,
  );
}

/** Undefined: `found` is `expected`, but for a prefix that a drop up to `dropped` may have taken. */
export function difference(
  found: Recovered,
  expected: Recovered,
  dropped: number,
): string | undefined {
  for (const part of ["hardState", "snapshot", "commitIndex"] as const) {
    if (text(found[part]) !== text(expected[part])) {
      return `${part} is ${text(found[part])}, not ${text(expected[part])}`;
    }
  }
  if (found.base.index > Math.max(dropped, expected.base.index)) {
    return `the log begins after ${found.base.index}, dropped was only up to ${dropped}`;
  }
  const kept = expected.entries.filter((entry) => entry.index > found.base.index);
  const same = text(found.entries) === text(kept);
  if (!same) return `entries are ${text(found.entries)}, not ${text(kept)}`;
  const before = expected.entries.find((entry) => entry.index === found.base.index);
  if (before !== undefined && before.term !== found.base.term) return "the base has a wrong term";
  return undefined;
}

export interface Limits {
  readonly segmentBytes: number;
  readonly reserveBytes: number;
}

/** What had happened when the crash came. */
export interface Moment {
  readonly disk: MemoryDisk;
  readonly operation: string;
  readonly acknowledged: number;
  readonly begun: number;
  readonly dropped: number;
}

/** Runs the workload and shows `visit` the disk before each of its operations, and at the end. */
export async function runWorkload(
  workload: Workload,
  limits: Limits,
  visit: (moment: Moment) => Promise<void>,
): Promise<MemoryDisk> {
  const disk = new MemoryDisk();
  let [acknowledged, begun, dropped] = [0, 0, 0];
  const visited = (operation: string): Promise<void> =>
    visit({ disk, operation, acknowledged, begun, dropped });
  disk.watch({
    before: async ({ kind, path, number }) => {
      if (["read", "list", "open", "free-bytes"].includes(kind)) return;
      await visited(`${number} ${kind} ${path}`);
    },
  });
  const log: LogStorage = await openOn(disk, { limits });
  for (const step of workload.steps) {
    if (step.kind === "append") {
      begun += 1;
      await log.append(step.batch);
      acknowledged += 1;
    } else {
      dropped = Math.max(dropped, step.through);
      await log.dropPrefix({ through: logIndex(step.through) });
    }
  }
  await log.close();
  await visited("end");
  disk.watch({});
  return disk;
}

/** A start on this disk, and what it finds. */
export async function found(disk: MemoryDisk, limits: Limits, run = 2): Promise<Recovered> {
  const log = await openOn(disk, { limits, incarnation: incarnation(run) });
  await log.close();
  return log.recovered;
}
