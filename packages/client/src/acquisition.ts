// acquisition.ts — one wish for an execution key, from the first send until its user knows what it came to:
// asked, perhaps in line, over. What comes after its user gave it up is given back, never forgotten: a call
// that was sent is heard to its end (SEMANTICS §4.9). Who else wants the same key is holdings.ts.

import type { WaitEnding } from "@rogerd/protocol";
import type { CallSpec, Reply, SentReply } from "./call.ts";
import { type CallOptions, unexpected } from "./caller.ts";
import { DeadlineExceededError, RogerdError } from "./errors.ts";
import type { AskedKey, ExecutionKeyAcquired } from "./execution-key.ts";
import type { HeldKey, KeyOfOwner } from "./held-key.ts";
import type { ClientPlatform, Timer } from "./platform.ts";
import { timeoutMsMax } from "./settings.ts";

export interface Granted {
  readonly of: KeyOfOwner;
  readonly token: number;
  readonly revision: number;
}

export interface AcquisitionOwner {
  issue(spec: CallSpec): Promise<Reply>;
  /** It stands in line: it is told how that ends, perhaps at once. */
  waits(acquisition: Acquisition): void;
  /** It waits no more, or not by itself. */
  waitsNoMore(acquisition: Acquisition): void;
  holds(granted: Granted): HeldKey;
  /** Its user has given it up, and it may stand in line or hold the key. */
  giveBack(asked: AskedKey): void;
  /** Its user knows what it came to. */
  over(acquisition: Acquisition): void;
}

/** So much later than the cluster an own clock ends a wait: where there is a leader, its word comes first. */
const graceMs = 500;

export class Acquisition {
  readonly asked: AskedKey;
  readonly promise: Promise<ExecutionKeyAcquired>;
  /** Its place in line; undefined: it stands in none. */
  ticket: number | undefined;
  /** At which it came into line. */
  waitsSince: Pick<Reply, "revision" | "n"> = { revision: 0, n: 0 };
  readonly #platform: ClientPlatform;
  readonly #owner: AcquisitionOwner;
  readonly #options: Required<Pick<CallOptions, "timeoutMs">> & CallOptions;
  readonly #unsent = new AbortController();
  readonly #timers: Timer[] = [];
  readonly #waitEndMs: number;
  #resolve: (acquired: ExecutionKeyAcquired) => void = () => undefined;
  #reject: (reason: unknown) => void = () => undefined;
  #isOver = false;
  #letGo: () => void = () => undefined;
  #stopListening: () => void = () => undefined;

  constructor(parts: {
    readonly platform: ClientPlatform;
    readonly owner: AcquisitionOwner;
    readonly asked: AskedKey;
    readonly options: Required<Pick<CallOptions, "timeoutMs">> & CallOptions;
  }) {
    const { platform, owner, asked, options } = parts;
    this.#platform = platform;
    this.#owner = owner;
    this.asked = asked;
    this.#options = options;
    const waitMs = asked.waitTimeoutMs ?? Number.POSITIVE_INFINITY;
    this.#waitEndMs = platform.monotonicNow() + waitMs;
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /** Its user does not know yet what it comes to. */
  get isOpen(): boolean {
    return !this.#isOver;
  }

  /** Listens to its user from now on. */
  begin(): void {
    const { signal, timeoutMs } = this.#options;
    if (signal?.aborted === true) return this.#giveUp(() => this.#reject(signal.reason));
    const abort = (): void => this.#giveUp(() => this.#reject(signal?.reason));
    signal?.addEventListener("abort", abort, { once: true });
    this.#stopListening = () => signal?.removeEventListener("abort", abort);
    this.#arm(timeoutMs, () => this.#unanswered(timeoutMs));
  }

  /** Asks, if anybody still wants to know. */
  ask(): void {
    if (this.isOpen) void this.#ask();
  }

  /** The state does not know its wait, and nobody said how it ended: asked again, it is told. */
  askAgain(): void {
    this.#leaveLine();
    this.ask();
  }

  /** Told by a push or a sync. */
  ended(ending: WaitEnding, revision: number): void {
    this.#leaveLine();
    switch (ending.kind) {
      case "granted":
        return this.#settle(this.#held({ token: ending.token, revision }));
      case "cancelled":
        return this.#settle({ status: "cancelled", revision });
      case "timed_out":
        return this.#settle({ status: "timed_out" });
      case "started":
      case "paused":
      case "taken_over":
        return this.fail(strangeEnding(ending));
    }
  }

  withdrawn(): void {
    this.#leaveLine();
    this.#settle({ status: "withdrawn" });
  }

  /** It will never be known, or there is nothing left to know. */
  fail(reason: unknown): void {
    this.#leaveLine();
    if (this.#isOver) return;
    this.#finish();
    this.#reject(reason);
  }

  async #ask(): Promise<void> {
    const { partition, key, owner, mode } = this.asked;
    const leftMs = this.#leftMs();
    if (leftMs === 0) return this.#settle({ status: "timed_out" });
    const wait = leftMs === undefined ? {} : { waitTimeoutMs: leftMs };
    try {
      await this.#owner.issue({
        kind: "write",
        command: "executionKey.acquire",
        partition,
        args: { key, owner, mode, ...wait },
        timeoutMs: timeoutMsMax,
        signal: this.#unsent.signal,
        heard: (reply) => this.#heard(reply),
      });
    } catch (reason) {
      // Not executed, or in a session that is over: there is nothing to give back.
      this.fail(reason);
    }
  }

  /** Told in the instant of the answer: a moment later its session may be lost. */
  #heard(reply: SentReply): void {
    const { result, revision } = reply;
    if (result.status !== "waiting") reply.letGo();
    switch (result.status) {
      case "held":
        if (this.#isOver) return this.#owner.giveBack(this.asked);
        return this.#settle(this.#held({ token: result.token, revision }));
      case "waiting":
        return this.#inLine(reply, result.ticket);
      case "busy":
        return this.#settle({ ...result, revision });
      case "cancelled":
        return this.#settle({ status: "cancelled", revision });
      default:
        return this.fail(unexpected("executionKey.acquire", reply));
    }
  }

  #inLine(reply: SentReply, ticket: number): void {
    if (this.#isOver || this.asked.mode === "try") reply.letGo();
    if (this.#isOver) return this.#owner.giveBack(this.asked);
    const { revision, n } = reply;
    if (this.asked.mode === "try") return this.#settle({ status: "waiting", ticket, revision });
    this.#cancelTimers();
    this.#letGo = reply.letGo;
    this.ticket = ticket;
    this.waitsSince = { revision, n };
    const leftMs = this.#leftMs();
    if (leftMs !== undefined) this.#arm(leftMs + graceMs, () => this.#timeOut());
    this.#owner.waits(this);
  }

  #held(granted: { readonly token: number; readonly revision: number }): HeldKey {
    return this.#owner.holds({ of: this.asked, ...granted });
  }

  /** A timer may be shorter than the longest wait. */
  #timeOut(): void {
    const leftMs = this.#leftMs() ?? 0;
    if (leftMs > 0) return this.#arm(leftMs + graceMs, () => this.#timeOut());
    this.#giveUp(() => this.#resolve({ status: "timed_out" }));
  }

  #unanswered(timeoutMs: number): void {
    const message = `executionKey.acquire got no answer within ${timeoutMs} ms; should it hold the key, it is given back`;
    const error = new DeadlineExceededError({ message, outcomeKnown: false });
    this.#giveUp(() => this.#reject(error));
  }

  /** What was not sent is not sent; what was is given back as soon as it is known what it came to. */
  #giveUp(tell: () => void): void {
    if (this.#isOver) return;
    const wasInLine = this.ticket !== undefined;
    this.#leaveLine();
    this.#finish();
    tell();
    this.#unsent.abort();
    if (wasInLine) this.#owner.giveBack(this.asked);
  }

  #settle(acquired: ExecutionKeyAcquired): void {
    if (this.#isOver) return;
    this.#finish();
    this.#resolve(acquired);
  }

  #finish(): void {
    this.#isOver = true;
    this.#cancelTimers();
    this.#stopListening();
    this.#owner.over(this);
  }

  #leaveLine(): void {
    if (this.ticket === undefined) return;
    this.#owner.waitsNoMore(this);
    this.ticket = undefined;
    this.#letGo();
  }

  /** Undefined: it waits as long as it takes. */
  #leftMs(): number | undefined {
    if (this.asked.waitTimeoutMs === undefined) return undefined;
    return Math.max(0, Math.ceil(this.#waitEndMs - this.#platform.monotonicNow()));
  }

  #arm(delayMs: number, callback: () => void): void {
    this.#timers.push(this.#platform.setTimer(Math.min(delayMs, timeoutMsMax), callback));
  }

  #cancelTimers(): void {
    for (const timer of this.#timers.splice(0)) timer.cancel();
  }
}

function strangeEnding({ kind }: WaitEnding): RogerdError {
  const message = `a wait for a key ended with "${kind}", which is the end of a start`;
  return new RogerdError("version_mismatch", { message, outcomeKnown: false });
}
