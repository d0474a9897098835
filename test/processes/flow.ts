// flow.ts — one direction of one connection, as a network would carry it: late, slow, or not at all for now. It loses
// nothing: what is cut off waits, with the end of the connection behind it, as packets are sent again until they come.
// One that knows of messages can also do what no network does to a connection, but many do to messages: bring
// them twice, and in another order.
import type { Socket } from "node:net";
import type { Dice } from "../simulation/dice.ts";
import { FrameCutter, type Piece } from "./frame-cutter.ts";

/** What is left out is as it should be. */
export interface FlowRule {
  readonly isCut?: boolean;
  readonly delayMs?: number;
  readonly jitterMs?: number;
  readonly bytesPerSecond?: number;
  /** Shares of the messages, 0 to 1: come once more, come later than those behind them. Never the first one. */
  readonly repeats?: number;
  readonly reorders?: number;
}

/** `messages`: of WebSockets. */
export type FlowCargo = "bytes" | "messages";

/** `end`: nothing more will come; `reset`: the connection is gone. */
type Cargo = Buffer | "end" | "reset";

const lateBytesMax = 4 * 1024 * 1024;
const bytesInHand = 64 * 1024;
/** A slow flow sends so many small pieces in a second. */
const piecesPerSecond = 20;
/** By so much at most a message comes once more, or later. */
const laterMs = 200;

export class Flow {
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #dice: Dice;
  #rule: FlowRule;
  #waiting: { readonly cargo: Cargo; readonly dueAt: number }[] = [];
  #waitingBytes = 0;
  #lastDueAt = 0;
  #freeAt = 0;
  #timer: NodeJS.Timeout | undefined;
  #isFull = false;
  #messages = 0;
  #isOver = false;

  constructor(parts: {
    readonly from: Socket;
    readonly to: Socket;
    readonly dice: Dice;
    readonly rule: FlowRule;
    readonly carries: FlowCargo;
  }) {
    this.#from = parts.from;
    this.#to = parts.to;
    this.#dice = parts.dice;
    this.#rule = parts.rule;
    const cutter = parts.carries === "messages" ? new FrameCutter() : undefined;
    this.#from.on("data", (bytes: Buffer) => {
      if (cutter === undefined) this.take(bytes);
      else for (const piece of cutter.cut(bytes)) this.#takePiece(piece);
    });
    this.#from.on("end", () => this.take("end"));
    this.#from.on("error", () => this.take("reset"));
    this.#to.on("drain", () => {
      this.#isFull = false;
      this.#go();
    });
    this.#to.on("close", () => this.#drop());
    this.#from.resume();
  }

  #takePiece({ bytes, isMessage }: Piece): void {
    if (isMessage) this.#messages += 1;
    const { repeats = 0, reorders = 0 } = isMessage && this.#messages > 1 ? this.#rule : {};
    if (reorders > 0 && this.#dice.chance(reorders)) this.#takeLater(bytes);
    else this.take(bytes);
    if (repeats > 0 && this.#dice.chance(repeats)) this.#takeLater(bytes);
  }

  /** Unless the connection has ended by then. */
  #takeLater(bytes: Buffer): void {
    setTimeout(() => {
      if (!this.#isOver) this.take(bytes);
    }, this.#dice.below(laterMs));
  }

  take(cargo: Cargo): void {
    if (typeof cargo === "string") this.#isOver = true;
    const { delayMs = 0, jitterMs = 0 } = this.#rule;
    const late = delayMs + (jitterMs > 0 ? jitterMs * this.#dice.share() : 0);
    this.#lastDueAt = Math.max(this.#lastDueAt, performance.now() + late);
    this.#waiting.push({ cargo, dueAt: this.#lastDueAt });
    if (typeof cargo !== "string") this.#waitingBytes += cargo.length;
    this.#go();
  }

  /** What waits does not wait any longer by the rule that was. */
  heed(rule: FlowRule): void {
    this.#rule = rule;
    this.#waiting = this.#waiting.map(({ cargo }) => ({ cargo, dueAt: 0 }));
    this.#lastDueAt = 0;
    this.#go();
  }

  #go(): void {
    clearTimeout(this.#timer);
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      if (this.#to.destroyed) return this.#drop();
      if (this.#rule.isCut === true || this.#isFull) break;
      const waitMs = Math.max(next.dueAt, this.#freeAt) - performance.now();
      if (waitMs > 0) {
        this.#timer = setTimeout(() => this.#go(), waitMs);
        break;
      }
      this.#waiting.shift();
      this.#give(next.cargo);
    }
    if (this.#waitingBytes > this.#room()) this.#from.pause();
    else if (this.#from.isPaused()) this.#from.resume();
  }

  /** More than that its sender feels; a slow flow is late by some seconds at most. */
  #room(): number {
    const { isCut = false, delayMs = 0, jitterMs = 0, bytesPerSecond = 0 } = this.#rule;
    if (bytesPerSecond > 0) return Math.min(bytesPerSecond * 2, lateBytesMax);
    return isCut || delayMs > 0 || jitterMs > 0 ? lateBytesMax : bytesInHand;
  }

  #give(cargo: Cargo): void {
    if (cargo === "end") this.#to.end();
    else if (cargo === "reset") this.#to.resetAndDestroy();
    else this.#write(cargo);
  }

  #write(bytes: Buffer): void {
    const { bytesPerSecond = 0 } = this.#rule;
    const size = bytesPerSecond > 0 ? Math.ceil(bytesPerSecond / piecesPerSecond) : bytes.length;
    const piece = bytes.subarray(0, size);
    if (piece.length < bytes.length) {
      this.#waiting.unshift({ cargo: bytes.subarray(size), dueAt: 0 });
    }
    if (bytesPerSecond > 0) {
      this.#freeAt = performance.now() + (piece.length * 1_000) / bytesPerSecond;
    }
    this.#waitingBytes -= piece.length;
    this.#isFull = !this.#to.write(piece);
  }

  /** Nobody is there to take it. */
  #drop(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#isFull = false;
    this.#from.resume();
  }
}
