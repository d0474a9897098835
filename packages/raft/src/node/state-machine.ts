// state-machine.ts — what the log is for: the driver gives it committed entries in order.
import type { LogIndex, Term } from "../core/ids.ts";

/** A committed command entry. No-ops and configurations come with `payload: undefined`, so that the
 *  state machine knows every index and the first entry of each term. */
export interface Committed {
  readonly index: LogIndex;
  readonly term: Term;
  readonly payload: Uint8Array | undefined;
}

export interface SnapshotContent {
  /** Over the content alone: equal on every node that applied the same log. [0-9a-f]{1,128}. */
  readonly hash: string;
  readonly chunks: AsyncIterable<Uint8Array>;
  /** The driver's last word about this snapshot, once, whether the chunks were read, in part or not at
   *  all: a store can fail before it asks for the first one. From then on another may be taken. */
  release(): void;
}

export interface StateMachine<Result> {
  /** Applies entries in order, synchronously; one result for each, `undefined` where no payload was. */
  apply(entries: readonly Committed[]): readonly (Result | undefined)[];
  /**
   * Opens an epoch at the last applied entry and encodes it in slices without stopping the loop; later
   * applies do not change it. Undefined when one is open already, or was given up for its memory.
   */
  takeSnapshot(): Promise<SnapshotContent | undefined>;
  /** Replaces the whole state. Nothing is applied until it resolves. `at` is the snapshot's last entry. */
  restore(snapshot: {
    readonly at: { readonly index: LogIndex; readonly term: Term };
    readonly chunks: AsyncIterable<Uint8Array>;
  }): Promise<void>;
}
