// requests.ts — who waits for what until when (SEMANTICS §6). Every call that was made and is not
// settled is here, waiting to be sent or in flight. A write keeps its sequence number through every
// retry of its session; the floor says which answers are still needed. It decides what an answer
// means for its call; what it means for the connection is told to the caller.
import {
  type Answer,
  type ClientFrame,
  type ErrorCode,
  type ErrorObject,
  errorCodes,
  type Request,
} from "@rogerd/protocol";
import { Call, type CallSpec, type Rejection, type Reply } from "./call.ts";
import { Deadlines } from "./deadlines.ts";
import {
  DeadlineExceededError,
  errorFromWire,
  IndeterminateError,
  InvalidArgumentError,
  type LeaseLostError,
  OverloadedError,
  type RogerdError,
} from "./errors.ts";
import type { ClientPlatform } from "./platform.ts";
import type { RevisionSeen } from "./revision-seen.ts";
import { SequenceWindow } from "./sequence-window.ts";

export interface RequestsParts {
  readonly platform: ClientPlatform;
  /** Calls made and not settled, at most; past it a new one is refused with `overloaded`. */
  readonly callsOpenMax: number;
  /** Calls made and not settled in the whole client. */
  readonly callsOpen: () => number;
  /** An id for a request, never the same twice on one connection. */
  readonly takeId: () => number;
  readonly seen: RevisionSeen;
  /** Somebody waits to be sent. */
  readonly onWaiting: () => void;
  /** What stands in the way of sending just now, for the error of a call whose time is up. */
  readonly obstacle: () => RogerdError | undefined;
}

/** What an answer says about the connection it came on. */
export type Advice =
  | { readonly kind: "go-on" }
  /** Nobody waits for it (any more). */
  | { readonly kind: "nobody" }
  /** Not executed for certain, and someone else should be asked. */
  | { readonly kind: "elsewhere"; readonly error: ErrorObject }
  /** The same again, after a while. */
  | { readonly kind: "later"; readonly error: ErrorObject }
  /** The session ended in the log. */
  | { readonly kind: "session-ended" };

const goOn: Advice = { kind: "go-on" };
const nobody: Advice = { kind: "nobody" };

/** Kept as the answer of their number (SEMANTICS §3): an earlier send did nothing either. */
const decidedByApply: ReadonlySet<ErrorCode> = new Set([
  "not_started",
  "quota_exceeded",
  "invalid_argument",
]);

export class Requests {
  readonly #parts: RequestsParts;
  readonly #deadlines: Deadlines<Call>;
  /** Sent before, to be sent again: they come first. */
  readonly #again = new Set<Call>();
  readonly #waiting = new Set<Call>();
  readonly #inFlight = new Map<number, Call>();
  /** One of them is what a node could not read: they come before all others, each alone. */
  readonly #suspects = new Set<Call>();
  /** The last one of them that was sent. */
  #alone: Call | undefined;
  #window = new SequenceWindow();
  #whenIdle: (() => void)[] = [];

  constructor(parts: RequestsParts) {
    this.#parts = parts;
    this.#deadlines = new Deadlines(parts.platform, (call) => this.#timeOut(call));
  }

  get floor(): number {
    return this.#window.floor;
  }

  get openCount(): number {
    return this.#suspects.size + this.#again.size + this.#waiting.size + this.#inFlight.size;
  }

  get inFlightCount(): number {
    return this.#inFlight.size;
  }

  get isWaiting(): boolean {
    return this.#suspects.size + this.#again.size + this.#waiting.size > 0;
  }

  issue(spec: CallSpec): Promise<Reply> {
    return new Promise((resolve, reject) => {
      if (spec.signal?.aborted === true) return reject(spec.signal.reason);
      if (this.#parts.callsOpen() >= this.#parts.callsOpenMax) {
        const message = `${this.#parts.callsOpenMax} calls are open already`;
        return reject(new OverloadedError({ message, retryAfterMs: undefined }));
      }
      const deadlineMs = this.#parts.platform.monotonicNow() + spec.timeoutMs;
      const call = new Call(spec, { deadlineMs, resolve, reject });
      this.#deadlines.add(call, deadlineMs);
      call.onAbort((reason) => {
        const isHeard = spec.heard !== undefined && call.mayHaveHappened;
        if (!isHeard) this.#giveUp(call, reason);
      });
      this.#waiting.add(call);
      this.#parts.onWaiting();
    });
  }

  /** The next calls to send, marked as sent: fewer than `countMax` when nothing more may go. */
  take(countMax: number): Call[] {
    if (this.#isOneAlone) return [];
    if (this.#suspects.size > 0) return this.#takeAlone();
    const taken: Call[] = [];
    for (const source of [this.#again, this.#waiting]) {
      for (const call of source) {
        if (taken.length >= countMax || !this.#hasNumber(call)) return taken;
        source.delete(call);
        this.#fly(call);
        taken.push(call);
      }
    }
    return taken;
  }

  /** A suspect, with nothing else in flight: if the node can't read that, it is this one. */
  #takeAlone(): Call[] {
    const [suspect] = this.#suspects;
    if (suspect === undefined || this.#inFlight.size > 0) return [];
    this.#suspects.delete(suspect);
    this.#alone = suspect;
    this.#fly(suspect);
    return [suspect];
  }

  #letOthersGo(): void {
    this.#alone = undefined;
    this.#parts.onWaiting();
  }

  get #isOneAlone(): boolean {
    return this.#alone !== undefined && this.#inFlight.get(this.#alone.id) === this.#alone;
  }

  #fly(call: Call): void {
    call.id = this.#parts.takeId();
    call.progress = "in-flight";
    this.#inFlight.set(call.id, call);
  }

  #hasNumber(call: Call): boolean {
    if (call.spec.kind !== "write" || call.sequence > 0) return true;
    const sequence = this.#window.take();
    if (sequence === undefined) return false;
    call.sequence = sequence;
    return true;
  }

  /** An answer to a call that was given up finds nobody and means nothing any more. */
  answered(answer: Answer): Advice {
    const call = this.#inFlight.get(answer.id);
    if (call === undefined) return nobody;
    if ("error" in answer) return this.#failed(call, answer.error);
    this.#parts.seen.see(answer.revision);
    const { revision, n, result } = answer;
    const { heard } = call.spec;
    if (heard === undefined) this.#forget(call);
    else this.#drop(call);
    heard?.({ revision, n, result, letGo: this.#window.keep(call.sequence) });
    call.resolve({ revision, n, result });
    return goOn;
  }

  #failed(call: Call, error: ErrorObject): Advice {
    const { retryable, outcomeKnown } = errorCodes[error.code];
    if (retryable) {
      this.#sendAgain(call, outcomeKnown ? "not-executed" : "unknown");
      return error.code === "not_leader" ? { kind: "elsewhere", error } : { kind: "later", error };
    }
    this.#forget(call);
    const sentBefore = call.spec.kind === "write" && call.hasUnknownSend;
    if (error.code === "session_expired") {
      // Sent before without an answer, it may have been executed while the session lived.
      call.reject(sentBefore ? sessionEndedError() : errorFromWire(error, { outcomeKnown }));
      return { kind: "session-ended" };
    }
    const isKnown = outcomeKnown && (!sentBefore || decidedByApply.has(error.code));
    call.reject(errorFromWire(error, { outcomeKnown: isKnown }));
    return goOn;
  }

  /** Calls as one frame; the floor goes with writes. */
  frameOf(calls: readonly Call[]): ClientFrame {
    const { newest } = this.#parts.seen;
    const requests = calls.map((call) =>
      call.spec.kind === "stale-read"
        ? { ...requestOf(call), revisionMin: newest }
        : requestOf(call),
    );
    const hasWrite = calls.some((call) => call.sequence > 0);
    return { kind: "requests", ...(hasWrite ? { floor: this.floor } : {}), requests };
  }

  /**
   * The connection that carried them is gone: unanswered sends may or may not have arrived. `unread`: something of
   * it could not be read, and would not be the next time; one of several is found by sending each alone.
   */
  carrierLost(unread?: RogerdError): void {
    const calls = [...this.#inFlight.values()];
    const [only] = calls;
    if (unread !== undefined && only !== undefined && calls.length === 1) {
      const { message } = unread;
      const path = unread instanceof InvalidArgumentError ? unread.path : undefined;
      const outcomeKnown = only.spec.kind !== "write" || !only.hasUnknownSend;
      return this.refuse(only, new InvalidArgumentError({ message, path, outcomeKnown }));
    }
    for (const call of calls) {
      this.#sendAgain(call, "unknown");
      if (unread !== undefined && this.#again.delete(call)) this.#suspects.add(call);
    }
  }

  #sendAgain(call: Call, send: "not-executed" | "unknown"): void {
    this.#inFlight.delete(call.id);
    if (send === "unknown") call.hasUnknownSend = true;
    call.progress = "waiting";
    this.#again.add(call);
    this.#parts.onWaiting();
  }

  /**
   * A write that may have been executed in a session that is over is never repeated in another: it
   * would be another call there (SEMANTICS §6). All others go on, with new numbers.
   */
  sessionEnded(): void {
    this.#window = new SequenceWindow();
    for (const call of this.#all()) {
      const mayHaveHappened = call.mayHaveHappened;
      if (mayHaveHappened) this.#drop(call);
      call.sequence = 0;
      if (mayHaveHappened) call.reject(sessionEndedError());
    }
  }

  /** As above, and what counted on the session is not done in another one: only reads go on. */
  leaseLost(error: LeaseLostError): void {
    this.#window = new SequenceWindow();
    for (const call of this.#all()) {
      if (call.spec.kind !== "write") continue;
      this.#drop(call);
      call.sequence = 0;
      call.reject(call.mayHaveHappened ? sessionEndedError(error) : error);
    }
  }

  /** It can't be sent as it is. */
  refuse(call: Call, error: RogerdError): void {
    this.#forget(call);
    call.reject(error);
  }

  rejectAll(rejection: Rejection): void {
    for (const call of this.#all()) {
      const error = rejection(call);
      this.#forget(call);
      call.reject(error);
    }
  }

  whenIdle(): Promise<void> {
    if (this.openCount === 0) return Promise.resolve();
    return new Promise((resolve) => this.#whenIdle.push(resolve));
  }

  stop(): void {
    this.#deadlines.stop();
  }

  #all(): Call[] {
    return [...this.#suspects, ...this.#again, ...this.#waiting, ...this.#inFlight.values()];
  }

  #timeOut(call: Call): void {
    const outcomeKnown = !call.mayHaveHappened;
    const known = outcomeKnown ? "it had no effect" : "it may have been executed";
    const message = `${call.spec.command} got no answer within ${call.spec.timeoutMs} ms; ${known}`;
    const cause = this.#parts.obstacle();
    this.#giveUp(call, new DeadlineExceededError({ message, outcomeKnown, cause }));
  }

  #giveUp(call: Call, reason: unknown): void {
    this.#forget(call);
    call.reject(reason);
  }

  /** Out of every table; its number is needed no more. */
  #forget(call: Call): void {
    this.#drop(call);
    if (call.sequence > 0) this.#window.settle(call.sequence);
  }

  #drop(call: Call): void {
    this.#inFlight.delete(call.id);
    if (call === this.#alone) this.#letOthersGo();
    this.#suspects.delete(call);
    this.#again.delete(call);
    this.#waiting.delete(call);
    this.#deadlines.remove(call, call.deadlineMs);
    if (this.openCount === 0) for (const tell of this.#whenIdle.splice(0)) tell();
  }
}

function sessionEndedError(cause?: LeaseLostError): IndeterminateError {
  const message = "the session ended while this call was open; it may have been executed before";
  return new IndeterminateError({ message, cause });
}

/** A call as the request that is sent. */
function requestOf(call: Call): Request {
  const { id, sequence, spec } = call;
  const { command, args, partition } = spec;
  if (partition === undefined) {
    return sequence === 0 ? { id, command, args } : { id, command, args, seq: sequence };
  }
  if (sequence === 0) return { id, partition, command, args };
  return { id, partition, command, args, seq: sequence };
}
