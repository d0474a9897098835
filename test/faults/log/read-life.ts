// read-life.ts — reads the kept log of each life (kept-logs.ts) with the product's own reader, in its order: what was appended,
// what was taken back, and what the node knew as committed. Damage ends the reading; what came before it counts.
import { NodeDisk, type WalRecord } from "@rogerd/raft";
import type * as LogReading from "../../../packages/raft/src/storage/wal/log-reader.ts";
import type { KeptLife } from "./kept-logs.ts";
import type { MergedLog } from "./merged-log.ts";

/** No door of the package leads to it: recovery, which one does lead to, keeps only what a start needs. */
const reader = import.meta.url.endsWith(".ts")
  ? "../../../packages/raft/src/storage/wal/log-reader.ts"
  : "../../../../packages/raft/dist/storage/wal/log-reader.js";

export interface ReadLife {
  readonly life: KeptLife;
  readonly entries: number;
  /** Of the last entry. */
  readonly through: number;
  /** Undefined: it was read to its end. */
  readonly damage: string | undefined;
}

/** `appliedThrough`: it has said that it has applied all up to there. */
export async function readLife(
  life: KeptLife,
  { appliedThrough, merged }: { readonly appliedThrough: number; readonly merged: MergedLog },
): Promise<ReadLife> {
  const { LogReader } = (await import(new URL(reader, import.meta.url).href)) as typeof LogReading;
  const log = new LogReader({ disk: new NodeDisk(), directory: life.directory, owner: undefined });
  const standing = new Standing(`${life.node} ${life.nodeId.slice(0, 8)}`, merged);
  let damage: string | undefined;
  for await (const event of log.events()) {
    if (event.kind === "damage") damage = `${event.damage.what} (index ${event.damage.index})`;
    if (event.kind !== "batch") continue;
    for (const record of event.records) standing.takes(record);
    standing.knowsCommitted(log.positions.commitIndex);
  }
  // Behind the damage some of it may have been taken back.
  if (damage === undefined) standing.knowsCommitted(appliedThrough);
  return { life, entries: standing.entries, through: log.positions.lastIndex, damage };
}

/** A log as its records leave it. */
class Standing {
  readonly #who: string;
  readonly #merged: MergedLog;
  /** Terms by index, of what is not known as committed; in order. What was taken back stays until it is written over. */
  readonly #open = new Map<number, number>();
  entries = 0;

  constructor(who: string, merged: MergedLog) {
    this.#who = who;
    this.#merged = merged;
  }

  takes(record: WalRecord): void {
    if (record.kind === "entry") {
      const { entry } = record;
      this.#open.set(entry.index, entry.term);
      this.#merged.show(this.#who, entry);
      this.entries += 1;
    }
    if (record.kind !== "snapshot-mark") return;
    // What a snapshot replaces may be another history than its own.
    if (record.mark.log === "discard") this.#open.clear();
  }

  knowsCommitted(through: number): void {
    for (const [index, term] of this.#open) {
      if (index > through) return;
      this.#merged.commit(this.#who, { index, term });
      this.#open.delete(index);
    }
  }
}
