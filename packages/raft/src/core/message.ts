// message.ts — the RPCs between nodes as one union, and which of them pledge something.
// A *free* message promises nothing that a crash could take back; it may leave at once.
// A *pledge* is true only once something is on this node's disk; it can leave only as the
// `release` of a persist effect (see effect.ts), so no code path can send it too early (§3.8).
// Any message may be lost, repeated, late, or out of order between connections (V12).
import type { Configuration } from "./configuration.ts";
import type { Entry } from "./entry.ts";
import type { LogIndex, NodeId, ReadRound, Term } from "./ids.ts";

interface Envelope {
  readonly from: NodeId;
  readonly to: NodeId;
  /** The sender's term; of a pre-vote and its reply see there. */
  readonly term: Term;
}

/** Names a snapshot: the state after `index`. `hash` is over its content, equal on all nodes. */
export interface SnapshotMeta {
  readonly index: LogIndex;
  readonly term: Term;
  /** The configuration as of `index`, never a later or uncommitted one (M2, M11). */
  readonly configuration: Configuration;
  /** State hash, 1–128 characters of [0-9a-f]. */
  readonly hash: string;
}

/** "Would you vote for me in `term`?" — `term` is the one it would campaign in; nobody adopts it (§9.6). */
export interface RequestPreVote extends Envelope {
  readonly kind: "request-pre-vote";
  readonly lastIndex: LogIndex;
  readonly lastTerm: Term;
}

/** Granted: `term` is the asked one. Refused: the refuser's own term, so that the asker catches up (E13). */
export interface PreVoteReply extends Envelope {
  readonly kind: "pre-vote-reply";
  readonly isGranted: boolean;
}

/**
 * RequestVote (§3.4). `cause: "transfer"` passes stickiness: the leader itself asked for it (§3.10).
 * Pledge: the candidate's term and its vote for itself are on disk, and with them the log it boasts
 * of. Otherwise a crash could take both back, and a late vote of the first attempt would elect the
 * shorter log of a second attempt in the same term.
 */
export interface RequestVote extends Envelope {
  readonly kind: "request-vote";
  readonly lastIndex: LogIndex;
  readonly lastTerm: Term;
  readonly cause: "timeout" | "transfer";
}

export interface VoteRefused extends Envelope {
  readonly kind: "vote-refused";
}

/** Pledge: this vote is on disk. */
export interface VoteGranted extends Envelope {
  readonly kind: "vote-granted";
}

/** AppendEntries (§3.5). Also probes (no entries). Heartbeats are their own kind: they wait for no disk. */
export interface AppendEntries extends Envelope {
  readonly kind: "append-entries";
  readonly prevIndex: LogIndex;
  readonly prevTerm: Term;
  readonly entries: readonly Entry[];
  readonly commitIndex: LogIndex;
}

/** Pledge: the log up to `matchIndex` equals the leader's and is on this node's disk. */
export interface AppendAccepted extends Envelope {
  readonly kind: "append-accepted";
  readonly matchIndex: LogIndex;
}

/** The entry before the appended ones does not match. The hint lets the leader skip a whole term at a time. */
export interface AppendRejected extends Envelope {
  readonly kind: "append-rejected";
  readonly rejectedIndex: LogIndex;
  /** Where the leader may look next: the last index here whose term is ≤ the asked term … */
  readonly hintIndex: LogIndex;
  /** … and the term of the entry there. */
  readonly hintTerm: Term;
}

export interface Heartbeat extends Envelope {
  readonly kind: "heartbeat";
  /** min(leader's commit, what this follower is known to hold). */
  readonly commitIndex: LogIndex;
  readonly round: ReadRound;
}

export interface HeartbeatReply extends Envelope {
  readonly kind: "heartbeat-reply";
  readonly round: ReadRound;
  /** This node's state differs from the majority's: it asks to be given a snapshot (DESIGN §5). */
  readonly wantsSnapshot: boolean;
}

/** One chunk of a snapshot (§5). The same bytes as on disk; the storage layer checks their checksums. */
export interface InstallSnapshot extends Envelope {
  readonly kind: "install-snapshot";
  readonly snapshot: SnapshotMeta;
  /** Number of this chunk, from 0. */
  readonly chunk: number;
  readonly bytes: Uint8Array;
  readonly isLast: boolean;
}

/** "Go on with chunk `nextChunk`": after a chunk, and after a disconnect to resume. Promises nothing. */
export interface SnapshotProgress extends Envelope {
  readonly kind: "snapshot-progress";
  readonly snapshotIndex: LogIndex;
  readonly snapshotHash: string;
  readonly nextChunk: number;
}

/** Leadership transfer (§3.10): campaign now. */
export interface TimeoutNow extends Envelope {
  readonly kind: "timeout-now";
}

export type FreeMessage =
  | RequestPreVote
  | PreVoteReply
  | VoteRefused
  | AppendEntries
  | AppendRejected
  | Heartbeat
  | HeartbeatReply
  | InstallSnapshot
  | SnapshotProgress
  | TimeoutNow;

/** What is true only once something is on the sender's disk (§3.8). */
export type PledgeMessage = RequestVote | VoteGranted | AppendAccepted;

declare const pledged: unique symbol;
/** Made only by `pledge` in effect.ts, and only into a persist effect. */
export type Pledge = PledgeMessage & { readonly [pledged]: true };

/** What arrives: here the difference no longer matters, the sender has kept it. */
export type Message = FreeMessage | PledgeMessage;

/** Only the leader of its term sends these. */
export function isOfLeader(message: Message): boolean {
  const { kind } = message;
  return kind === "append-entries" || kind === "heartbeat" || kind === "install-snapshot";
}
