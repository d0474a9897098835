// input.ts — all that can happen to a node. Adapters only enqueue these; the core alone decides.
import type { Configuration, Member } from "./configuration.ts";
import type { Incarnation, LogIndex, NodeId, PersistSequence, Term } from "./ids.ts";
import type { Message, SnapshotMeta } from "./message.ts";

/** What an operator may ask of the membership (§4). */
export type MembershipChange =
  | { readonly kind: "add-learner"; readonly member: Member }
  /** A learner that has caught up becomes a voter. */
  | { readonly kind: "promote"; readonly id: NodeId }
  | { readonly kind: "remove"; readonly id: NodeId }
  /** The place of `id`: of a learner for a new node, of a voter for a learner. */
  | { readonly kind: "replace"; readonly id: NodeId; readonly member: Member }
  | {
      readonly kind: "update-address";
      readonly id: NodeId;
      readonly clientUrl: string;
      readonly peerUrl: string;
    };

/** Names a waiting proposal, read, transfer or change of the driver; the core hands it back and knows no more. */
export type Ticket = number;

export type Input =
  /** Time passed. Sent when `raft.wakeAt` is reached; harmless at any other time. */
  | { readonly kind: "wake" }
  | { readonly kind: "message"; readonly message: Message; readonly incarnation: Incarnation }
  /** The last open connection to this run of a peer closed (and had lived an election timeout). */
  | { readonly kind: "disconnected"; readonly peer: NodeId; readonly incarnation: Incarnation }
  /** Each payload becomes one entry, in order, all or none. Answer: `accepted` or `refused`. */
  | { readonly kind: "propose"; readonly ticket: Ticket; readonly payloads: readonly Uint8Array[] }
  /** A linearizable read (§6.4). Answer: `readable` or `read-refused`. */
  | { readonly kind: "read"; readonly ticket: Ticket }
  /** Persist effect `sequence`, issued in `term`, and all before it are on disk. */
  | { readonly kind: "persisted"; readonly sequence: PersistSequence; readonly term: Term }
  /** The state machine has applied through here; only the driver's bookkeeping, for checkState. */
  | { readonly kind: "applied"; readonly through: LogIndex }
  /** First entry of a new cluster, on an empty log in term 0 (DESIGN §4, forming). */
  | { readonly kind: "bootstrap"; readonly configuration: Configuration }
  /** Hand leadership to `to`, or to the best follower (§3.10). Answer: `transfer-ended`. */
  | { readonly kind: "transfer"; readonly ticket: Ticket; readonly to: NodeId | undefined }
  /**
   * Change who is in the cluster. `waived`: also where no majority of the new voters answers now.
   * Answer: `membership-changed`, `membership-refused` or `membership-unknown`.
   */
  | {
      readonly kind: "change-membership";
      readonly ticket: Ticket;
      readonly change: MembershipChange;
      readonly guard: "kept" | "waived";
    }
  /** A snapshot of our own state is stored and durable: note it in the WAL. */
  | { readonly kind: "snapshot-taken"; readonly snapshot: SnapshotMeta }
  /** The snapshot is marked in the WAL: entries through here may go (never above a durable mark). */
  | { readonly kind: "compact"; readonly through: LogIndex }
  /** Answer to `load-chunk`: the bytes to send. */
  | {
      readonly kind: "chunk-loaded";
      readonly to: NodeId;
      readonly snapshot: SnapshotMeta;
      readonly chunk: number;
      readonly bytes: Uint8Array;
      readonly isLast: boolean;
    }
  /** Answer to `load-chunk`: it can't be read (removed, damaged). The transfer starts anew. */
  | { readonly kind: "chunk-unavailable"; readonly to: NodeId; readonly snapshot: SnapshotMeta }
  /** Answer to `store-chunk`: taken; after the last one the whole snapshot is durable. */
  | { readonly kind: "chunk-stored"; readonly snapshot: SnapshotMeta; readonly chunk: number }
  /** Answer to `store-chunk`: it did not check out, or can't be stored. Ask again from chunk 0. */
  | { readonly kind: "chunk-refused"; readonly snapshot: SnapshotMeta; readonly chunk: number }
  /** Our state differs from the majority's (true), or was replaced by a snapshot (false). */
  | { readonly kind: "diverged"; readonly diverged: boolean }
  /** The oldest unfinished write is older than the election timeout (true), or caught up (false). */
  | { readonly kind: "disk-stalled"; readonly stalled: boolean };
