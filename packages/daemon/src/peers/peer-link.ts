// peer-link.ts — our one connection to one peer: dial, hold, dial again after a jittered wait. We send
// on it; what the peer sends comes on the connection that it dials. Never closes because the
// peer is slow (DESIGN §4): `bufferedAmount` is for others to heed.
import type { Incarnation, Timer } from "@rogerd/raft";
import type { DialListener, Socket } from "../network.ts";
import type { Platform } from "../platform.ts";
import { HalfOpenGuard } from "./half-open-guard.ts";
import type { Verdict } from "./handshake.ts";
import { outOfPlace, readOpening } from "./opening.ts";
import { encodePeerFrame } from "./peer-codec.ts";
import { type PeerHello, type PeerRefusal, peerSubprotocols } from "./peer-hello.ts";
import type { PeerLimits } from "./peer-limits.ts";

export interface PeerLinkParts {
  readonly platform: Pick<Platform, "setTimer" | "drawSeed" | "network" | "monotonicNow">;
  readonly limits: PeerLimits;
  /** Where to dial, to be tried in turn; asked before each attempt. None: it waits. */
  readonly addresses: () => readonly string[];
  readonly ownHello: () => PeerHello;
  readonly judge: (hello: PeerHello) => Verdict;
  readonly listener: PeerLinkListener;
}

export interface PeerLinkListener {
  opened(hello: PeerHello): void;
  /** Only after `opened`. */
  closed(): void;
  refused(refused: {
    readonly url: string;
    readonly refusal: PeerRefusal;
    readonly by: "us" | "them";
  }): void;
}

interface Open {
  readonly kind: "open";
  readonly socket: Socket;
  readonly guard: HalfOpenGuard;
  readonly run: Incarnation;
  readonly openedAt: number;
}

type Stage =
  | { readonly kind: "waiting"; readonly timer: Timer }
  | { readonly kind: "dialing"; readonly socket: Socket; readonly timer: Timer }
  | Open
  | { readonly kind: "stopped" };

export class PeerLink {
  readonly #parts: PeerLinkParts;
  #stage: Stage;
  /** Attempts since a connection last held for a while. */
  #attempts = 0;

  constructor(parts: PeerLinkParts) {
    this.#parts = parts;
    this.#stage = { kind: "waiting", timer: parts.platform.setTimer(0, () => this.#dial()) };
  }

  get isOpen(): boolean {
    return this.#stage.kind === "open";
  }

  get bufferedAmount(): number {
    return this.#stage.kind === "open" ? this.#stage.socket.bufferedAmount : 0;
  }

  /** Dropped silently while not open. */
  send(frame: Uint8Array): void {
    if (this.#stage.kind === "open") this.#stage.socket.send(frame);
  }

  /** That run of the peer is known to be there: no need to wait, or to hold on to an older run. */
  dialNow(run: Incarnation): void {
    const stage = this.#stage;
    if (stage.kind === "open" && stage.run < run) {
      stage.socket.terminate();
      this.#ended(stage);
    }
    if (this.#stage.kind !== "waiting") return;
    this.#stage.timer.cancel();
    this.#attempts = 0;
    this.#dial();
  }

  /** `closed` is told if it was open; nothing after. */
  stop(): void {
    const stage = this.#stage;
    this.#stage = { kind: "stopped" };
    if (stage.kind === "waiting") stage.timer.cancel();
    if (stage.kind === "dialing") {
      stage.timer.cancel();
      stage.socket.terminate();
    }
    if (stage.kind !== "open") return;
    stage.guard.stop();
    stage.socket.close({ code: 1001, reason: "going away" });
    this.#parts.listener.closed();
  }

  #dial(): void {
    const { platform, limits } = this.#parts;
    const addresses = this.#parts.addresses();
    const url = addresses[this.#attempts % Math.max(1, addresses.length)];
    this.#attempts += 1;
    if (url === undefined) return this.#wait();
    const conversation = new Conversation(this.#parts, url, {
      welcomed: (hello) => this.#opened(conversation, hello),
      closed: () => this.#closed(conversation),
      heard: () => this.#heard(conversation),
    });
    const socket = platform.network.dial(
      {
        url,
        subprotocols: peerSubprotocols.map(({ name }) => name),
        frameBytesMax: limits.frameBytesMax,
        timeoutMs: limits.dialTimeoutMs,
      },
      conversation,
    );
    conversation.socket = socket;
    const timer = platform.setTimer(limits.handshakeTimeoutMs, () => socket.terminate());
    this.#stage = { kind: "dialing", socket, timer };
  }

  #opened(conversation: Conversation, hello: PeerHello): void {
    const stage = this.#stage;
    if (stage.kind !== "dialing" || stage.socket !== conversation.socket) return;
    const { platform, limits } = this.#parts;
    stage.timer.cancel();
    const { socket } = stage;
    const guard = new HalfOpenGuard({ platform, socket, intervalMs: limits.pingIntervalMs });
    const openedAt = platform.monotonicNow();
    this.#stage = { kind: "open", socket, guard, run: hello.incarnation, openedAt };
    this.#parts.listener.opened(hello);
  }

  #heard(conversation: Conversation): void {
    const stage = this.#stage;
    if (stage.kind === "open" && stage.socket === conversation.socket) stage.guard.heard();
  }

  #closed(conversation: Conversation): void {
    const stage = this.#stage;
    if (stage.kind !== "dialing" && stage.kind !== "open") return;
    if (stage.socket !== conversation.socket) return;
    if (stage.kind === "dialing") {
      stage.timer.cancel();
      return this.#wait();
    }
    this.#ended(stage);
  }

  #ended(open: Open): void {
    open.guard.stop();
    const livedMs = this.#parts.platform.monotonicNow() - open.openedAt;
    if (livedMs >= this.#parts.limits.backOffMaxMs) this.#attempts = 0;
    this.#wait();
    this.#parts.listener.closed();
  }

  /** Full jitter above a floor, doubling: many that lost one peer must not come back as a herd. */
  #wait(): void {
    const { platform, limits } = this.#parts;
    const ceilingMs = Math.min(limits.backOffMaxMs, limits.backOffMinMs * 2 ** this.#attempts);
    const share = platform.drawSeed() / 2 ** 32;
    const delayMs = limits.backOffMinMs + share * (ceilingMs - limits.backOffMinMs);
    this.#stage = { kind: "waiting", timer: platform.setTimer(delayMs, () => this.#dial()) };
  }
}

interface ConversationEvents {
  readonly welcomed: (hello: PeerHello) => void;
  readonly closed: () => void;
  readonly heard: () => void;
}

/** One attempt: our hello, their answer. What it holds of the peer ends with it. */
class Conversation implements DialListener {
  socket: Socket | undefined;
  readonly #parts: PeerLinkParts;
  readonly #url: string;
  readonly #events: ConversationEvents;
  #hasAnswer = false;

  constructor(parts: PeerLinkParts, url: string, events: ConversationEvents) {
    this.#parts = parts;
    this.#url = url;
    this.#events = events;
  }

  opened(): void {
    const hello = this.#parts.ownHello();
    this.socket?.send(encodePeerFrame({ kind: "hello", hello }));
  }

  pong(): void {
    this.#events.heard();
  }

  closed(): void {
    this.#events.closed();
  }

  frame(bytes: Uint8Array | string): void {
    const frame = readOpening(bytes);
    if (this.#hasAnswer && frame.kind !== "refusal") return this.#refuse(outOfPlace);
    this.#hasAnswer = true;
    if (frame.kind === "refusal") return this.#refusedByThem(frame.refusal);
    if (frame.kind === "unread") return this.#refuse(frame.refusal);
    const verdict = this.#parts.judge(frame.hello);
    if (verdict.kind !== "welcome") return this.#refuse(verdict.refusal);
    this.#events.welcomed(frame.hello);
  }

  #refusedByThem(refusal: PeerRefusal): void {
    this.#parts.listener.refused({ url: this.#url, refusal, by: "them" });
    this.socket?.terminate();
  }

  #refuse(refusal: PeerRefusal): void {
    this.#parts.listener.refused({ url: this.#url, refusal, by: "us" });
    this.socket?.terminate();
  }
}
