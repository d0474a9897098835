// memory-storage.ts — a LogStorage in memory, for tests of core and driver, and for examples. Keeps
// the promises of storage.ts but one: nothing outlives the process. Resolves in a later microtask.
import { assert, InvariantViolation } from "../core/assert.ts";
import { type ForgottenLog, ForgottenLogError } from "../core/forgotten-log.ts";
import type { LogIndex } from "../core/ids.ts";
import { KeptEntries } from "./kept-entries.ts";
import { commitSynced, FIRST_START, LogPositions, type LogStart } from "./log-positions.ts";
import type { LogStorage, Recovered, WalBatch, WalRecord } from "./storage.ts";

/** What the next start finds: the batches of all runs so far. */
interface Written {
  readonly batches: WalBatch[];
  droppedThrough: LogIndex;
  forgotten?: ForgottenLog;
}

export class MemoryStorage implements LogStorage {
  readonly recovered: Recovered;
  readonly #written: Written;
  readonly #positions: LogPositions;
  #isWriting = false;
  #isNearlyFull = false;

  private constructor(written: Written) {
    if (written.forgotten !== undefined) throw new ForgottenLogError(written.forgotten);
    this.#written = written;
    const { positions, recovered } = replay(written);
    this.#positions = positions;
    this.recovered = recovered;
  }

  /** A first start. */
  static empty(): MemoryStorage {
    return new MemoryStorage({ batches: [], droppedThrough: FIRST_START.base.index });
  }

  /** A start after a stop or a crash: finds all that `append` resolved for, and nothing else. */
  reopen(): MemoryStorage {
    return new MemoryStorage({ ...this.#written, batches: [...this.#written.batches] });
  }

  async append(batch: WalBatch): Promise<void> {
    assert(!this.#isWriting, "one batch is written at a time");
    this.#isWriting = true;
    const syncedIndex = this.#positions.lastIndex;
    for (const record of batch.records) {
      const problem = this.#positions.apply(record);
      if (problem !== undefined)
        throw new InvariantViolation(`the log can't be continued: ${problem}`);
    }
    await Promise.resolve();
    const commitIndex = commitSynced(batch, syncedIndex);
    this.#positions.noteCommit(commitIndex);
    this.#written.batches.push({ records: batch.records.map(copied), commitIndex });
    this.#isWriting = false;
  }

  dropPrefix(drop: { readonly through: LogIndex }): Promise<void> {
    const covered = this.#positions.snapshot?.index ?? 0;
    assert(drop.through <= covered, "the log is dropped only below a synced snapshot mark");
    if (drop.through > this.#written.droppedThrough) this.#written.droppedThrough = drop.through;
    return Promise.resolve();
  }

  condemn(forgotten: ForgottenLog): Promise<void> {
    this.#written.forgotten = forgotten;
    return Promise.resolve();
  }

  isNearlyFull(): boolean {
    return this.#isNearlyFull;
  }

  /** For tests: the disk runs full, or has room again. */
  pretendSpace(space: "enough" | "nearly-full"): void {
    this.#isNearlyFull = space === "nearly-full";
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** The caller may use its bytes again. */
function copied(record: WalRecord): WalRecord {
  if (record.kind !== "entry" || record.entry.kind !== "command") return record;
  return { ...record, entry: { ...record.entry, payload: record.entry.payload.slice() } };
}

function replay(written: Written): {
  readonly positions: LogPositions;
  readonly recovered: Recovered;
} {
  const positions = new LogPositions(FIRST_START);
  const entries = new KeptEntries();
  for (const batch of written.batches) {
    for (const record of batch.records) {
      const problem = positions.apply(record);
      assert(problem === undefined, "what was accepted once is accepted again");
      entries.apply(record);
    }
    positions.noteCommit(batch.commitIndex);
  }
  const { hardState, snapshot, commitIndex } = positions;
  const base = baseAfterDrop(positions, written.droppedThrough);
  entries.dropThrough(base.index);
  return {
    positions,
    recovered: { hardState, snapshot, entries: entries.list(), base, commitIndex },
  };
}

function baseAfterDrop(positions: LogPositions, through: LogIndex): LogStart["base"] {
  const term = positions.termAt(through);
  if (through <= positions.base.index || term === undefined) return positions.base;
  return { index: through, term };
}
