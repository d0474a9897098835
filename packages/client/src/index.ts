// index.ts — the door of the client, and the only file that knows the real world.
import { RogerdClient } from "./client.ts";
import { nodePlatform } from "./node-platform.ts";
import type { ConnectOptions } from "./connect-options.ts";

/**
 * Connects to the cluster's leader and opens a session there; with `until: "node"`, to any node. Rejects with
 * `InvalidArgumentError` before anything is dialed, when every node refuses for good (`UnauthenticatedError`), and after
 * `timeoutMs`: with the refusal, if one node refused and no other took this client, else with `DeadlineExceededError`.
 */
export function connect(options: ConnectOptions): Promise<RogerdClient> {
  return RogerdClient.connect(options?.platform ?? nodePlatform, options);
}

export type {
  Brand,
  Busy,
  CancelMarkItem,
  CancelRuleItem,
  ClearedJob,
  Decided,
  ErrorCode,
  EventItem,
  EventKind,
  EventType,
  ExecutionKeyItem,
  FencingToken,
  FinalOutcome,
  FinishedJobItem,
  FinishResult,
  HolderItem,
  Kept,
  KeyHoldersItem,
  LimitRulesItem,
  ListedItem,
  MarkedJob,
  NotHeldReason,
  NotImportedReason,
  PartitionDefault,
  PartitionDefaults,
  PartitionItem,
  PartitionLimit,
  PartitionLimits,
  PauseItem,
  QueueKeyItem,
  QueueKeyStanding,
  Refusal,
  Result,
  RunItem,
  SessionId,
  SessionItem,
  SessionListItem,
  SettingsChange,
  StartResult,
  StateEvent,
  Subprotocol,
  Synced,
  SyncedEnding,
  SyncedHold,
  SyncedRun,
  SyncedWait,
  WaitEnding,
  WaiterItem,
  Waiting,
  WaitStanding,
  WatchedEvent,
  Watching,
  WhyJob,
  WhyKey,
} from "@rogerd/protocol";
export type { BackOffBounds } from "./back-off.ts";
export type { Reply } from "./call.ts";
export type { Caller, CallOptions, Question, ReadOptions } from "./caller.ts";
export { RogerdClient } from "./client.ts";
export type { ConnectionSettings } from "./connection.ts";
export {
  ClientClosedError,
  type ClientErrorCode,
  CompactedError,
  DeadlineExceededError,
  type ErrorParts,
  IndeterminateError,
  InvalidArgumentError,
  JobCancelledError,
  KeyLostError,
  LeaseLostError,
  OverloadedError,
  PartitionNotStartedError,
  QueuePausedError,
  QuotaExceededError,
  RogerdError,
  RunFencedError,
  SessionExpiredError,
  StopWantedError,
  UnauthenticatedError,
  UnavailableError,
} from "./errors.ts";
export type { ClientEvent } from "./events.ts";
export type {
  ExecutionKeyAcquired,
  ExecutionKeyRule,
  ExecutionKeyWish,
  ExecutionKeyWithdrawn,
} from "./execution-key.ts";
export type { JobFinishedAndStarted, NextJob } from "./finish-and-start.ts";
export type { HeldKey, KeyReleased } from "./held-key.ts";
export type { JobStart, JobStarted } from "./job.ts";
export { Keeper, type KeeperParts } from "./keeper.ts";
export type { KeeperNews, KeeperOrder, KeeperSettings, KeptSession } from "./keeper-words.ts";
export type { LinkSettings } from "./leader-link.ts";
export type { Confirmation, Instant } from "./lease.ts";
export type { ItemOfKind, ListOptions, Page } from "./list.ts";
export type {
  Attribution,
  CancelRuleMatch,
  Changed,
  Partition,
  PartitionUpdate,
  PauseTerms,
  QueueKeyClaim,
  QueueKeyClaimed,
  QueueKeyDone,
} from "./partition.ts";
export type {
  ClientPlatform,
  DialTarget,
  Socket,
  SocketListener,
  Thread,
  ThreadListener,
  Timer,
} from "./platform.ts";
export { RogerGlobal } from "./roger.ts";
export type { FinishOptions, JobFinished, JobOutcome, Run } from "./run.ts";
export type { SessionState } from "./session.ts";
export type { ConnectOptions } from "./connect-options.ts";
export type { Watch, WatchOptions } from "./watch.ts";
