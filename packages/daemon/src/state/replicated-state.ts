// replicated-state.ts — surface only, for now.
import type { GlobalState, Outcome } from "@rogerd/global-state";
import type { Committed, SnapshotContent, StateMachine } from "@rogerd/raft";

export class ReplicatedState implements StateMachine<readonly Outcome[]> {
  /** The state itself, for reads at the applied revision. It is replaced by a restore: don't keep it. */
  get current(): GlobalState {
    throw new Error("under construction");
  }

  /** Undefined while serving; otherwise why nothing may be answered from this state. */
  get notServing(): string | undefined {
    throw new Error("under construction");
  }

  apply(_entries: readonly Committed[]): readonly (readonly Outcome[] | undefined)[] {
    throw new Error("under construction");
  }

  takeSnapshot(): Promise<SnapshotContent | undefined> {
    throw new Error("under construction");
  }

  restore(_snapshot: Parameters<StateMachine<readonly Outcome[]>["restore"]>[0]): Promise<void> {
    throw new Error("under construction");
  }
}
