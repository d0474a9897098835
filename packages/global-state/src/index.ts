// index.ts — the door of @rogerd/global-state: what the daemon, the protocol and the client may know.
export { InvariantViolation } from "./assert.ts";
export type {
  GroupRead,
  GroupWrite,
  ImportedTable,
  ListKind,
  ListRead,
  LogEntry,
  OnConflict,
  Origin,
  PartitionRead,
  PartitionWrite,
  Read,
  Submission,
  Write,
} from "./command.ts";
export { isListRead } from "./command.ts";
export type {
  EventItem,
  EventKind,
  EventType,
  KeyHoldersItem,
  LimitRulesItem,
  SessionItem,
  StateEvent,
} from "./event/event.ts";
export { eventKinds } from "./event/event.ts";
export type { LimitRule } from "./execution-key/limit-rules.ts";
export type { FeatureLevel } from "./feature-level.ts";
export { featureLevelLast, featureLevelOf, isKnownFeatureLevel } from "./feature-level.ts";
export { type ForcedRelease, type Releasable, releasableKinds } from "./force-release.ts";
export type {
  Epoch,
  GlobalStateParts,
  ReadAnswer,
  Restoration,
  SessionView,
} from "./global-state.ts";
export { GlobalState } from "./global-state.ts";
export type {
  Brand,
  FencingToken,
  JobId,
  Key,
  LogTimeMs,
  OpenId,
  PartitionId,
  Revision,
  Selector,
  SessionId,
} from "./ids.ts";
export {
  fencingToken,
  jobId,
  key,
  logTimeMs,
  openId,
  partitionId,
  revision,
  selector,
  sessionId,
} from "./ids.ts";
export type { ImportPlan } from "./import/import-plan.ts";
export type { JobFinish } from "./job/job-finish.ts";
export type { JobAsStarted, JobStart, Unique, WantedKey } from "./job/job-start.ts";
export type { Limits, Range } from "./limits.ts";
export { defaultLimits, jobIdsMax, listLimitMax } from "./limits.ts";
export { isOpenIdText, nameBytesMax } from "./names.ts";
export type { Notice, WaitEnding } from "./notice.ts";
export type { ParsedCommand } from "./parse-command.ts";
export { parseCommand } from "./parse-command.ts";
export type {
  PartitionDefault,
  PartitionDefaults,
  PartitionLimit,
  PartitionLimits,
  SettingsChange,
} from "./partition/partition-settings.ts";
export { partitionDefaultNames, partitionLimitNames } from "./partition/partition-settings.ts";
export { readViewCursor, type ViewPlace, writeViewCursor } from "./read/cursor.ts";
export { pageBytesMax } from "./read/list.ts";
export type { ListView, ViewOwner } from "./read/list-view.ts";
export { wireBytes } from "./read/wire-bytes.ts";
export type {
  Busy,
  CancelMarkItem,
  CancelRuleItem,
  ClearedJob,
  ExecutionKeyItem,
  FinalOutcome,
  FinishedJobItem,
  FinishResult,
  HolderItem,
  JobOutcome,
  ListedItem,
  MarkedJob,
  NotHeldReason,
  NotImportedReason,
  Outcome,
  PartitionItem,
  PauseItem,
  QueueKeyItem,
  QueueKeyStanding,
  Refusal,
  Result,
  RunItem,
  SessionListItem,
  StartResult,
  Synced,
  SyncedEnding,
  SyncedHold,
  SyncedRun,
  SyncedWait,
  WaiterItem,
  Waiting,
  WaitStanding,
  WhyJob,
  WhyKey,
} from "./result.ts";
export { DamagedSnapshotError } from "./snapshot/damaged-snapshot.ts";
export type { EpochPurpose } from "./snapshot/epoch.ts";
