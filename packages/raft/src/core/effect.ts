// effect.ts — all that the core can ask for. The driver performs effects in their order; only
// `persist` takes time, and completions come back as inputs.
// What the driver owes: persists reach the disk in the order of `sequence`; a `release` leaves only
// after its persist (and all before it) is synced; `send` may leave at once.
import type { Entry } from "./entry.ts";
import type { LogIndex, NodeId, PersistSequence, Term } from "./ids.ts";
import type { Ticket } from "./input.ts";
import type { FreeMessage, Pledge, PledgeMessage, SnapshotMeta } from "./message.ts";

/** Term and vote: durable before any answer that rests on them (§3.8). */
export interface HardState {
  readonly term: Term;
  readonly votedFor: NodeId | undefined;
}

/**
 * What one persist changes on disk, in this order: hard state, truncation, entries, snapshot mark.
 * One that changes nothing writes nothing: its release only waits for those before it, and if none is
 * on its way it leaves at once. It is completed by a `persisted` input like any other.
 */
export interface Persist {
  readonly kind: "persist";
  readonly sequence: PersistSequence;
  /** The term in which it was issued; comes back with the completion. */
  readonly term: Term;
  readonly hardState: HardState | undefined;
  /** Remove entries from this index on, before appending. */
  readonly truncateFrom: LogIndex | undefined;
  readonly entries: readonly Entry[];
  readonly snapshotMark: SnapshotMark | undefined;
  readonly release: readonly Pledge[];
}

export interface SnapshotMark {
  readonly snapshot: SnapshotMeta;
  /** `keep`: our own snapshot, entries after it stay. `discard`: installed over a log that did not match. */
  readonly log: "keep" | "discard";
}

export type RoleName = "follower" | "pre-candidate" | "candidate" | "leader";

export type RefusalReason = "not-leader" | "transferring" | "overloaded" | "disk-stalled";

/** Why a change of membership was certainly not begun. */
export type MembershipRefusal =
  | "not-leader"
  | "transferring"
  /** Nothing of this leader's term is committed yet (M1). */
  | "term-not-begun"
  /** Another change is not through yet. */
  | "change-under-way"
  | "not-a-member"
  | "not-a-learner"
  | "already-a-member"
  /** Ids that were removed never come back. */
  | "removed-before"
  | "name-taken"
  /** Two nodes that are dialed at one address cut each other off, again and again. */
  | "address-taken"
  /** A configuration is stored as a whole: it has room for so many members, and for so many that were removed. */
  | "too-many-members"
  | "too-many-removed"
  | "unchanged"
  | "last-voter"
  /** It lacks more of the log than is on its way, or was not heard lately. */
  | "not-caught-up"
  /** Of those that would vote, no majority answers now. */
  | "majority-not-there";

export type Effect =
  | Persist
  | { readonly kind: "send"; readonly message: FreeMessage }
  /** Apply through here (`raft.entriesBetween` gives the entries). After `restore` it may repeat. */
  | { readonly kind: "commit"; readonly through: LogIndex }
  /** The proposal holds indexes `first`… in `term`; it may still be lost. */
  | {
      readonly kind: "accepted";
      readonly ticket: Ticket;
      readonly first: LogIndex;
      readonly term: Term;
    }
  | { readonly kind: "refused"; readonly ticket: Ticket; readonly reason: RefusalReason }
  /** Linearizable once `index` is applied. */
  | { readonly kind: "readable"; readonly ticket: Ticket; readonly index: LogIndex }
  | { readonly kind: "read-refused"; readonly ticket: Ticket; readonly reason: RefusalReason }
  | {
      readonly kind: "transfer-ended";
      readonly ticket: Ticket;
      readonly outcome:
        | "done"
        | "timed-out"
        | "no-target"
        /** The one that was named has not answered lately. */
        | "unreachable"
        | "not-leader"
        | "superseded";
    }
  /** The last configuration of the change is at `index`, and committed. */
  | { readonly kind: "membership-changed"; readonly ticket: Ticket; readonly index: LogIndex }
  | {
      readonly kind: "membership-refused";
      readonly ticket: Ticket;
      readonly reason: MembershipRefusal;
    }
  /** Leadership was lost before the change was through: it may still come about, or never. */
  | { readonly kind: "membership-unknown"; readonly ticket: Ticket }
  /** Entries from here on were removed here. Elsewhere they may live on, and even be committed: who waits
   *  for one has lost only once another entry is committed in its place. */
  | { readonly kind: "truncated"; readonly from: LogIndex }
  | {
      readonly kind: "role-changed";
      readonly role: RoleName;
      readonly term: Term;
      readonly leaderId: NodeId | undefined;
      readonly cause: string;
    }
  /** Read chunk `chunk` of this snapshot; answer with `chunk-loaded` or `chunk-unavailable`. */
  | {
      readonly kind: "load-chunk";
      readonly to: NodeId;
      readonly snapshot: SnapshotMeta;
      readonly chunk: number;
    }
  /** Keep this chunk; answer `chunk-stored` or `chunk-refused`. Chunk 0 drops any other unfinished one. */
  | {
      readonly kind: "store-chunk";
      readonly snapshot: SnapshotMeta;
      readonly chunk: number;
      readonly bytes: Uint8Array;
      readonly isLast: boolean;
    }
  /**
   * The snapshot is stored, its mark is in this step's persist: replace the state machine's state by it
   * before applying more. The next entry to apply is `snapshot.index + 1`. Who waits for an entry at or
   * below it will not learn its result here.
   */
  | { readonly kind: "restore"; readonly snapshot: SnapshotMeta };

/** The only maker of pledges. The caller puts the result into `Persist.release` and nowhere else. */
export function pledge(message: PledgeMessage): Pledge {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the only place that may say so
  return message as Pledge;
}
