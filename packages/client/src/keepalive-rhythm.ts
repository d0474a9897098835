// keepalive-rhythm.ts — when keepalives are sent (SEMANTICS §5): at once on each new connection, then three in
// a time-to-live, and sooner after one that failed. It knows which answer is to which of them; what
// an answer means for the session is its owner's.
import { type Answer, type ErrorObject, errorCodes } from "@rogerd/protocol";
import type { Connection } from "./connection.ts";
import { type Confirmation, type Instant, instantNow } from "./lease.ts";
import type { ClientPlatform, Timer } from "./platform.ts";

export interface RhythmOwner {
  takeId(): number;
  /** Asked before each one. False: not this one; asked again soon. */
  mayKeep(): boolean;
  /** One for the session that is carried. */
  confirmed(confirmation: Confirmation): void;
  failed(connection: Connection, error: ErrorObject): void;
}

export interface Carrying {
  readonly connection: Connection;
  readonly session: number;
  /** Of each keepalive: whose it is, where the connection does not say it. */
  readonly args: Readonly<Record<string, unknown>>;
}

/** Not all at the same moment after an election. */
const jitterShare = 0.2;
/** After one that failed the next one comes sooner. */
const soonShare = 1 / 12;
const seedsMax = 2 ** 32;

export class KeepaliveRhythm {
  readonly #platform: ClientPlatform;
  readonly #owner: RhythmOwner;
  #ttlMs = 0;
  #carrying: Carrying | undefined;
  readonly #sent = new Map<number, Instant>();
  #timer: Timer | undefined;

  constructor(platform: ClientPlatform, owner: RhythmOwner) {
    this.#platform = platform;
    this.#owner = owner;
  }

  get isAwaiting(): boolean {
    return this.#sent.size > 0;
  }

  /** Of the session whose keepalives are sent from now on. */
  set ttlMs(ttlMs: number) {
    this.#ttlMs = ttlMs;
  }

  begin(carrying: Carrying): void {
    this.end();
    this.#carrying = carrying;
    this.#send();
  }

  /** What was sent is not waited for any more. */
  end(): void {
    this.#carrying = undefined;
    this.#sent.clear();
    this.#timer?.cancel();
  }

  /** None is sent any more on this connection. */
  hush(): void {
    this.#timer?.cancel();
  }

  /** False: it answers something else. */
  takes(connection: Connection, answer: Answer): boolean {
    const carrying = this.#carrying;
    const sentAt = this.#sent.get(answer.id);
    if (sentAt === undefined || carrying?.connection !== connection) return false;
    this.#sent.delete(answer.id);
    if ("error" in answer) this.#failed(carrying, answer.error);
    else if (answer.result.status === "kept" && answer.result.session === carrying.session) {
      const { leaseMs: ttlMs } = answer.result;
      this.#ttlMs = ttlMs;
      this.#owner.confirmed({ sentAt, ttlMs });
    }
    return true;
  }

  #failed(carrying: Carrying, error: ErrorObject): void {
    const isLater = error.code !== "not_leader" && errorCodes[error.code].retryable;
    if (isLater) this.#armSoon();
    this.#owner.failed(carrying.connection, error);
  }

  #send(): void {
    const { connection, args } = this.#carrying ?? {};
    if (connection === undefined || args === undefined) return;
    if (!this.#owner.mayKeep()) return this.#armSoon();
    const id = this.#owner.takeId();
    this.#sent.set(id, instantNow(this.#platform));
    const request = { id, command: "session.keepalive", args };
    connection.sendEncoded(connection.encode({ kind: "requests", requests: [request] }));
    connection.awaitAnswers();
    const share = this.#platform.drawSeed() / seedsMax;
    this.#arm((this.#ttlMs / 3) * (1 - jitterShare * share));
  }

  #armSoon(): void {
    this.#arm(this.#ttlMs * soonShare);
  }

  #arm(delayMs: number): void {
    this.#timer?.cancel();
    this.#timer = this.#platform.setTimer(delayMs, () => this.#send());
  }
}
