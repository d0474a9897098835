// state.ts — what a node knows (Figure 3.1): what is or will be on disk, what is volatile, and what only
// its role gives meaning to. A state carries only what it has: what belongs to a leader goes with it.
// It decides nothing. `role` and `hardState` are changed by roles.ts alone, the log, the commit index
// and the configurations by log-changes.ts alone.
import { assert } from "./assert.ts";
import { EMPTY_CONFIGURATION } from "./configuration.ts";
import { ConfigurationHistory } from "./configuration-history.ts";
import { Durability } from "./durability.ts";
import type { HardState, RoleName } from "./effect.ts";
import type { Entry, Position } from "./entry.ts";
import {
  type Incarnation,
  type LogIndex,
  logIndex,
  type MonotonicMs,
  type NodeId,
  type ReadRound,
  type Term,
  ZERO_INDEX,
} from "./ids.ts";
import type { Ticket } from "./input.ts";
import { Log } from "./log.ts";
import type { SnapshotMeta } from "./message.ts";
import { Prng } from "./prng.ts";
import type { Progress } from "./progress.ts";
import type { CoreSettings } from "./settings.ts";

export interface Follower {
  readonly kind: "follower";
  readonly leaderId: NodeId | undefined;
}

/** Asks whether an election could be won, before it disturbs anybody with a new term (§9.6). */
export interface PreCandidate {
  readonly kind: "pre-candidate";
  readonly granted: Set<NodeId>;
}

export interface Candidate {
  readonly kind: "candidate";
  readonly granted: Set<NodeId>;
}

export interface Leader {
  readonly kind: "leader";
  /** One for each other member of the configuration in force. */
  readonly progress: Map<NodeId, Progress>;
  /** Its no-op: from here on it may count replicas (§3.6.2). */
  readonly firstIndexOfTerm: LogIndex;
  heartbeatDueAt: MonotonicMs;
  /** The last round of heartbeats; each has its own number (Q3). */
  round: ReadRound;
  readonly reads: Reads;
  /** The change of membership that somebody waits for; it may be through, or two entries away. */
  change: { readonly ticket: Ticket } | undefined;
  /** Silence before this is nobody's fault: not yet elected, or not awake. */
  silenceCountsFrom: MonotonicMs;
}

export type Role = Follower | PreCandidate | Candidate | Leader;

/** Reads that wait for the word of a quorum (§6.4). */
export interface Reads {
  /** Not in a round yet. */
  gathered: Ticket[];
  /** Oldest first: waiting for a quorum to answer this round or a later one. */
  rounds: {
    readonly round: ReadRound;
    readonly index: LogIndex;
    readonly tickets: readonly Ticket[];
  }[];
}

/** The leader of this term, as heard here. */
export interface LeaderContact {
  readonly leaderId: NodeId;
  readonly incarnation: Incarnation;
  readonly heardAt: MonotonicMs;
  /** Its last connection closed and it was not heard since: when to ask for pre-votes (DESIGN §4). */
  readonly closed: { readonly preVoteDueAt: MonotonicMs } | undefined;
}

/** Leadership on its way to another node (§3.10). */
export interface Transfer {
  readonly ticket: Ticket;
  readonly target: NodeId;
  readonly dueAt: MonotonicMs;
  /** The term in which it was asked for; the target will lead in a later one. */
  readonly term: Term;
  /** It was told to campaign. */
  hasAsked: boolean;
}

/** A snapshot arriving here, chunk by chunk (§5). */
export interface Install {
  readonly snapshot: SnapshotMeta;
  /** The term whose leader sends it: within one term a newer snapshot supersedes an older one. */
  readonly term: Term;
  readonly nextChunk: number;
  /** The chunk that the storage is busy with: `nextChunk`. */
  readonly storing: { readonly isLast: boolean } | undefined;
}

export interface RaftState {
  readonly nodeId: NodeId;
  readonly incarnation: Incarnation;
  readonly settings: CoreSettings;
  readonly prng: Prng;

  /** On disk, or on its way there: `durability` knows which. */
  hardState: HardState;
  readonly log: Log;
  readonly configurations: ConfigurationHistory;
  /** The newest of our own state that is stored, or that was installed. */
  snapshot: SnapshotMeta | undefined;
  readonly durability: Durability;

  commitIndex: LogIndex;
  /** The driver was told to apply through here: behind `commitIndex` only on a diverged node. */
  toldIndex: LogIndex;
  /** It has applied through here, at its own pace. */
  appliedIndex: LogIndex;
  role: Role;
  /** Never changes within a term once known (§3.6, E11). */
  leaderOfTerm: NodeId | undefined;
  contact: LeaderContact | undefined;
  /** When this node campaigns, unless it hears of a leader, votes, or leads. */
  electionDueAt: MonotonicMs;
  transfer: Transfer | undefined;
  install: Install | undefined;
  isDiskStalled: boolean;
  isDiverged: boolean;
}

/** What a start finds on disk; the storage's `Recovered` satisfies it. */
export interface RecoveredLog {
  readonly hardState: HardState;
  readonly snapshot: SnapshotMeta | undefined;
  readonly entries: readonly Entry[];
  readonly base: Position;
  readonly commitIndex: LogIndex;
}

export interface RaftParts {
  readonly nodeId: NodeId;
  readonly incarnation: Incarnation;
  readonly settings: CoreSettings;
  /** For the dice: unsigned, 32 bits. */
  readonly seed: number;
  readonly now: MonotonicMs;
  readonly recovered: RecoveredLog;
}

/** A node starts as a follower of nobody (§3.4), with what it had promised before. */
export function recoveredState(parts: RaftParts): RaftState {
  const { recovered } = parts;
  const snapshotIndex = recovered.snapshot?.index ?? ZERO_INDEX;
  const log = new Log(recovered.base, recovered.entries);
  assert(log.base.index <= snapshotIndex, "what is not in the log is in the snapshot");
  assert(log.lastIndex >= snapshotIndex, "the log begins at the snapshot or before it");
  assert(recovered.hardState.term >= log.lastTerm, "a term is on disk before its entries (R17)");
  const configurations = new ConfigurationHistory({
    index: snapshotIndex,
    configuration: recovered.snapshot?.configuration ?? EMPTY_CONFIGURATION,
  });
  configurations.append(recovered.entries.filter((entry) => entry.index > snapshotIndex));
  const { hardState } = recovered;
  const commitIndex = logIndex(Math.max(snapshotIndex, recovered.commitIndex));
  return {
    nodeId: parts.nodeId,
    incarnation: parts.incarnation,
    settings: parts.settings,
    prng: new Prng(parts.seed),
    hardState,
    log,
    configurations,
    snapshot: recovered.snapshot,
    durability: new Durability({ lastIndex: log.lastIndex, hardState, snapshotIndex }),
    commitIndex,
    toldIndex: commitIndex,
    appliedIndex: snapshotIndex,
    role: { kind: "follower", leaderId: undefined },
    leaderOfTerm: undefined,
    contact: undefined,
    electionDueAt: parts.now,
    transfer: undefined,
    install: undefined,
    isDiskStalled: false,
    isDiverged: false,
  };
}

/** Where a node stands; cheap to ask for. */
export interface Positions {
  readonly role: RoleName;
  readonly term: Term;
  readonly votedFor: NodeId | undefined;
  readonly leaderId: NodeId | undefined;
  /** The log in memory begins after this. */
  readonly baseIndex: LogIndex;
  readonly snapshotIndex: LogIndex;
  readonly appliedIndex: LogIndex;
  readonly commitIndex: LogIndex;
  readonly persistedIndex: LogIndex;
  readonly lastIndex: LogIndex;
}

/** Whom this node takes for the leader of its term. */
export function leaderIdOf(state: RaftState): NodeId | undefined {
  if (state.role.kind === "leader") return state.nodeId;
  return state.role.kind === "follower" ? state.role.leaderId : undefined;
}

export function positionsOf(state: RaftState): Positions {
  return {
    role: state.role.kind,
    term: state.hardState.term,
    votedFor: state.hardState.votedFor,
    leaderId: leaderIdOf(state),
    baseIndex: state.log.base.index,
    snapshotIndex: state.snapshot?.index ?? ZERO_INDEX,
    appliedIndex: state.appliedIndex,
    commitIndex: state.commitIndex,
    persistedIndex: state.durability.lastIndex,
    lastIndex: state.log.lastIndex,
  };
}

/** Waits differ, so that elections seldom collide (§3.4). */
export function drawElectionTimeoutMs(state: RaftState): number {
  const { electionTimeoutMinMs, electionTimeoutMaxMs } = state.settings;
  return state.prng.between({ from: electionTimeoutMinMs, to: electionTimeoutMaxMs });
}
