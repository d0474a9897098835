// lease.ts — how long the client may believe that its session lives (SEMANTICS §4.10): counted from when
// the last keepalive that was confirmed was *sent*, less a margin, on the monotonic and on the wall
// clock, whichever has gone further: one of them stands still while a machine sleeps. It sends nothing and
// ends nothing: it says when, and its owner acts.
import type { ClientPlatform, Timer } from "./platform.ts";

/** One moment on both clocks. */
export interface Instant {
  readonly monotonicMs: number;
  readonly wallMs: number;
}

/**
 * `unleased`: a leader of before knows no leases, and ends a session only after a long silence of its
 * connection; so nothing is counted here. `jeopardy`: no keepalive was confirmed for two thirds of the
 * time-to-live; only told.
 */
export type LeaseStanding = "unleased" | "sure" | "jeopardy" | "lost";

/** A keepalive that was sent at `sentAt` was confirmed: the session lives for `ttlMs` from then at least. */
export interface Confirmation {
  readonly sentAt: Instant;
  readonly ttlMs: number;
}

export interface LeaseOwner {
  /** The newest confirmation that came another way and was not counted yet. Asked before the clocks are judged. */
  confirmedElsewhere(): Confirmation | undefined;
  /** As soon as it is seen, and at most once each time. */
  leaseStands(standing: LeaseStanding): void;
}

/** A sleep moves the wall clock and no timer: so often it is looked for. */
const lookEveryMs = 500;
const marginShare = 0.1;
const marginMinMs = 500;

export function instantNow(platform: Pick<ClientPlatform, "monotonicNow" | "wallNow">): Instant {
  return { monotonicMs: platform.monotonicNow(), wallMs: platform.wallNow() };
}

export class Lease {
  readonly #platform: ClientPlatform;
  readonly #owner: LeaseOwner;
  #since: Instant | undefined;
  #ttlMs = 0;
  #standing: LeaseStanding = "unleased";
  #timer: Timer | undefined;

  constructor(platform: ClientPlatform, owner: LeaseOwner) {
    this.#platform = platform;
    this.#owner = owner;
  }

  get standing(): LeaseStanding {
    return this.#standing;
  }

  /** To be asked before what is confirmed is sent. */
  now(): Instant {
    return instantNow(this.#platform);
  }

  /** A session begins, or a keepalive of it was confirmed. */
  confirmed(confirmation: Confirmation): void {
    this.#count(confirmation);
    this.look();
  }

  #count({ sentAt, ttlMs }: Confirmation): void {
    this.#ttlMs = ttlMs;
    // An answer that was overtaken by a later one takes nothing back.
    const isLater = this.#since === undefined || sentAt.monotonicMs >= this.#since.monotonicMs;
    if (isLater) this.#since = sentAt;
  }

  /** This leader knows no leases. */
  suspend(): void {
    if (this.#standing === "lost") return;
    this.#since = undefined;
    this.#stand("unleased");
    this.#timer?.cancel();
  }

  /** Looks at the clocks: before anything that counts on the session. */
  look(): LeaseStanding {
    if (this.#standing === "lost") return this.#standing;
    // This loop may have been blocked for longer than the lease, and its keeper have kept it meanwhile.
    const elsewhere = this.#owner.confirmedElsewhere();
    if (elsewhere !== undefined) this.#count(elsewhere);
    if (this.#since === undefined) return this.#standing;
    const goneMs = goneBetween(this.#since, this.now());
    const lostAfterMs = localLeaseMs(this.#ttlMs);
    const jeopardyAfterMs = (2 * this.#ttlMs) / 3;
    const next = goneMs < jeopardyAfterMs ? jeopardyAfterMs : lostAfterMs;
    this.#arm(next - goneMs);
    if (goneMs >= lostAfterMs) this.#stand("lost");
    else this.#stand(goneMs >= jeopardyAfterMs ? "jeopardy" : "sure");
    return this.#standing;
  }

  stop(): void {
    this.#timer?.cancel();
    this.#since = undefined;
    this.#standing = "lost";
  }

  #arm(dueMs: number): void {
    this.#timer?.cancel();
    if (dueMs <= 0) return;
    // A shorter wait than a timer's own step may end before the time has come, again and again.
    const delayMs = Math.max(1, Math.min(lookEveryMs, dueMs));
    this.#timer = this.#platform.setTimer(delayMs, () => void this.look());
  }

  #stand(standing: LeaseStanding): void {
    if (standing === this.#standing) return;
    this.#standing = standing;
    if (standing === "lost") this.#timer?.cancel();
    this.#owner.leaseStands(standing);
  }
}

/** Of a session that began when `sentAt` was, at the earliest: it may be lost before it is known. */
export function isOver(parts: {
  readonly sentAt: Instant;
  readonly now: Instant;
  readonly ttlMs: number;
}): boolean {
  return goneBetween(parts.sentAt, parts.now) >= localLeaseMs(parts.ttlMs);
}

function goneBetween(since: Instant, now: Instant): number {
  return Math.max(now.monotonicMs - since.monotonicMs, now.wallMs - since.wallMs);
}

/** What of a time-to-live the client counts on. */
export function localLeaseMs(ttlMs: number): number {
  return ttlMs - Math.max(marginMinMs, ttlMs * marginShare);
}
