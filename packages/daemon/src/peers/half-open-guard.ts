// half-open-guard.ts — finds a connection whose other end is gone without a word: two pings in a row
// without an answer end it. A loop that was blocked has not read its sockets: one late timer alone
// proves nothing, so it takes two turns of the timer.
import type { Timer } from "@rogerd/raft";
import type { Socket } from "../network.ts";
import type { Platform } from "../platform.ts";

export class HalfOpenGuard {
  readonly #platform: Pick<Platform, "setTimer">;
  readonly #socket: Pick<Socket, "ping" | "terminate">;
  readonly #intervalMs: number;
  #timer: Timer | undefined;
  #unanswered = 0;

  constructor(parts: {
    readonly platform: Pick<Platform, "setTimer">;
    readonly socket: Pick<Socket, "ping" | "terminate">;
    readonly intervalMs: number;
  }) {
    this.#platform = parts.platform;
    this.#socket = parts.socket;
    this.#intervalMs = parts.intervalMs;
    this.#arm();
  }

  /** A pong, or anything else that the other end must have sent just now. */
  heard(): void {
    this.#unanswered = 0;
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #arm(): void {
    this.#timer = this.#platform.setTimer(this.#intervalMs, () => this.#tick());
  }

  #tick(): void {
    if (this.#unanswered >= 2) {
      this.stop();
      this.#socket.terminate();
      return;
    }
    this.#unanswered += 1;
    this.#socket.ping();
    this.#arm();
  }
}
