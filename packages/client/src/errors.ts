// errors.ts — what a call can fail with: a code, may it be repeated, is the outcome known?
// A business outcome ("the key is taken") is a result, never an error (SEMANTICS §3). An error means
// that nothing was decided (`outcomeKnown`: certainly no effect), or that we do not know.
import { type ErrorCode, type ErrorObject, errorCodes } from "@rogerd/protocol";

/**
 * The codes of the wire, and those of the client's own: `closed`, it refuses after `drain()` or `close()`;
 * `key_lost`, what it held is held no more; and why the signal of a run aborts.
 */
export type ClientErrorCode = ErrorCode | (typeof ownCodes)[number];

const ownCodes = ["closed", "key_lost", "run_fenced", "job_cancelled", "queue_paused"] as const;

function isOwn(code: ClientErrorCode): code is (typeof ownCodes)[number] {
  return ownCodes.some((own) => own === code);
}

const ownFacts = { retryable: false, outcomeKnown: true };

export interface ErrorParts {
  readonly message: string;
  /** False: the call may have had its effect. Default: what the code says. */
  readonly outcomeKnown?: boolean;
  readonly cause?: unknown;
}

/** What a call rejects with: a code, whether it may be repeated, and whether the outcome is known. */
export class RogerdError extends Error {
  override readonly name: string = "RogerdError";
  readonly code: ClientErrorCode;
  /** A new call with the same arguments may succeed. */
  readonly retryable: boolean;
  /** True: the call certainly had no effect. False: it may have had. */
  readonly outcomeKnown: boolean;

  constructor(code: ClientErrorCode, parts: ErrorParts) {
    super(parts.message, parts.cause === undefined ? undefined : { cause: parts.cause });
    const facts = isOwn(code) ? ownFacts : errorCodes[code];
    this.code = code;
    this.retryable = facts.retryable;
    this.outcomeKnown = parts.outcomeKnown ?? facts.outcomeKnown;
  }
}

/** The partition was never started, or is stopped: `startPartition` first. */
export class PartitionNotStartedError extends RogerdError {
  override readonly name: string = "PartitionNotStartedError";
  readonly partition: string | undefined;

  constructor(parts: ErrorParts & { readonly partition: string | undefined }) {
    super("not_started", parts);
    this.partition = parts.partition;
  }
}

/** The call may have been executed, once or not at all; nothing can tell any more. */
export class IndeterminateError extends RogerdError {
  override readonly name: string = "IndeterminateError";

  constructor(parts: ErrorParts) {
    super("indeterminate", parts);
  }
}

/** Nobody can decide now: no majority, no leader yet, or this node is going away. */
export class UnavailableError extends RogerdError {
  override readonly name: string = "UnavailableError";

  constructor(parts: ErrorParts) {
    super("unavailable", parts);
  }
}

/** The session ended before the call was executed; a new call goes into a new session. */
export class SessionExpiredError extends RogerdError {
  override readonly name: string = "SessionExpiredError";

  constructor(parts: ErrorParts) {
    super("session_expired", parts);
  }
}

/**
 * Nobody confirmed in time that the session lives: whatever it held may be others' now. Calls that were
 * open in it end with this, those that may have been executed with `IndeterminateError`, caused by this.
 */
export class LeaseLostError extends SessionExpiredError {
  override readonly name: string = "LeaseLostError";
}

/** Why a held key is no more: taken away by an operator, held longer than its rule lets, dropped with its partition, or nobody knows. */
export class KeyLostError extends RogerdError {
  override readonly name: string = "KeyLostError";
  readonly why: "removed" | "held_too_long" | "dropped" | "unknown";

  constructor(parts: ErrorParts & { readonly why: KeyLostError["why"] }) {
    super("key_lost", parts);
    this.why = parts.why;
  }
}

/** Why a run is this session's no more; `unknown`: the state does not show it any more. What the job does now is too late. */
export class RunFencedError extends RogerdError {
  override readonly name: string = "RunFencedError";
  readonly why: "taken_over" | "removed" | "held_too_long" | "dropped" | "unknown";

  constructor(parts: ErrorParts & { readonly why: RunFencedError["why"] }) {
    super("run_fenced", parts);
    this.why = parts.why;
  }
}

/** Somebody wants a running job to stop. It runs until it finishes. */
export class StopWantedError extends RogerdError {
  /** Who wants it, and why. */
  readonly by: string;
  readonly reason: string;

  constructor(
    code: "job_cancelled" | "queue_paused",
    parts: ErrorParts & { readonly by: string; readonly reason: string },
  ) {
    super(code, parts);
    this.by = parts.by;
    this.reason = parts.reason;
  }
}

/** By a mark. */
export class JobCancelledError extends StopWantedError {
  override readonly name: string = "JobCancelledError";

  constructor(parts: ErrorParts & { readonly by: string; readonly reason: string }) {
    super("job_cancelled", parts);
  }
}

/** By a pause of its queue with mode `stop`. */
export class QueuePausedError extends StopWantedError {
  override readonly name: string = "QueuePausedError";

  constructor(parts: ErrorParts & { readonly by: string; readonly reason: string }) {
    super("queue_paused", parts);
  }
}

/**
 * Of a watch: no node that was asked knows any more what happened through `revision`; list, and watch from the
 * list's revision on. Of a further page of a list, without `revision`: the list can't be gone on with; list again.
 */
export class CompactedError extends RogerdError {
  override readonly name: string = "CompactedError";
  readonly revision: number | undefined;

  constructor(parts: ErrorParts & { readonly revision: number | undefined }) {
    super("compacted", parts);
    this.revision = parts.revision;
  }
}

/** More waits than the limits allow; not before `retryAfterMs`, if the daemon said it. */
export class OverloadedError extends RogerdError {
  override readonly name: string = "OverloadedError";
  readonly retryAfterMs: number | undefined;

  constructor(parts: ErrorParts & { readonly retryAfterMs: number | undefined }) {
    super("overloaded", parts);
    this.retryAfterMs = parts.retryAfterMs;
  }
}

/** No answer within `timeoutMs`. `cause` is the last thing that stood in the way, if we know it. */
export class DeadlineExceededError extends RogerdError {
  override readonly name: string = "DeadlineExceededError";

  constructor(parts: ErrorParts) {
    super("deadline_exceeded", parts);
  }
}

/** The partition or the cluster holds as much as it may: which `limit`, and how much is there. */
export class QuotaExceededError extends RogerdError {
  override readonly name: string = "QuotaExceededError";
  readonly limit: string | undefined;
  readonly current: number | undefined;

  constructor(
    parts: ErrorParts & {
      readonly limit: string | undefined;
      readonly current: number | undefined;
    },
  ) {
    super("quota_exceeded", parts);
    this.limit = parts.limit;
    this.current = parts.current;
  }
}

/** The call is wrong, and stays wrong; `path` names what in it. */
export class InvalidArgumentError extends RogerdError {
  override readonly name: string = "InvalidArgumentError";
  readonly path: string | undefined;

  constructor(parts: ErrorParts & { readonly path: string | undefined }) {
    super("invalid_argument", parts);
    this.path = parts.path;
  }
}

/** The credential, or the secret of the session, is not the right one. */
export class UnauthenticatedError extends RogerdError {
  override readonly name: string = "UnauthenticatedError";

  constructor(parts: ErrorParts) {
    super("unauthenticated", parts);
  }
}

/** The client was drained or closed. `outcomeKnown` says whether the call may have been executed. */
export class ClientClosedError extends RogerdError {
  override readonly name: string = "ClientClosedError";

  constructor(parts: ErrorParts) {
    super("closed", parts);
  }
}

/** An error from the wire as the one to throw. */
export function errorFromWire(
  error: ErrorObject,
  parts: { readonly outcomeKnown: boolean },
): RogerdError {
  const { message } = error;
  const { outcomeKnown } = parts;
  switch (error.code) {
    case "not_started":
      return new PartitionNotStartedError({ message, outcomeKnown, partition: error.partition });
    case "unavailable":
      return new UnavailableError({ message, outcomeKnown });
    case "indeterminate":
      return new IndeterminateError({ message });
    case "session_expired":
      return new SessionExpiredError({ message, outcomeKnown });
    case "unauthenticated":
      return new UnauthenticatedError({ message, outcomeKnown });
    case "quota_exceeded": {
      const { limit, current } = error;
      return new QuotaExceededError({ message, outcomeKnown, limit, current });
    }
    case "invalid_argument":
      return new InvalidArgumentError({ message, outcomeKnown, path: error.path });
    case "overloaded":
      return new OverloadedError({ message, outcomeKnown, retryAfterMs: error.retryAfterMs });
    case "compacted":
      return new CompactedError({ message, outcomeKnown, revision: error.revision });
    case "not_leader":
    case "forbidden":
    case "payload_too_large":
    case "overflow":
    case "version_mismatch":
    case "deadline_exceeded":
      break;
  }
  return new RogerdError(error.code, { message, outcomeKnown });
}

/** Of a call in a session that has ended, or of a client that has. */
export function isOver(error: unknown): boolean {
  const over: readonly string[] = ["session_expired", "indeterminate", "closed"];
  return error instanceof Error && "code" in error && over.includes(String(error.code));
}

/** Of a call that gives something back: it was refused, or never sent, and what it was to give back is there. */
export function isStillToDo(error: unknown): boolean {
  return error instanceof RogerdError && error.outcomeKnown && !isOver(error);
}
