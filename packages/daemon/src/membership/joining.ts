// joining.ts — a node without a cluster asks a member to be let in (docs/decisions/0002-joining.md). It asks
// until it is let in or told no: asking twice is the same as asking once. Ends once; what the answer
// asks for, binding the directory, is done by others.
import type { NodeId, Timer } from "@rogerd/raft";
import type { Closing, DialListener, Socket } from "../network.ts";
import type { Log } from "../observe/log.ts";
import { peerPath } from "../peers/peer-hello.ts";
import type { PeerLimits } from "../peers/peer-limits.ts";
import type { Platform } from "../platform.ts";
import { addressText } from "../settings/parse-setting.ts";
import type { Endpoint } from "../settings/settings.ts";
import {
  encodeJoinFrame,
  type JoinAnswer,
  joinSubprotocol,
  parseJoinAnswer,
} from "./join-frames.ts";

export type Joined =
  | { readonly kind: "joined"; readonly clusterId: string }
  | { readonly kind: "refused"; readonly sentence: string };

export interface JoiningParts {
  readonly platform: Pick<Platform, "setTimer" | "drawSeed" | "network">;
  readonly log: Log;
  readonly limits: PeerLimits;
  readonly self: { readonly id: NodeId; readonly name: string };
  /** A member's peer address. */
  readonly member: Endpoint;
  readonly joinSecret: string;
  readonly peerSecret: string | undefined;
}

export class Joining {
  readonly #parts: JoiningParts;
  readonly #home: string;
  #ended: (joined: Joined | undefined) => void = () => undefined;
  #hasEnded = false;
  #attempts = 0;
  #attempt: { readonly socket: Socket; readonly timer: Timer } | undefined;
  #waiting: Timer | undefined;
  #said = "";
  /** Undefined: stopped before there was an answer. */
  readonly joined: Promise<Joined | undefined>;

  constructor(parts: JoiningParts) {
    this.#parts = parts;
    this.#home = `ws://${addressText(parts.member)}`;
    this.joined = new Promise((resolve) => {
      this.#ended = resolve;
    });
    this.#ask(this.#home);
  }

  stop(): void {
    this.#end(undefined);
  }

  #ask(peerUrl: string): void {
    const { limits, platform } = this.#parts;
    this.#attempts += 1;
    let answer: JoinAnswer | undefined;
    const conversation: DialListener = {
      opened: () => socket.send(this.#request()),
      pong: () => undefined,
      frame: (bytes) => {
        answer ??= parseJoinAnswer(bytes);
        socket.close({ code: 1000, reason: "read" });
        this.#answered(socket, answer);
      },
      closed: (closing) => this.#closed(socket, { peerUrl, closing }),
    };
    const socket = platform.network.dial(
      {
        url: `${peerUrl}${peerPath}`,
        subprotocols: [joinSubprotocol],
        frameBytesMax: limits.frameBytesMax,
        timeoutMs: limits.dialTimeoutMs,
      },
      conversation,
    );
    const timer = platform.setTimer(limits.handshakeTimeoutMs, () => socket.terminate());
    this.#attempt = { socket, timer };
  }

  #request(): string {
    const { joinSecret, peerSecret, self } = this.#parts;
    const { id: nodeId, name } = self;
    return encodeJoinFrame({ secret: joinSecret, nodeId, name, credential: peerSecret ?? "" });
  }

  #answered(socket: Socket, answer: JoinAnswer | undefined): void {
    if (!this.#leave(socket)) return;
    switch (answer?.kind) {
      case "joined":
      case "refused":
        return this.#end(answer);
      case "elsewhere":
        return this.#askLater(answer.peerUrl, "it is sent to the leader");
      case "later":
        return this.#askLater(this.#home, answer.sentence);
      case undefined:
        return this.#askLater(this.#home, "the answer is not one of a rogerd of this version");
    }
  }

  #closed(
    socket: Socket,
    { closing, peerUrl }: { readonly peerUrl: string; readonly closing: Closing },
  ): void {
    if (!this.#leave(socket)) return;
    this.#askLater(this.#home, `${peerUrl} does not answer (${closing.code})`);
  }

  /** False: of an attempt that is over. */
  #leave(socket: Socket): boolean {
    if (this.#attempt?.socket !== socket) return false;
    this.#attempt.timer.cancel();
    this.#attempt = undefined;
    return true;
  }

  #askLater(peerUrl: string, cause: string): void {
    const { limits, log, platform, self } = this.#parts;
    if (cause !== this.#said) log.info({ node: self.name, cause }, "waiting to be let in");
    this.#said = cause;
    const ceilingMs = Math.min(limits.backOffMaxMs, limits.backOffMinMs * 2 ** this.#attempts);
    const share = platform.drawSeed() / 2 ** 32;
    const delayMs = limits.backOffMinMs + share * (ceilingMs - limits.backOffMinMs);
    this.#waiting = platform.setTimer(delayMs, () => this.#ask(peerUrl));
  }

  #end(joined: Joined | undefined): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#waiting?.cancel();
    const attempt = this.#attempt;
    this.#attempt = undefined;
    attempt?.timer.cancel();
    attempt?.socket.terminate();
    this.#ended(joined);
  }
}
