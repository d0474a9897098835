// virtual-wire.ts — one connection: two ends and a pipe each way. Frames arrive whole, once and in
// order, as TCP and WebSockets promise, or the connection breaks. An end whose machine lost power says
// nothing: the other end finds out by itself. It knows no protocol above WebSocket.
import type { Link } from "./virtual-links.ts";
import type { VirtualProcess, VirtualTime } from "./virtual-time.ts";

export interface Closing {
  readonly code: number;
  readonly reason: string;
}

export interface EndListener {
  opened(): void;
  frame(frame: Uint8Array | string): void;
  pong(): void;
  closed(closing: Closing): void;
}

export type Item =
  | { readonly kind: "frame"; readonly frame: Uint8Array | string }
  | { readonly kind: "ping" }
  | { readonly kind: "pong" }
  | { readonly kind: "opened" }
  | { readonly kind: "close"; readonly closing: Closing }
  | { readonly kind: "closed"; readonly closing: Closing }
  /** The end is gone, without a goodbye. */
  | { readonly kind: "broken"; readonly reason: string }
  /** Something the network does at the other host (a dial arrives). */
  | { readonly kind: "act"; readonly act: () => void };

/** What leaves a process and is not yet taken by the other machine does not count up to here. */
const kernelBufferBytes = 128 * 1024;
const closeTimeoutMs = 30_000;

interface Travelling {
  readonly item: Item;
  readonly bytes: number;
  readonly arrivesAt: number;
}

/** One direction of a connection. */
export class Pipe {
  readonly #time: VirtualTime;
  readonly #link: Link;
  readonly #deliver: (item: Item) => void;
  #travelling: Travelling[] = [];
  #bytes = 0;
  #isPumping = false;
  #lastAt = 0;

  constructor(parts: {
    readonly time: VirtualTime;
    readonly link: Link;
    readonly deliver: (item: Item) => void;
  }) {
    this.#time = parts.time;
    this.#link = parts.link;
    this.#deliver = parts.deliver;
  }

  get bytes(): number {
    return this.#bytes;
  }

  push(item: Item): void {
    const bytes = item.kind === "frame" ? item.frame.length : 16;
    const arrivesAt = Math.max(this.#lastAt, this.#time.now + this.#link.delayMs());
    this.#lastAt = arrivesAt;
    this.#bytes += bytes;
    this.#travelling.push({ item, bytes, arrivesAt });
    this.#pump();
  }

  /** What was under way is lost. */
  clear(): void {
    this.#travelling = [];
    this.#bytes = 0;
  }

  #pump(): void {
    const [first] = this.#travelling;
    if (first === undefined || this.#isPumping) return;
    this.#isPumping = true;
    const afterMs = first.arrivesAt - this.#time.now;
    this.#time.schedule({ afterMs, run: () => this.#arrive() });
  }

  #arrive(): void {
    this.#isPumping = false;
    if (this.#link.isCut) {
      this.#isPumping = true;
      this.#link.hold(() => {
        this.#isPumping = false;
        this.#lastAt = this.#time.now + this.#link.delayMs();
        this.#travelling = this.#travelling.map((each) => ({
          ...each,
          arrivesAt: Math.max(each.arrivesAt, this.#lastAt),
        }));
        this.#pump();
      });
      return;
    }
    for (;;) {
      const [first] = this.#travelling;
      if (first === undefined || first.arrivesAt > this.#time.now) break;
      this.#travelling.shift();
      this.#bytes -= first.bytes;
      this.#deliver(first.item);
    }
    this.#pump();
  }
}

type EndState = "dialing" | "open" | "closing" | "closed";

export interface EndParts {
  readonly time: VirtualTime;
  readonly process: VirtualProcess;
  /** Sees every frame at the moment it leaves. */
  readonly leaves: (frame: Uint8Array | string) => void;
  /** Told once, when it is closed for good. */
  readonly ended: (end: WireEnd) => void;
}

/** One end of a connection. */
export class WireEnd {
  readonly process: VirtualProcess;
  readonly #parts: EndParts;
  #pipe: Pipe | undefined;
  listener: EndListener | undefined;
  #state: EndState = "dialing";

  constructor(parts: EndParts) {
    this.#parts = parts;
    this.process = parts.process;
  }

  attach(pipe: Pipe): void {
    this.#pipe = pipe;
  }

  get state(): EndState {
    return this.#state;
  }

  get bufferedBytes(): number {
    return Math.max(0, (this.#pipe?.bytes ?? 0) - kernelBufferBytes);
  }

  /** The accepting side: open from the first moment. */
  accept(): void {
    this.#state = "open";
    this.#pipe?.push({ kind: "opened" });
  }

  send(frame: Uint8Array | string): void {
    if (this.#state !== "open") return;
    const copy = typeof frame === "string" ? frame : frame.slice();
    this.#parts.leaves(copy);
    this.#pipe?.push({ kind: "frame", frame: copy });
  }

  ping(): void {
    if (this.#state === "open") this.#pipe?.push({ kind: "ping" });
  }

  close(closing: Closing): void {
    if (this.#state === "dialing") return this.terminate();
    if (this.#state !== "open") return;
    this.#state = "closing";
    this.#pipe?.push({ kind: "close", closing });
    this.#later(closeTimeoutMs, () => this.#ends({ code: 1006, reason: "" }));
  }

  terminate(): void {
    if (this.#state === "closed") return;
    this.#pipe?.push({ kind: "broken", reason: "" });
    this.#leave({ code: 1006, reason: "" });
  }

  /** A dial that gets no answer. */
  giveUp(reason: string): void {
    if (this.#state !== "dialing") return;
    this.#pipe?.push({ kind: "broken", reason: "" });
    this.#ends({ code: 1006, reason });
  }

  /** The process is gone; its kernel says so, if the machine still runs. */
  abandon(how: { readonly says: "broken" | "nothing" }): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    if (how.says === "broken") this.#pipe?.push({ kind: "broken", reason: "" });
    this.#parts.ended(this);
  }

  /** The connection breaks here and now, by the network. */
  breakHere(): void {
    this.#pipe?.clear();
    this.hear({ kind: "broken", reason: "reset" });
  }

  /** The kernel of a machine answers what comes for a connection that it does not know. */
  answerBroken(): void {
    this.#pipe?.push({ kind: "broken", reason: "reset" });
  }

  /** Something arrived at this machine: the process hears of it when its loop comes to it. */
  hear(item: Item): void {
    this.#later(0, () => this.#heard(item));
  }

  #heard(item: Item): void {
    if (this.#state === "closed") return;
    switch (item.kind) {
      case "opened":
        if (this.#state !== "dialing") return;
        this.#state = "open";
        return this.listener?.opened();
      case "frame":
        return this.#state === "open" ? this.listener?.frame(item.frame) : undefined;
      case "ping":
        return this.#pipe?.push({ kind: "pong" });
      case "pong":
        return this.#state === "open" ? this.listener?.pong() : undefined;
      case "close":
        this.#pipe?.push({ kind: "closed", closing: item.closing });
        return this.#ends(item.closing);
      case "closed":
        return this.#ends(item.closing);
      case "broken":
        return this.#ends({ code: 1006, reason: item.reason });
      case "act":
        return item.act();
    }
  }

  /** Nothing more is heard, and that it is closed comes in a turn of its own. */
  #leave(closing: Closing): void {
    this.#state = "closed";
    this.#parts.ended(this);
    this.#later(0, () => this.listener?.closed(closing));
  }

  #ends(closing: Closing): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#parts.ended(this);
    this.listener?.closed(closing);
  }

  #later(afterMs: number, run: () => void): void {
    const { time, process } = this.#parts;
    time.schedule({ afterMs, process, run });
  }
}
