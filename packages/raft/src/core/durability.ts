// durability.ts — what of this node's own log, term and vote is on its own disk (§3.8).
// Numbers the persists, and consumes their completions in order (R16). A leader counts its own copy
// by what is said here, and a candidate its own vote: its disk is one more replica (§10.2.1, R10).
// An old completion never makes a newer suffix durable (R15): a truncation first lowers what the
// persists before it may claim.
import { assert } from "./assert.ts";
import type { HardState } from "./effect.ts";
import { type LogIndex, type PersistSequence, persistSequence, type Term } from "./ids.ts";

/** A persist on its way to the disk, and what its completion will make true. */
interface Pending {
  readonly sequence: PersistSequence;
  readonly term: Term;
  /** The log through here, as it is now. */
  lastIndex: LogIndex;
  readonly hardState: HardState | undefined;
  readonly snapshotIndex: LogIndex | undefined;
}

export class Durability {
  #pending: Pending[] = [];
  #issued = 0;
  #lastIndex: LogIndex;
  #hardState: HardState;
  #snapshotIndex: LogIndex;

  constructor(recovered: {
    readonly lastIndex: LogIndex;
    readonly hardState: HardState;
    readonly snapshotIndex: LogIndex;
  }) {
    this.#lastIndex = recovered.lastIndex;
    this.#hardState = recovered.hardState;
    this.#snapshotIndex = recovered.snapshotIndex;
  }

  /** The log through here is on disk. */
  get lastIndex(): LogIndex {
    return this.#lastIndex;
  }

  get hardState(): HardState {
    return this.#hardState;
  }

  /** The newest snapshot whose mark is on disk. */
  get snapshotIndex(): LogIndex {
    return this.#snapshotIndex;
  }

  issue(persist: Omit<Pending, "sequence">): PersistSequence {
    this.#issued += 1;
    const sequence = persistSequence(this.#issued);
    this.#pending.push({ ...persist, sequence });
    return sequence;
  }

  /** This persist and all before it are on disk. One that was told already tells nothing. */
  completed(completion: { readonly sequence: PersistSequence; readonly term: Term }): void {
    assert(completion.sequence <= this.#issued, "only what was asked for completes");
    const next = this.#pending.findIndex((pending) => pending.sequence > completion.sequence);
    const done = this.#pending.splice(0, next === -1 ? this.#pending.length : next);
    const last = done.at(-1);
    if (last === undefined) return;
    assert(last.term === completion.term, "a persist completes in the term it was issued in");
    this.#lastIndex = last.lastIndex;
    for (const { hardState, snapshotIndex } of done) {
      if (hardState !== undefined) this.#hardState = hardState;
      if (snapshotIndex !== undefined) this.#snapshotIndex = snapshotIndex;
    }
  }

  /** The log after `index` is not what persists on their way know; they may claim no more. */
  cap(index: LogIndex): void {
    if (this.#lastIndex > index) this.#lastIndex = index;
    for (const pending of this.#pending) {
      if (pending.lastIndex > index) pending.lastIndex = index;
    }
  }
}
