// observer.ts — what a node tells its owner, as facts. Nothing here asks for an answer, and
// nothing an observer does may change what the node decides.
import type { Configuration } from "../core/configuration.ts";
import type { RoleName } from "../core/effect.ts";
import type { LogIndex, NodeId, Term } from "../core/ids.ts";

export interface RoleChange {
  readonly role: RoleName;
  readonly term: Term;
  readonly leaderId: NodeId | undefined;
  readonly cause: string;
}

export interface SnapshotFact {
  readonly index: LogIndex;
  readonly term: Term;
  readonly hash: string;
}

/** One log line: a fixed message and its fields. */
export interface Note {
  readonly message: string;
  readonly fields: Readonly<Record<string, string | number | undefined>>;
}

export interface RaftObserver {
  /** The role, the term or the known leader changed. */
  roleChanged(change: RoleChange): void;
  /** A snapshot of our own state is durable and marked in the log. */
  snapshotStored(snapshot: SnapshotFact): void;
  /** The state was replaced by the leader's snapshot. */
  snapshotInstalled(snapshot: SnapshotFact): void;
  /** A configuration is in force: appended here, or taken back with the entry that brought it (§4.1). */
  configurationChanged(configuration: Configuration): void;
  /** This one is committed: nothing takes it back, and its tombstones are for good. */
  configurationCommitted(configuration: Configuration): void;
  /** Fatal: the node has ended, nothing leaves it any more, the process must end. Called at most once. */
  failed(error: unknown): void;
  note(fact: Note): void;
}
