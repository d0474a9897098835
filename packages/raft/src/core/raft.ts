// raft.ts — class Raft: one node's part of the protocol, as a function of its inputs.
// Under construction: the surface stands, the body follows.
import { InvariantViolation } from "./assert.ts";
import type { Configuration } from "./configuration.ts";
import type { Effect, HardState, RoleName } from "./effect.ts";
import type { Entry } from "./entry.ts";
import type { Incarnation, LogIndex, MonotonicMs, NodeId, Term } from "./ids.ts";
import type { Input } from "./input.ts";
import type { SnapshotMeta } from "./message.ts";
import type { CoreSettings } from "./settings.ts";

/** What a start finds on disk; the storage's `Recovered` satisfies it. */
export interface RecoveredLog {
  readonly hardState: HardState;
  readonly snapshot: SnapshotMeta | undefined;
  readonly entries: readonly Entry[];
  readonly base: { readonly index: LogIndex; readonly term: Term };
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

export interface FollowerProgress {
  readonly id: NodeId;
  readonly matchIndex: LogIndex;
  readonly state: "probe" | "stream" | "snapshot";
  readonly heardAt: MonotonicMs | undefined;
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

export class Raft {
  constructor(_parts: RaftParts) {
    throw new InvariantViolation("under construction");
  }

  /** After a start apply through `positions.commitIndex`; from then on `commit` effects tell. */
  step(_input: Input, _now: MonotonicMs): readonly Effect[] {
    throw new InvariantViolation("under construction");
  }

  /** When the next `wake` is due. Changes with every step. */
  get wakeAt(): MonotonicMs {
    throw new InvariantViolation("under construction");
  }

  get positions(): Positions {
    throw new InvariantViolation("under construction");
  }

  status(): CoreStatus {
    throw new InvariantViolation("under construction");
  }

  /** For apply: entries after `after` through `through` at most, at least one, then up to `bytesMax`. */
  entriesBetween(_range: {
    readonly after: LogIndex;
    readonly through: LogIndex;
    readonly bytesMax: number;
  }): readonly Entry[] {
    throw new InvariantViolation("under construction");
  }

  /** For a snapshot at `index`: the configuration as of it, never a later one (M2, M11). */
  configurationAt(_index: LogIndex): Configuration {
    throw new InvariantViolation("under construction");
  }

  /** Entries after this are still wanted by a follower that is being fed: compact through it at most. */
  get pinnedAfter(): LogIndex | undefined {
    throw new InvariantViolation("under construction");
  }

  /** Snapshots on their way to a follower: they must stay readable. */
  get snapshotsInUse(): readonly SnapshotMeta[] {
    throw new InvariantViolation("under construction");
  }

  /** A diverged follower asks for a snapshot, and ours is missing or too old for it: take one now. */
  get isSnapshotWanted(): boolean {
    throw new InvariantViolation("under construction");
  }
}
