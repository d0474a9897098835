// index.ts — the door of the protocol package.
export type {
  CancelMarkItem,
  CancelRuleItem,
  ClearedJob,
  EventKind,
  EventType,
  ExecutionKeyItem,
  FinishedJobItem,
  ListedItem,
  MarkedJob,
  PartitionDefault,
  PartitionItem,
  PartitionLimit,
  PauseItem,
  QueueKeyItem,
  QueueKeyStanding,
  RunItem,
  SessionListItem,
  SettingsChange,
  Synced,
  SyncedEnding,
  SyncedHold,
  SyncedRun,
  SyncedWait,
  WaitEnding,
} from "@rogerd/global-state";
export type { RejectedRequest } from "./client-frame-check.ts";
export {
  type DecodedClientFrame,
  type DecodedDaemonFrame,
  decodeClientFrame,
  decodeDaemonFrame,
  encodeFrame,
} from "./codec.ts";
export {
  type ErrorCode,
  type ErrorDetails,
  type ErrorObject,
  errorCodes,
  errorObject,
  isErrorCode,
} from "./error-code.ts";
export type {
  Answer,
  Answers,
  ClientFrame,
  DaemonFrame,
  Events,
  FrameError,
  Goodbye,
  Hello,
  LeaderChanged,
  LeaderHint,
  NodeHint,
  Ping,
  Pong,
  Pushes,
  Request,
  Requests,
  WatchEnded,
  Welcome,
} from "./frame.ts";
export {
  agreedVersion,
  chooseSubprotocol,
  type FrameProblem,
  helloProblem,
  protocolVersionMin,
  type Subprotocol,
  welcomeProblem,
} from "./handshake.ts";
export { jsonProblem } from "./json-scan.ts";
export {
  callsInFlightMax,
  closeCodes,
  connectionsMax,
  credentialLengthMax,
  frameBytesMax,
  frameDepthMax,
  handshakeTimeoutMs,
  nameLengthMax,
  outboxBytesMax,
  pingIntervalMs,
  protocolVersion,
  requestBytesMax,
  requestsPerFrameMax,
  subprotocols,
} from "./limits.ts";
export { argsMismatch, isCount, Mismatch } from "./plain-value.ts";
export type { HoldEnded, Push, RunFenced, RunToStop, WaitEnded } from "./push.ts";
export type { Kept, Result } from "./result.ts";
export { requestBounds } from "./scan-bounds.ts";
export type { WatchedEvent } from "./watched-event.ts";
