// status.ts — how one node sees itself and, while it leads, the others. Read only.
import type { Configuration } from "./configuration.ts";
import type { LogIndex, MonotonicMs, NodeId } from "./ids.ts";
import type { Flow } from "./progress.ts";
import { type Positions, positionsOf, type RaftState } from "./state.ts";

export interface FollowerProgress {
  readonly id: NodeId;
  readonly matchIndex: LogIndex;
  readonly state: Flow["kind"];
  readonly heardAt: MonotonicMs | undefined;
  /** How often in a row a snapshot for it did not get on. */
  readonly setbacks: number;
}

export interface CoreStatus extends Positions {
  /** In force: the latest appended. */
  readonly configuration: Configuration;
  readonly committedConfiguration: Configuration;
  /** Of a leader: its no-op. Once that is applied, it may promise things about the state. */
  readonly firstIndexOfTerm: LogIndex | undefined;
  readonly isTransferring: boolean;
  readonly isDiskStalled: boolean;
  readonly isDiverged: boolean;
  /** Of a leader: one for each other member, sorted by id. */
  readonly followers: readonly FollowerProgress[];
}

export function statusOf(state: RaftState): CoreStatus {
  const { configurations, role } = state;
  return {
    ...positionsOf(state),
    configuration: configurations.inForce,
    committedConfiguration: configurations.asOf(state.commitIndex),
    firstIndexOfTerm: role.kind === "leader" ? role.firstIndexOfTerm : undefined,
    isTransferring: role.kind === "leader" && state.transfer !== undefined,
    isDiskStalled: state.isDiskStalled,
    isDiverged: state.isDiverged,
    followers: role.kind === "leader" ? followersOf(role.progress) : [],
  };
}

function followersOf(
  progress: Extract<RaftState["role"], { readonly kind: "leader" }>["progress"],
): readonly FollowerProgress[] {
  return [...progress].map(([id, { flow, heardAt, matchIndex, setbacks }]) => ({
    id,
    matchIndex,
    state: flow.kind,
    heardAt,
    setbacks,
  }));
}
