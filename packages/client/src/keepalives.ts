// keepalives.ts — says to the leader that the session is needed (SEMANTICS §5), three times in a time-to-live
// and at once on each new connection, and hears what comes of it; beside it, on request, a keeper on a
// thread of its own does the same. One that fails changes nothing: the next one may not. How long the
// session is believed to live is lease.ts: a confirmation counts whichever of the two it came to.
import type { Answer, ErrorObject } from "@rogerd/protocol";
import type { Connection } from "./connection.ts";
import { type Carrying, KeepaliveRhythm, type RhythmOwner } from "./keepalive-rhythm.ts";
import type { KeeperThread } from "./keeper-thread.ts";
import type { KeptSession } from "./keeper-words.ts";
import {
  type Confirmation,
  type Instant,
  Lease,
  type LeaseOwner,
  type LeaseStanding,
} from "./lease.ts";
import type { ClientPlatform } from "./platform.ts";

export interface KeepaliveOwner {
  takeId(): number;
  leaseStands(standing: LeaseStanding): void;
  /** The session ended in the log. */
  sessionEnded(): void;
  /** This node does not lead. */
  elsewhere(connection: Connection, error: ErrorObject): void;
}

export class Keepalives implements RhythmOwner, LeaseOwner {
  readonly #platform: ClientPlatform;
  readonly #owner: KeepaliveOwner;
  readonly #rhythm: KeepaliveRhythm;
  readonly #thread: KeeperThread | undefined;
  #lease: Lease;
  #session: number | undefined;

  constructor(parts: {
    readonly platform: ClientPlatform;
    readonly owner: KeepaliveOwner;
    /** Undefined: this loop alone sends them. */
    readonly thread: KeeperThread | undefined;
  }) {
    const { platform, owner, thread } = parts;
    this.#platform = platform;
    this.#owner = owner;
    this.#rhythm = new KeepaliveRhythm(platform, this);
    this.#lease = new Lease(platform, this);
    this.#thread = thread;
    thread?.hearNews({
      confirmed: () => void this.#lease.look(),
      ended: (session) => this.#endedElsewhere(session),
    });
  }

  get isAwaiting(): boolean {
    return this.#rhythm.isAwaiting;
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
  begin(session: KeptSession, sentAt: Instant): void {
    const { id, ttlMs } = session;
    this.#lease.stop();
    this.#lease = new Lease(this.#platform, this);
    this.#session = id;
    this.#rhythm.ttlMs = ttlMs;
    this.#thread?.keep(session);
    this.#lease.confirmed({ sentAt, ttlMs });
  }

  /** The connection speaks for the session from now on. */
  attached(carrying: Omit<Carrying, "args">): void {
    this.#rhythm.begin({ ...carrying, args: {} });
  }

  /** What was sent there is not waited for any more. The lease goes on. */
  detached(): void {
    this.#rhythm.end();
  }

  /** Nothing keeps the session any more, and nobody counts on it. */
  stop(): void {
    this.detached();
    this.#session = undefined;
    this.#thread?.leave();
    this.#lease.stop();
  }

  /** The client says goodbye to its session: whoever keeps it would hear that it has ended. */
  endThread(): void {
    this.#thread?.end();
  }

  /** False: it answers something else. */
  takes(connection: Connection, answer: Answer): boolean {
    return this.#rhythm.takes(connection, answer);
  }

  takeId(): number {
    return this.#owner.takeId();
  }

  /** This loop turns. */
  mayKeep(): boolean {
    return true;
  }

  confirmed(confirmation: Confirmation): void {
    // First what the clocks say: a late answer does not bring back what was given up.
    if (this.#lease.look() === "lost") return;
    this.#lease.confirmed(confirmation);
  }

  failed(connection: Connection, error: ErrorObject): void {
    if (this.#lease.look() === "lost") return;
    if (error.code === "session_expired") return this.#owner.sessionEnded();
    if (error.code === "not_leader") return this.#owner.elsewhere(connection, error);
    if (error.code !== "invalid_argument" || error.path !== "command") return;
    // A daemon of before: it counts what it hears on the connection, and does not want to be asked.
    this.#rhythm.hush();
    this.#lease.suspend();
  }

  confirmedElsewhere(): Confirmation | undefined {
    if (this.#session === undefined) return undefined;
    return this.#thread?.takeConfirmation(this.#session);
  }

  leaseStands(standing: LeaseStanding): void {
    this.#owner.leaseStands(standing);
  }

  #endedElsewhere(session: number): void {
    if (session === this.#session) this.#owner.sessionEnded();
  }
}
