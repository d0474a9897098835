// applier.ts — gives committed entries to the state machine, in order, each exactly once in a run
// (§3.5, V5). A long backlog goes in slices, one a turn, so that it never holds up the loop.
// While a snapshot is being restored nothing is applied (S5).
import { assert } from "../core/assert.ts";
import { type Entry, entryBytes } from "../core/entry.ts";
import { indexAfter, type LogIndex, logIndex, type Term } from "../core/ids.ts";
import type { Committed, StateMachine } from "./state-machine.ts";

export interface ApplierLimits {
  readonly sliceEntriesMax: number;
  readonly sliceBytesMax: number;
}

/** Where committed entries are read from. */
export type CommittedEntries = (range: {
  readonly after: LogIndex;
  readonly through: LogIndex;
  readonly bytesMax: number;
}) => readonly Entry[];

export interface Slice<Result> {
  readonly committed: readonly Committed[];
  readonly results: readonly (Result | undefined)[];
  readonly bytes: number;
}

export class Applier<Result> {
  readonly #stateMachine: Pick<StateMachine<Result>, "apply">;
  readonly #limits: ApplierLimits;
  #applied: { readonly index: LogIndex; readonly term: Term };
  #through: LogIndex;
  #isRestoring = false;

  constructor(parts: {
    readonly stateMachine: Pick<StateMachine<Result>, "apply">;
    readonly limits: ApplierLimits;
    /** What the state machine holds at the start: a snapshot's last entry, or 0. */
    readonly applied: { readonly index: LogIndex; readonly term: Term };
  }) {
    this.#stateMachine = parts.stateMachine;
    this.#limits = parts.limits;
    this.#applied = parts.applied;
    this.#through = parts.applied.index;
  }

  get applied(): { readonly index: LogIndex; readonly term: Term } {
    return this.#applied;
  }

  /** Committed entries wait, and may be applied now. */
  get hasWork(): boolean {
    return !this.#isRestoring && this.#applied.index < this.#through;
  }

  commit(through: LogIndex): void {
    if (through > this.#through) this.#through = through;
  }

  /** Applies the next slice; undefined if there is none to apply. */
  applySlice(entries: CommittedEntries): Slice<Result> | undefined {
    if (!this.hasWork) return undefined;
    const last = Math.min(this.#through, this.#applied.index + this.#limits.sliceEntriesMax);
    const slice = entries({
      after: this.#applied.index,
      through: logIndex(last),
      bytesMax: this.#limits.sliceBytesMax,
    });
    const committed = this.#checked(slice);
    const results = this.#stateMachine.apply(committed);
    assert(results.length === committed.length, "one result for each committed entry");
    let bytes = 0;
    for (const entry of slice) bytes += entryBytes(entry);
    return { committed, results, bytes };
  }

  /** From now on nothing is applied; the next entry is the one after the snapshot. */
  restoring(at: { readonly index: LogIndex }): void {
    this.#isRestoring = true;
    this.#through = at.index;
  }

  restored(at: { readonly index: LogIndex; readonly term: Term }): void {
    assert(this.#isRestoring, "a restore was under way");
    this.#isRestoring = false;
    this.#applied = at;
    this.commit(at.index);
  }

  get isRestoring(): boolean {
    return this.#isRestoring;
  }

  #checked(slice: readonly Entry[]): readonly Committed[] {
    const last = slice.at(-1);
    assert(last !== undefined, "what is committed and not applied is in the log");
    let expected = indexAfter(this.#applied.index);
    for (const entry of slice) {
      assert(entry.index === expected, "entries are applied in order, without gaps (V5)");
      expected = indexAfter(entry.index);
    }
    assert(last.index <= this.#through, "only committed entries are applied");
    this.#applied = { index: last.index, term: last.term };
    return slice.map(committedEntry);
  }
}

function committedEntry(entry: Entry): Committed {
  const payload = entry.kind === "command" ? entry.payload : undefined;
  return { index: entry.index, term: entry.term, payload };
}
