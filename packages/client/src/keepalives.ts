// keepalives.ts — says to the leader that the session is needed (SEMANTICS §5), three times in a time-to-live
// and at once on each new connection, and hears what comes of it. One that fails changes nothing:
// the next one may not. How long the session is believed to live is lease.ts.
import { type Answer, type ErrorObject, errorCodes } from "@rogerd/protocol";
import type { Connection } from "./connection.ts";
import { type Instant, Lease, type LeaseStanding } from "./lease.ts";
import type { ClientPlatform, Timer } from "./platform.ts";

export interface KeepaliveOwner {
  takeId(): number;
  leaseStands(standing: LeaseStanding): void;
  /** The session ended in the log. */
  sessionEnded(connection: Connection): void;
  /** This node does not lead. */
  elsewhere(connection: Connection, error: ErrorObject): void;
}

interface Carrying {
  readonly connection: Connection;
  readonly session: number;
}

/** Not all at the same moment after an election. */
const jitterShare = 0.2;
/** After one that failed the next one comes sooner. */
const soonShare = 1 / 12;
const seedsMax = 2 ** 32;

export class Keepalives {
  readonly #platform: ClientPlatform;
  readonly #owner: KeepaliveOwner;
  #lease: Lease;
  #ttlMs = 0;
  #carrying: Carrying | undefined;
  readonly #sent = new Map<number, Instant>();
  #timer: Timer | undefined;

  constructor(platform: ClientPlatform, owner: KeepaliveOwner) {
    this.#platform = platform;
    this.#owner = owner;
    this.#lease = new Lease(platform, owner);
  }

  get isAwaiting(): boolean {
    return this.#sent.size > 0;
  }

  /** Both clocks, to be looked at before the `session.open` is sent that may begin a session. */
  now(): Instant {
    return this.#lease.now();
  }

  /** Whether the session may be counted on at this moment. */
  look(): LeaseStanding {
    return this.#lease.look();
  }

  /** Another session: nothing of the one before counts. Its open was sent at `sentAt` for the first time. */
  begin(parts: { readonly sentAt: Instant; readonly ttlMs: number }): void {
    this.#lease.stop();
    this.#lease = new Lease(this.#platform, this.#owner);
    this.#ttlMs = parts.ttlMs;
    this.#lease.confirmed(parts);
  }

  /** The connection speaks for the session from now on. */
  attached(carrying: Carrying): void {
    this.detached();
    this.#carrying = carrying;
    this.#send();
  }

  /** What was sent there is not waited for any more. The lease goes on. */
  detached(): void {
    this.#carrying = undefined;
    this.#sent.clear();
    this.#timer?.cancel();
  }

  stop(): void {
    this.detached();
    this.#lease.stop();
  }

  /** False: it answers something else. */
  takes(connection: Connection, answer: Answer): boolean {
    const sentAt = this.#sent.get(answer.id);
    if (sentAt === undefined || this.#carrying?.connection !== connection) return false;
    this.#sent.delete(answer.id);
    // First what the clocks say: a late answer does not bring back what was given up.
    if (this.#lease.look() === "lost") return true;
    if ("error" in answer) this.#failed(connection, answer.error);
    else if (answer.result.status === "kept" && answer.result.session === this.#carrying.session) {
      this.#ttlMs = answer.result.leaseMs;
      this.#lease.confirmed({ sentAt, ttlMs: answer.result.leaseMs });
    }
    return true;
  }

  #failed(connection: Connection, error: ErrorObject): void {
    if (error.code === "session_expired") return this.#owner.sessionEnded(connection);
    if (error.code === "not_leader") return this.#owner.elsewhere(connection, error);
    if (error.code === "invalid_argument" && error.path === "command") {
      // A daemon of before: it counts what it hears on the connection, and does not want to be asked.
      this.#timer?.cancel();
      return this.#lease.suspend();
    }
    if (errorCodes[error.code].retryable) this.#arm(this.#ttlMs * soonShare);
  }

  #send(): void {
    const { connection } = this.#carrying ?? {};
    if (connection === undefined) return;
    const id = this.#owner.takeId();
    this.#sent.set(id, this.#lease.now());
    const request = { id, command: "session.keepalive", args: {} };
    connection.sendEncoded(connection.encode({ kind: "requests", requests: [request] }));
    connection.awaitAnswers();
    const share = this.#platform.drawSeed() / seedsMax;
    this.#arm((this.#ttlMs / 3) * (1 - jitterShare * share));
  }

  #arm(delayMs: number): void {
    this.#timer?.cancel();
    this.#timer = this.#platform.setTimer(delayMs, () => this.#send());
  }
}
