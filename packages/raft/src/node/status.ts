// status.ts — what an operator may see of one node, from its own view. Read only.
import type { Configuration } from "../core/configuration.ts";
import type { RoleName } from "../core/effect.ts";
import type { LogIndex, NodeId, Term } from "../core/ids.ts";

export interface FollowerStatus {
  readonly id: NodeId;
  readonly matchIndex: LogIndex;
  readonly state: "probe" | "stream" | "snapshot";
  readonly msSinceHeard: number;
}

export interface RaftStatus {
  readonly nodeId: NodeId;
  readonly role: RoleName;
  readonly term: Term;
  readonly leaderId: NodeId | undefined;
  readonly lastIndex: LogIndex;
  readonly persistedIndex: LogIndex;
  readonly commitIndex: LogIndex;
  readonly appliedIndex: LogIndex;
  readonly snapshotIndex: LogIndex;
  readonly configuration: Configuration;
  /** A leader whose first entry of its own term is applied: it may promise things about the state. */
  readonly hasAppliedOwnTerm: boolean;
  readonly isDiskStalled: boolean;
  /** Of a leader only. */
  readonly followers: readonly FollowerStatus[];
}
