// group-commit.ts — many persist effects, one write and one sync (E2). While one batch is in
// flight the next gathers; there is no timer, a slow disk makes larger batches by itself.
// A pledge leaves only after the sync of its batch (§3.8). A rejected write is final: nothing is
// tried again and nothing leaves afterwards (D2, J7).
import { assert } from "../core/assert.ts";
import type { Persist } from "../core/effect.ts";
import type { LogIndex, PersistSequence, Term } from "../core/ids.ts";
import type { Pledge, SnapshotMeta } from "../core/message.ts";
import type { LogStorage, WalRecord } from "../storage/storage.ts";

/** A batch that is on disk, and what that makes true. */
export interface Synced {
  readonly sequence: PersistSequence;
  readonly term: Term;
  readonly release: readonly Pledge[];
  /** Snapshots whose marks are on disk now. */
  readonly marked: readonly SnapshotMeta[];
}

export interface GroupCommitParts {
  readonly storage: Pick<LogStorage, "append">;
  readonly monotonicNow: () => number;
  /** Called once for each batch, in order, from the completion of its write: it only enqueues. */
  readonly synced: (batch: Synced) => void;
  readonly failed: (cause: unknown) => void;
}

export class GroupCommit {
  readonly #parts: GroupCommitParts;
  #gathered: Persist[] = [];
  #lastSequence = 0;
  #writing: { since: number; readonly done: Promise<void> } | undefined;
  #ended = false;

  constructor(parts: GroupCommitParts) {
    this.#parts = parts;
  }

  gather(persist: Persist): void {
    assert(persist.sequence > this.#lastSequence, "persists come in the order of their sequence");
    this.#lastSequence = persist.sequence;
    this.#gathered.push(persist);
  }

  /**
   * Persists that change nothing wait only for those before them: when none is being written, they
   * are true at once. Undefined if there are none at the head of the line.
   */
  takeSettled(): Synced | undefined {
    if (this.#ended || this.#writing !== undefined) return undefined;
    const firstToWrite = this.#gathered.findIndex((persist) => !changesNothing(persist));
    const settled = firstToWrite === -1 ? this.#gathered : this.#gathered.slice(0, firstToWrite);
    if (settled.length === 0) return undefined;
    this.#gathered = this.#gathered.slice(settled.length);
    return madeTrue(settled);
  }

  /** Starts the next write unless one is under way. To be called at the end of a turn, after `send`. */
  flush(known: { readonly commitIndex: LogIndex }): void {
    if (this.#ended || this.#writing !== undefined || this.#gathered.length === 0) return;
    const persists = this.#gathered;
    this.#gathered = [];
    const records = persists.flatMap(walRecords);
    const since = this.#parts.monotonicNow();
    this.#writing = { since, done: this.#write(persists, records, known.commitIndex) };
  }

  /** When the write under way was started, if there is one: for disk-health. */
  get writingSince(): number | undefined {
    return this.#writing?.since;
  }

  /** This process did nothing for so long: that the write made no progress meanwhile says nothing. */
  forgive(lateness: { readonly lateMs: number }): void {
    if (this.#writing === undefined) return;
    const now = this.#parts.monotonicNow();
    this.#writing.since = Math.min(now, this.#writing.since + lateness.lateMs);
  }

  /** The newest persist that was gathered: once it is synced, so is all before it. */
  get lastSequence(): number {
    return this.#lastSequence;
  }

  /** Nothing is started any more. Resolves when the write under way has ended, one way or the other. */
  async end(): Promise<void> {
    this.#ended = true;
    this.#gathered = [];
    await this.#writing?.done;
  }

  async #write(
    persists: readonly Persist[],
    records: readonly WalRecord[],
    commitIndex: LogIndex,
  ): Promise<void> {
    try {
      await this.#parts.storage.append({ records, commitIndex });
    } catch (cause) {
      this.#fail(cause);
      return;
    }
    this.#writing = undefined;
    if (!this.#ended) this.#parts.synced(madeTrue(persists));
  }

  #fail(cause: unknown): void {
    const hadEnded = this.#ended;
    this.#ended = true;
    this.#gathered = [];
    if (!hadEnded) this.#parts.failed(cause);
  }
}

function changesNothing(persist: Persist): boolean {
  return (
    persist.hardState === undefined &&
    persist.truncateFrom === undefined &&
    persist.snapshotMark === undefined &&
    persist.entries.length === 0
  );
}

/** In the order in which effect.ts says that they reach the disk. */
function walRecords(persist: Persist): WalRecord[] {
  const records: WalRecord[] = [];
  if (persist.hardState !== undefined) {
    records.push({ kind: "hard-state", hardState: persist.hardState });
  }
  if (persist.truncateFrom !== undefined) {
    records.push({ kind: "truncate", from: persist.truncateFrom });
  }
  for (const entry of persist.entries) records.push({ kind: "entry", entry });
  if (persist.snapshotMark !== undefined) {
    records.push({ kind: "snapshot-mark", mark: persist.snapshotMark });
  }
  return records;
}

/**
 * What the sync of these persists makes true. A pledge of a term that the same batch already leaves
 * is not sent: by now the disk holds what came after it, perhaps with its entries removed (V8).
 * Losing a message is always allowed.
 */
function madeTrue(persists: readonly Persist[]): Synced {
  const last = persists.at(-1);
  assert(last !== undefined, "a batch has at least one persist");
  const pledges = persists.flatMap((persist) => persist.release);
  return {
    sequence: last.sequence,
    term: last.term,
    release: pledges.filter((pledge) => pledge.term >= last.term),
    marked: persists.flatMap((persist) =>
      persist.snapshotMark === undefined ? [] : [persist.snapshotMark.snapshot],
    ),
  };
}
