// log-positions.ts — where a log stands after each record, and which record may come next.
// Holds no entries: only their terms, as runs. The WAL checks with it before it writes and recovery
// after it read (STYLE 6), so both mean the same by "a log". Never touches a disk.
import { unreachable } from "../core/assert.ts";
import type { HardState } from "../core/effect.ts";
import { indexBefore, type LogIndex, type Term, ZERO_INDEX, ZERO_TERM } from "../core/ids.ts";
import type { SnapshotMeta } from "../core/message.ts";
import type { WalBatch, WalRecord } from "./storage.ts";

export interface LogPosition {
  readonly index: LogIndex;
  readonly term: Term;
}

/** Entries from `first` on are of `term`, up to the next run. */
interface TermRun {
  readonly first: LogIndex;
  readonly term: Term;
}

export interface LogStart {
  readonly base: LogPosition;
  readonly hardState: HardState;
  readonly commitIndex: LogIndex;
}

export const FIRST_START: LogStart = {
  base: { index: ZERO_INDEX, term: ZERO_TERM },
  hardState: { term: ZERO_TERM, votedFor: undefined },
  commitIndex: ZERO_INDEX,
};

export class LogPositions {
  #base: LogPosition;
  #lastIndex: LogIndex;
  #runs: TermRun[] = [];
  #hardState: HardState;
  #snapshot: SnapshotMeta | undefined;
  #commitIndex: LogIndex;

  constructor(start: LogStart) {
    this.#base = start.base;
    this.#lastIndex = start.base.index;
    this.#hardState = start.hardState;
    this.#commitIndex = start.commitIndex;
  }

  get base(): LogPosition {
    return this.#base;
  }

  get last(): LogPosition {
    return { index: this.#lastIndex, term: this.#lastTerm() };
  }

  get lastIndex(): LogIndex {
    return this.#lastIndex;
  }

  get hardState(): HardState {
    return this.#hardState;
  }

  get snapshot(): SnapshotMeta | undefined {
    return this.#snapshot;
  }

  get commitIndex(): LogIndex {
    return this.#commitIndex;
  }

  /** Undefined where the log does not reach: before its base or after its end. */
  termAt(index: LogIndex): Term | undefined {
    if (index === this.#base.index) return this.#base.term;
    if (index < this.#base.index || index > this.#lastIndex) return undefined;
    return this.#runs.findLast((run) => run.first <= index)?.term;
  }

  /** The term before a truncation from `from`, which its record keeps. */
  termBefore(from: LogIndex): Term {
    return this.termAt(indexBefore(from)) ?? ZERO_TERM;
  }

  noteCommit(commitIndex: LogIndex): void {
    if (commitIndex > this.#commitIndex) this.#commitIndex = commitIndex;
  }

  /** Moves on by one record; if it may not come next, says why and changes nothing. */
  apply(record: WalRecord): string | undefined {
    switch (record.kind) {
      case "entry":
        return this.#append(record.entry);
      case "hard-state":
        return this.#pledge(record.hardState);
      case "truncate":
        return this.#truncate(record.from, undefined);
      case "snapshot-mark":
        return this.#mark(record.mark.snapshot, record.mark.log);
      default:
        return unreachable(record);
    }
  }

  /** A truncation read back: the log before it may be gone from the disk already, so it brings the term. */
  applyTruncate(truncate: {
    readonly from: LogIndex;
    readonly termBefore: Term;
  }): string | undefined {
    return this.#truncate(truncate.from, truncate.termBefore);
  }

  #lastTerm(): Term {
    return this.#runs.at(-1)?.term ?? this.#base.term;
  }

  #append(entry: LogPosition): string | undefined {
    if (entry.index !== this.#lastIndex + 1) {
      return `entry ${entry.index} does not follow ${this.#lastIndex}`;
    }
    const lastTerm = this.#lastTerm();
    if (entry.term < lastTerm) {
      return `entry ${entry.index} is of term ${entry.term}, the one before it of ${lastTerm}`;
    }
    if (entry.term > this.#hardState.term) {
      return `entry ${entry.index} is of term ${entry.term}, later than the node's own`;
    }
    if (this.#runs.length === 0 || entry.term !== lastTerm) {
      this.#runs.push({ first: entry.index, term: entry.term });
    }
    this.#lastIndex = entry.index;
    return undefined;
  }

  /** The term never goes down; a vote, once given, stands for its term (V7). */
  #pledge(hardState: HardState): string | undefined {
    const { term, votedFor } = this.#hardState;
    if (hardState.term < term) return `the term goes down from ${term} to ${hardState.term}`;
    if (hardState.term === term && votedFor !== undefined && hardState.votedFor !== votedFor) {
      return `the vote of term ${term} changes`;
    }
    this.#hardState = hardState;
    return undefined;
  }

  #truncate(from: LogIndex, termBefore: Term | undefined): string | undefined {
    if (from <= this.#commitIndex) {
      return `entries from ${from} are removed, but ${this.#commitIndex} is committed`;
    }
    if (from > this.#lastIndex + 1) {
      return `entries from ${from} are removed, but the log ends at ${this.#lastIndex}`;
    }
    if (from <= this.#base.index) {
      if (termBefore === undefined)
        return `entries from ${from} are removed, before the log begins`;
      this.#restart({ index: indexBefore(from), term: termBefore });
      return undefined;
    }
    this.#runs = this.#runs.filter((run) => run.first < from);
    this.#lastIndex = indexBefore(from);
    return undefined;
  }

  #mark(snapshot: SnapshotMeta, log: "keep" | "discard"): string | undefined {
    if (log === "discard") {
      if (snapshot.index < this.#commitIndex) {
        return `snapshot ${snapshot.index} replaces the log, but ${this.#commitIndex} is committed`;
      }
      this.#restart({ index: snapshot.index, term: snapshot.term });
    }
    if (snapshot.index > this.#lastIndex) {
      return `snapshot ${snapshot.index} lies beyond the end of the log, ${this.#lastIndex}`;
    }
    // Before the base: an older mark that is still on disk after its log was dropped.
    const term = this.termAt(snapshot.index);
    if (term !== undefined && term !== snapshot.term) {
      return `snapshot ${snapshot.index} is of term ${snapshot.term}, the entry there of ${term}`;
    }
    this.#snapshot = snapshot;
    this.noteCommit(snapshot.index);
    return undefined;
  }

  #restart(base: LogPosition): void {
    this.#base = base;
    this.#lastIndex = base.index;
    this.#runs = [];
  }
}

/** Never above what this node has synced before this batch (E4.2). */
export function commitSynced(batch: WalBatch, syncedIndex: LogIndex): LogIndex {
  let commitIndex = batch.commitIndex < syncedIndex ? batch.commitIndex : syncedIndex;
  for (const record of batch.records) {
    if (record.kind === "truncate" && record.from <= commitIndex) {
      commitIndex = indexBefore(record.from);
    }
  }
  return commitIndex;
}
