// join-arrival.ts — a connection of a node that wants in: its request, one answer, and the end of it.
import type { Timer } from "@rogerd/raft";
import type { Closing, Socket, SocketListener } from "../network.ts";
import type { Platform } from "../platform.ts";
import {
  encodeJoinFrame,
  type JoinAnswer,
  type JoinRequest,
  parseJoinRequest,
} from "./join-frames.ts";

export interface JoinArrivalParts {
  readonly platform: Pick<Platform, "setTimer">;
  readonly timeoutMs: number;
  readonly socket: Socket;
  readonly answer: (request: JoinRequest) => Promise<JoinAnswer>;
  readonly ended: () => void;
}

export class JoinArrival implements SocketListener {
  readonly #parts: JoinArrivalParts;
  /** For its request, and for reading the answer. */
  readonly #timer: Timer;
  #hasAsked = false;
  #hasEnded = false;

  constructor(parts: JoinArrivalParts) {
    this.#parts = parts;
    this.#timer = parts.platform.setTimer(parts.timeoutMs, () => this.end());
  }

  frame(bytes: Uint8Array | string): void {
    const request = this.#hasAsked ? undefined : parseJoinRequest(bytes);
    this.#hasAsked = true;
    if (request === undefined) return this.end();
    const { answer } = this.#parts;
    void answer(request).then((decided) => this.#tell(decided));
  }

  pong(): void {
    // Nobody pings here.
  }

  closed(_closing: Closing): void {
    this.end();
  }

  end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#timer.cancel();
    this.#parts.socket.terminate();
    this.#parts.ended();
  }

  #tell(answer: JoinAnswer): void {
    if (this.#hasEnded) return;
    this.#parts.socket.send(encodeJoinFrame(answer));
    this.#parts.socket.close({ code: 1000, reason: answer.kind });
  }
}
