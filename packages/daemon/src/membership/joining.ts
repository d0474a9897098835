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

/** What was said is forgotten when it is too much. */
const causesMax = 32;
const whereToAsk =
  "it is asked again and again; --join takes the peer address of a member that runs, as rogerctl members shows it under PEERS";

export class Joining {
  readonly #parts: JoiningParts;
  readonly #home: string;
  #ended: (joined: Joined | undefined) => void = () => undefined;
  #hasEnded = false;
  #attempts = 0;
  #attempt: { readonly socket: Socket; readonly timer: Timer } | undefined;
  #waiting: Timer | undefined;
  readonly #said = new Set<string>();
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
        this.#answered(socket, { peerUrl, answer });
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

  #answered(
    socket: Socket,
    { answer, peerUrl }: { readonly peerUrl: string; readonly answer: JoinAnswer | undefined },
  ): void {
    if (!this.#leave(socket)) return;
    switch (answer?.kind) {
      case "joined":
      case "refused":
        return this.#end(answer);
      case "elsewhere":
        return this.#askLater(answer.peerUrl);
      case "later":
        this.#say({ level: "info", peerUrl, cause: answer.sentence });
        return this.#askLater(this.#home);
      case undefined:
        this.#say({
          level: "warn",
          peerUrl,
          cause: "it answers, but not as a rogerd of this version",
        });
        return this.#askLater(this.#home);
    }
  }

  #closed(
    socket: Socket,
    { closing, peerUrl }: { readonly peerUrl: string; readonly closing: Closing },
  ): void {
    if (!this.#leave(socket)) return;
    const what = closing.reason === "" ? `code ${closing.code}` : closing.reason;
    this.#say({ level: "warn", peerUrl, cause: `no member answers there (${what})` });
    this.#askLater(this.#home);
  }

  /** False: of an attempt that is over. */
  #leave(socket: Socket): boolean {
    if (this.#attempt?.socket !== socket) return false;
    this.#attempt.timer.cancel();
    this.#attempt = undefined;
    return true;
  }

  /** Each cause once, not once for each of the many attempts. */
  #say(met: {
    readonly level: "info" | "warn";
    readonly peerUrl: string;
    readonly cause: string;
  }): void {
    const { level, peerUrl, cause } = met;
    const { log, self } = this.#parts;
    const key = `${peerUrl} ${cause}`;
    if (this.#said.has(key)) return;
    if (this.#said.size >= causesMax) this.#said.clear();
    this.#said.add(key);
    const facts = { node: self.name, tried: peerUrl, cause };
    log[level](level === "warn" ? { ...facts, says: whereToAsk } : facts, "waiting to be let in");
  }

  #askLater(peerUrl: string): void {
    const { limits, platform } = this.#parts;
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
