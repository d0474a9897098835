// index.ts — the door of the client, and the only file that knows the real world.
import { RogerdClient } from "./client.ts";
import { nodePlatform } from "./node-platform.ts";
import type { ConnectOptions } from "./settings.ts";

/** Connects to the cluster's leader and opens a session there; with `until: "node"`, to any node. */
export function connect(options: ConnectOptions): Promise<RogerdClient> {
  return RogerdClient.connect(options.platform ?? nodePlatform, options);
}

export type {
  CancelMarkItem,
  CancelRuleItem,
  ClearedJob,
  ErrorCode,
  EventKind,
  EventType,
  ExecutionKeyItem,
  MarkedJob,
  PartitionDefault,
  PartitionItem,
  PartitionLimit,
  PauseItem,
  QueueKeyItem,
  QueueKeyStanding,
  Result,
  WatchedEvent,
} from "@rogerd/protocol";
export type { BackOffBounds } from "./back-off.ts";
export type { Reply } from "./call.ts";
export type { Caller, CallOptions, Question, ReadOptions } from "./caller.ts";
export { RogerdClient } from "./client.ts";
export {
  ClientClosedError,
  type ClientErrorCode,
  CompactedError,
  DeadlineExceededError,
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
export { HeldKey, type KeyReleased } from "./held-key.ts";
export type { JobStart, JobStarted } from "./job.ts";
export { Keeper, type KeeperParts } from "./keeper.ts";
export type { KeeperNews, KeeperOrder, KeeperSettings, KeptSession } from "./keeper-words.ts";
export type { ItemOfKind, ListOptions, Page } from "./list.ts";
export {
  type Attribution,
  type CancelRuleMatch,
  type Changed,
  Partition,
  type PartitionUpdate,
  type PauseTerms,
  type QueueKeyClaim,
  type QueueKeyClaimed,
  type QueueKeyDone,
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
export { type FinishOptions, type JobFinished, type JobOutcome, Run } from "./run.ts";
export type { SessionState } from "./session.ts";
export type { ConnectOptions } from "./settings.ts";
export type { Watch, WatchOptions } from "./watch.ts";
