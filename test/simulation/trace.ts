// trace.ts — what happened, as a digest (the same seed must give the same one) and as lines for people.
// Everything that a run decides or brings about is mixed in; it decides nothing itself.
import { crc32 } from "node:zlib";

export interface TraceLine {
  readonly atMs: number;
  /** A node, a client, or `network`. */
  readonly who: string;
  readonly text: string;
}

/** So many lines are kept for a failure's report. */
const linesKept = 4_000;

export class Trace {
  #high = 0x811c9dc5;
  #low = 0x01000193;
  #lines: TraceLine[] = [];
  readonly #keepsAll: boolean;
  now: () => number = () => 0;

  constructor(settings: { readonly lines: "all" | "last" }) {
    this.#keepsAll = settings.lines === "all";
  }

  mix(value: number): void {
    const whole = Math.imul(value | 0, 0x85ebca6b) ^ Math.trunc((value % 1) * 2 ** 31);
    this.#high = Math.imul(this.#high ^ whole, 0x01000193) ^ (this.#low >>> 13);
    this.#low = Math.imul(this.#low ^ (whole >>> 7), 0x9e3779b1) ^ (this.#high >>> 11);
  }

  mixBytes(data: Uint8Array | string): void {
    this.mix(crc32(data));
  }

  say(who: string, text: string): void {
    this.mixBytes(`${who} ${text}`);
    this.#lines.push({ atMs: this.now(), who, text });
    if (!this.#keepsAll && this.#lines.length > 2 * linesKept) {
      this.#lines = this.#lines.slice(-linesKept);
    }
  }

  get lines(): readonly TraceLine[] {
    return this.#lines;
  }

  get digest(): string {
    const hex = (half: number): string => (half >>> 0).toString(16).padStart(8, "0");
    return hex(this.#high) + hex(this.#low);
  }
}

export function lineText(line: TraceLine): string {
  return `${(line.atMs / 1000).toFixed(4).padStart(9)}  ${line.who.padEnd(8)} ${line.text}`;
}
