// surroundings.ts — what the outer half of the daemon (listener, sessions, requests, HTTP) needs of
// the world and of the inner half, as narrow interfaces that RaftNode, ReplicatedState and LogClock satisfy as they
// are. Nothing here is implemented; the outer half never reaches past these.
import type {
  FeatureLevel,
  ListRead,
  ListView,
  Notice,
  OpenId,
  Outcome,
  Read,
  Refusal,
  Result,
  SessionId,
  StateEvent,
  Submission,
  ViewOwner,
} from "@rogerd/global-state";
import type {
  MembershipChange,
  MembershipOutcome,
  NodeId,
  ProposalOutcome,
  RaftStatus,
  ReadOutcome,
  TransferOutcome,
} from "@rogerd/raft";
import type { Platform } from "../platform.ts";
import type { Stamp } from "../state/log-clock.ts";

export type OuterPlatform = Pick<
  Platform,
  "monotonicNow" | "setTimer" | "afterTurn" | "isSameSecret" | "digest" | "network"
>;

export type EntryOutcome = ProposalOutcome<readonly Outcome[]>;

/** The slice of RaftNode that requests need. */
export interface Proposer {
  propose(payload: Uint8Array): Promise<EntryOutcome>;
  read(): Promise<ReadOutcome>;
  status(): RaftStatus;
}

/** The slice of RaftNode that an operator's wish for another leader needs. */
export interface Transferrer {
  /** Undefined: to the voter that is furthest ahead. When it is done, `status` names who leads. */
  transferLeadership(to: { readonly nodeId: NodeId | undefined }): Promise<TransferOutcome>;
  status(): RaftStatus;
}

/** The slice of RaftNode that changes who is in the cluster. */
export interface MembershipChanger {
  changeMembership(asked: {
    readonly change: MembershipChange;
    readonly guard: "kept" | "waived";
  }): Promise<MembershipOutcome>;
  status(): RaftStatus;
}

export type ReadAnswer =
  | { readonly revision: number; readonly result: Result }
  | { readonly revision: number; readonly refusal: Refusal };

export interface SessionLife {
  readonly id: SessionId;
  readonly ttlMs: number;
}

/** The slice of GlobalState that requests need: a look at the applied revision. */
export interface StateView {
  readonly revision: number;
  readonly featureLevel: FeatureLevel;
  read(read: Read): ReadAnswer;
  openView(read: ListRead, parts: { readonly next: string; readonly owner: ViewOwner }): ListView;
  sessions(): Iterable<SessionLife>;
  /** What the last entry did to sessions. */
  readonly notices: readonly Notice[];
  /** What it changed; undefined: that is not told. */
  readonly events: readonly StateEvent[] | undefined;
  session(id: SessionId): SessionLife | undefined;
  sessionOf(openId: OpenId): SessionId | undefined;
}

/** The slice of ReplicatedState: the state is replaced by a restore, so nobody keeps it. */
export interface CurrentState {
  readonly current: StateView;
  /** Undefined while serving; otherwise why nothing may be answered from this state (DESIGN §5). */
  readonly notServing: string | undefined;
}

/** The slice of LogClock. */
export interface StampSource {
  /** Undefined unless this node leads and has applied the first entry of its own term. */
  stamp(): Stamp | undefined;
}

/** Makes the payload of one entry, stamped with the leader's log time at this moment. */
export interface EntryMaker {
  /** Undefined: there is no log time here now (see StampSource). */
  makeEntry(submissions: readonly Submission[]): Uint8Array | undefined;
}

/** The state hash that nodes compare (DESIGN §5). */
export interface StateHashes {
  /** The last one taken at a fixed index. */
  last(): StateHash | undefined;
  /** One at the applied index; undefined when it can't be had now. */
  take(): Promise<StateHash | undefined>;
}

export interface StateHash {
  readonly index: number;
  readonly hash: string;
}

/** Who we are, for greetings and `/status`. */
export interface Self {
  /** Undefined until the cluster is formed. */
  clusterId(): string | undefined;
  readonly name: string;
  readonly version: string;
}
