// index.ts — the door of @rogerd/raft: what other packages may name. By name only.

// The core (src/core).
export { assert, InvariantViolation } from "./core/assert.ts";
export { EMPTY_CONFIGURATION } from "./core/configuration.ts";
export type { Configuration, Member } from "./core/configuration.ts";
export type { Effect, HardState, Persist, RefusalReason, RoleName } from "./core/effect.ts";
export type { MembershipRefusal, SnapshotMark } from "./core/effect.ts";
export { entryBytes } from "./core/entry.ts";
export type { Entry } from "./core/entry.ts";
export { type ForgottenLog, ForgottenLogError } from "./core/forgotten-log.ts";
export {
  incarnation,
  isNodeId,
  logIndex,
  monotonicMs,
  nodeId,
  readRound,
  term,
} from "./core/ids.ts";
export type { Incarnation, LogIndex, MonotonicMs, NodeId, ReadRound, Term } from "./core/ids.ts";
export type { Input, MembershipChange, Ticket } from "./core/input.ts";
export type { FreeMessage, Message, Pledge, PledgeMessage, SnapshotMeta } from "./core/message.ts";
export { Raft } from "./core/raft.ts";
export type { Positions, RaftParts, RecoveredLog } from "./core/state.ts";
export type { CoreStatus, FollowerProgress } from "./core/status.ts";
export { checkSettings as checkCoreSettings, defaultCoreSettings } from "./core/settings.ts";
export type { CoreSettings } from "./core/settings.ts";

// The driver (src/node).
export { DiskStalledError, SnapshotMissingError, WriteFailedError } from "./node/failures.ts";
export type { NodeIdentity } from "./node/identity.ts";
export type { Note, RaftObserver, RoleChange, SnapshotFact } from "./node/observer.ts";
export type {
  MembershipOutcome,
  ProposalOutcome,
  ReadOutcome,
  TransferOutcome,
} from "./node/outcomes.ts";
export type { Platform, Timer } from "./node/platform.ts";
export { RaftNode } from "./node/raft-node.ts";
export type { RaftNodeParts } from "./node/duties.ts";
export { defaultRaftNodeSettings } from "./node/settings.ts";
export type { RaftNodeSettings } from "./node/settings.ts";
export type { Committed, SnapshotContent, StateMachine } from "./node/state-machine.ts";
export type { FollowerStatus, RaftStatus } from "./node/status.ts";
export type { Transport, TransportReceiver } from "./node/transport.ts";

// Storage (src/storage).
export { bindIdentity, ForeignClusterError, groupFolders } from "./storage/data-folder.ts";
export { readIdentity, startIdentity, writeIdentity } from "./storage/data-folder.ts";
export type { DataFolder, NodeRecord } from "./storage/data-folder.ts";
export type { TestFunctions } from "./storage/contract-claims.ts";
export { DiskError } from "./storage/disk.ts";
export type { Disk, DiskErrorCode, DiskFile } from "./storage/disk.ts";
export { diskContract } from "./storage/disk-contract.ts";
export type { DiskUnderTest } from "./storage/disk-contract.ts";
export { FolderTakenError, lockFolder } from "./storage/folder-lock.ts";
export type { FolderLock, ProcessFacts } from "./storage/folder-lock.ts";
export { inspectFolder } from "./storage/inspect.ts";
export { MemoryDisk } from "./storage/memory-disk.ts";
export type { DiskOperation, DiskWatcher, PowerCut } from "./storage/memory-disk.ts";
export type { Keep, UnsyncedUnit } from "./storage/memory-tree.ts";
export { MemoryStorage } from "./storage/memory-storage.ts";
export { NodeDisk } from "./storage/node-disk.ts";
export { nodeProcessFacts } from "./storage/node-process.ts";
export { notedLog } from "./storage/noted-log.ts";
export type { Persister, SnapshotName } from "./storage/persister.ts";
export { persisterContract } from "./storage/persister-contract.ts";
export type { PersisterUnderTest } from "./storage/persister-contract.ts";
export { isAsideName } from "./storage/new-cluster-switch.ts";
export { foreseeTailLoss, recoverAcceptTailLoss } from "./storage/recover/accept-tail-loss.ts";
export { foreseeNewCluster, recoverForceNewCluster } from "./storage/recover/force-new-cluster.ts";
export {
  addCommand,
  NothingToRecoverError,
  RecoveryRefusedError,
} from "./storage/recover/offline-folder.ts";
export type { RecoveryReport } from "./storage/recover/offline-folder.ts";
export { foreseeRejoin, recoverRejoin } from "./storage/recover/rejoin.ts";
export { FilesystemPersister } from "./storage/snapshot/filesystem-persister.ts";
export { NullPersister } from "./storage/snapshot/null-persister.ts";
export { readFileIfThere, replaceFile } from "./storage/small-file.ts";
export { snapshotName, snapshotSet } from "./storage/snapshot/snapshot-set.ts";
export type { SnapshotSet } from "./storage/snapshot/snapshot-set.ts";
export { readSnapshot, SnapshotChecker } from "./storage/snapshot/snapshot-stream.ts";
export { snapshotChunks } from "./storage/snapshot/snapshot-stream.ts";
export { chunkBytes, chunkFrameBytes, snapshotChunkBytesMax } from "./storage/snapshot/chunk.ts";
export { DamagedDataError } from "./storage/storage.ts";
export { storageContract } from "./storage/storage-contract.ts";
export type { StorageUnderTest } from "./storage/storage-contract.ts";
export type { LogStorage, Recovered, StorageIdentity } from "./storage/storage.ts";
export type { WalBatch, WalRecord } from "./storage/storage.ts";
export { defaultLogStorageLimits, openLogStorage } from "./storage/wal/open-log-storage.ts";
export type { LogStorageLimits, LogStorageParts } from "./storage/wal/open-log-storage.ts";
