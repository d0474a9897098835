// acquisition.ts — one wish, for an execution key or for a job to start, from the first send until its user knows
// what it came to: asked, perhaps in line, over. What comes after its user gave it up is given back, never
// forgotten: a call that was sent is heard to its end (SEMANTICS §4.9). Who else wants the same is holdings.ts;
// what the answers mean is the wish's own (execution-key.ts, job.ts).

import type { WaitEnding } from "@rogerd/protocol";
import { type CallSpec, isBefore, type Reply, type SentReply } from "./call.ts";
import { type CallOptions, unexpected } from "./caller.ts";
import { DeadlineExceededError, PartitionNotStartedError, RogerdError } from "./errors.ts";
import type { ClientPlatform, Timer } from "./platform.ts";
import { timeoutMsMax } from "./deadlines.ts";

/** A write that is heard to its end: whose it is, and what is sent. */
export interface Freeing {
  /** Calls of one name never overtake each other. */
  readonly name: string;
  readonly command: string;
  readonly partition: string;
  readonly args: Readonly<Record<string, unknown>>;
}

/** What was granted, at which revision. */
export interface Grant {
  readonly token: number;
  readonly revision: number;
}

export interface Wanted<Outcome> extends Freeing {
  /** What it is once it is granted: a key that is held, or a job that runs. */
  readonly to: "hold" | "start";
  /** Stands in line; otherwise the answer is all there is. */
  readonly isPatient: boolean;
  readonly waitTimeoutMs: number | undefined;
  readonly timedOut: Outcome;
  readonly withdrawn: Outcome;
  /** Gives it back, in whatever state it is. */
  readonly giveBack: Freeing & {
    /** Undefined: of a job that needs none. */
    readonly key: string | undefined;
    readonly owner: string;
  };
  /** It is this client's from now on. */
  granted(grant: Grant): Outcome;
  /** Any other answer than a grant or a place in line; undefined: it makes no sense. */
  answered(reply: Reply): Outcome | undefined;
  /** A wait that ended without a grant; undefined: that makes no sense. */
  ended(ending: WaitEnding, revision: number): Outcome | undefined;
}

/** An acquisition, for whoever need not know what it comes to. */
export interface Pending {
  readonly wanted: Pick<Wanted<unknown>, "name" | "to" | "giveBack">;
  /** Its place in line; undefined: it stands in none. */
  readonly ticket: number | undefined;
  /** At which it came into line. */
  readonly waitsSince: Pick<Reply, "revision" | "n">;
  askAgain(): void;
  ended(ending: WaitEnding, revision: number): void;
  /** Shown by the state. */
  granted(grant: Grant): void;
  /** By a call of this client, decided there. */
  withdrawn(at: Pick<Reply, "revision" | "n">): void;
  fail(reason: unknown): void;
}

export interface AcquisitionOwner {
  issue(spec: CallSpec): Promise<Reply>;
  /** It stands in line: it is told how that ends, perhaps at once. */
  waits(acquisition: Pending): void;
  /** It waits no more, or not by itself. */
  waitsNoMore(acquisition: Pending): void;
  /** Its user has given it up, and it may stand in line or have been granted. */
  giveBack(back: Wanted<unknown>["giveBack"]): void;
  /** Its user knows what it came to. */
  over(acquisition: Pending): void;
}

/** What its owner has, or stands in line for, after such an answer. */
const mayStand: ReadonlySet<string> = new Set(["held", "started", "waiting"]);

/** So much later than the cluster an own clock ends a wait: where there is a leader, its word comes first. */
const graceMs = 500;

export class Acquisition<Outcome> implements Pending {
  readonly wanted: Wanted<Outcome>;
  readonly promise: Promise<Outcome>;
  ticket: number | undefined;
  waitsSince: Pick<Reply, "revision" | "n"> = { revision: 0, n: 0 };
  readonly #platform: ClientPlatform;
  readonly #owner: AcquisitionOwner;
  readonly #options: Required<Pick<CallOptions, "timeoutMs">> & CallOptions;
  readonly #unsent = new AbortController();
  readonly #timers: Timer[] = [];
  readonly #waitEndMs: number;
  #resolve: (outcome: Outcome) => void = () => undefined;
  #reject: (reason: unknown) => void = () => undefined;
  #withdrawnAt: Pick<Reply, "revision" | "n"> | undefined;
  #isOver = false;
  #letGo: () => void = () => undefined;
  #stopListening: () => void = () => undefined;

  constructor(parts: {
    readonly platform: ClientPlatform;
    readonly owner: AcquisitionOwner;
    readonly wanted: Wanted<Outcome>;
    readonly options: Required<Pick<CallOptions, "timeoutMs">> & CallOptions;
  }) {
    const { platform, owner, wanted, options } = parts;
    this.#platform = platform;
    this.#owner = owner;
    this.wanted = wanted;
    this.#options = options;
    const waitMs = wanted.waitTimeoutMs ?? Number.POSITIVE_INFINITY;
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

  /** Asks, if anybody still wants to know; by a call of its own, or as part of another. */
  ask(issue: AcquisitionOwner["issue"] = (spec) => this.#owner.issue(spec)): void {
    if (this.isOpen) void this.#ask(issue);
  }

  /** The state does not know its wait, and nobody said how it ended: asked again, it is told. Not where it was told since. */
  askAgain(): void {
    if (this.ticket === undefined) return;
    this.#leaveLine();
    this.ask();
  }

  /** Told by a push or a sync. Who has taken his place back has the ticket of the wait that was taken from him. */
  ended(ending: WaitEnding, revision: number): void {
    if (revision < this.waitsSince.revision) return;
    if ("token" in ending) return this.granted({ token: ending.token, revision });
    this.#leaveLine();
    if (ending.kind === "dropped") return this.fail(dropped(this.wanted.partition));
    const outcome = this.wanted.ended(ending, revision);
    if (outcome === undefined) this.fail(strangeEnding(this.wanted.command, ending));
    else this.#settle(outcome);
  }

  granted(grant: Grant): void {
    this.#leaveLine();
    this.#settle(this.wanted.granted(grant));
  }

  /** Also if the answer that it stands in line is still to come; not if it came into line after that. */
  withdrawn(at: Pick<Reply, "revision" | "n">): void {
    this.#withdrawnAt = { revision: at.revision, n: at.n };
    if (this.ticket !== undefined && this.#isWithdrawn) this.#endWithdrawn();
  }

  get #isWithdrawn(): boolean {
    const at = this.#withdrawnAt;
    return at !== undefined && !isBefore(at, this.waitsSince);
  }

  #endWithdrawn(): void {
    this.#leaveLine();
    this.#settle(this.wanted.withdrawn);
  }

  /** It will never be known, or there is nothing left to know. */
  fail(reason: unknown): void {
    this.#leaveLine();
    if (this.#isOver) return;
    this.#finish();
    this.#reject(reason);
  }

  async #ask(issue: AcquisitionOwner["issue"]): Promise<void> {
    const { args, command, partition, isPatient, timedOut } = this.wanted;
    const leftMs = this.#leftMs();
    if (leftMs === 0) return this.#settle(timedOut);
    const wait = leftMs === undefined || !isPatient ? {} : { waitTimeoutMs: leftMs };
    try {
      await issue({
        kind: "write",
        command,
        partition,
        args: { ...args, ...wait },
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
    if (result.status === "waiting" && this.wanted.isPatient)
      return this.#inLine(reply, result.ticket);
    reply.letGo();
    if (this.#isOver) {
      if (mayStand.has(result.status)) this.#owner.giveBack(this.wanted.giveBack);
      return;
    }
    if (result.status === "held" || result.status === "started") {
      return this.#settle(this.wanted.granted({ token: result.token, revision }));
    }
    const outcome = this.wanted.answered(reply);
    if (outcome === undefined) return this.fail(unexpected(this.wanted.command, reply));
    this.#settle(outcome);
  }

  #inLine(reply: SentReply, ticket: number): void {
    if (this.#isOver) {
      reply.letGo();
      return this.#owner.giveBack(this.wanted.giveBack);
    }
    const { revision, n } = reply;
    this.#cancelTimers();
    this.#letGo = reply.letGo;
    this.ticket = ticket;
    this.waitsSince = { revision, n };
    if (this.#isWithdrawn) return this.#endWithdrawn();
    const leftMs = this.#leftMs();
    if (leftMs !== undefined) this.#arm(leftMs + graceMs, () => this.#timeOut());
    this.#owner.waits(this);
  }

  /** A timer may be shorter than the longest wait. */
  #timeOut(): void {
    const leftMs = this.#leftMs() ?? 0;
    if (leftMs > 0) return this.#arm(leftMs + graceMs, () => this.#timeOut());
    this.#giveUp(() => this.#resolve(this.wanted.timedOut));
  }

  #unanswered(timeoutMs: number): void {
    const message = `${this.wanted.command} got no answer within ${timeoutMs} ms; what it comes to is given back`;
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
    if (wasInLine) this.#owner.giveBack(this.wanted.giveBack);
  }

  #settle(outcome: Outcome): void {
    if (this.#isOver) return;
    this.#finish();
    this.#resolve(outcome);
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
    if (this.wanted.waitTimeoutMs === undefined) return undefined;
    return Math.max(0, Math.ceil(this.#waitEndMs - this.#platform.monotonicNow()));
  }

  #arm(delayMs: number, callback: () => void): void {
    this.#timers.push(this.#platform.setTimer(Math.min(delayMs, timeoutMsMax), callback));
  }

  #cancelTimers(): void {
    for (const timer of this.#timers.splice(0)) timer.cancel();
  }
}

/** As any later call there is answered. */
function dropped(partition: string): PartitionNotStartedError {
  const message = `partition ${partition} was dropped, with all who waited there`;
  return new PartitionNotStartedError({ message, partition, outcomeKnown: true });
}

function strangeEnding(command: string, { kind }: WaitEnding): RogerdError {
  const message = `a wait of ${command} ended with "${kind}", which this client does not understand`;
  return new RogerdError("version_mismatch", { message, outcomeKnown: false });
}
