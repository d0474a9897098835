// index.ts — the door of @rogerd/raft: what other packages may name. By name only.

// The driver (src/node).
export { DiskStalledError, SnapshotMissingError, WriteFailedError } from "./node/failures.ts";
export type { NodeIdentity } from "./node/identity.ts";
export type { Note, RaftObserver, RoleChange, SnapshotFact } from "./node/observer.ts";
export type { ProposalOutcome, ReadOutcome, TransferOutcome } from "./node/outcomes.ts";
export type { Platform, Timer } from "./node/platform.ts";
export { RaftNode } from "./node/raft-node.ts";
export type { RaftNodeParts } from "./node/raft-node.ts";
export { defaultRaftNodeSettings } from "./node/settings.ts";
export type { RaftNodeSettings } from "./node/settings.ts";
export type { Committed, SnapshotContent, StateMachine } from "./node/state-machine.ts";
export type { FollowerStatus, RaftStatus } from "./node/status.ts";
export type { Transport, TransportReceiver } from "./node/transport.ts";
