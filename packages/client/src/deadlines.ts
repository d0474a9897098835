// deadlines.ts — who must be told when their time is up, with one timer for all.
// Coarse buckets: a call costs no timer and no sorting. Never early, late by at most one bucket.
import type { ClientPlatform, Timer } from "./platform.ts";

/** What a timer takes at most; about 24 days. */
export const timeoutMsMax: number = 2 ** 31 - 1;
const bucketMs = 10;

export class Deadlines<Item> {
  readonly #platform: ClientPlatform;
  readonly #expire: (item: Item) => void;
  readonly #buckets = new Map<number, Set<Item>>();
  #timer: Timer | undefined;
  #armedFor = Number.POSITIVE_INFINITY;

  constructor(platform: ClientPlatform, expire: (item: Item) => void) {
    this.#platform = platform;
    this.#expire = expire;
  }

  /** `atMs` is monotonic time. Remove with the same time. */
  add(item: Item, atMs: number): void {
    const bucket = bucketOf(atMs);
    const items = this.#buckets.get(bucket);
    if (items === undefined) this.#buckets.set(bucket, new Set([item]));
    else items.add(item);
    if (bucket < this.#armedFor) this.#arm(bucket);
  }

  /** The timer stays: setting it anew for each call would cost more than waking once in vain. */
  remove(item: Item, atMs: number): void {
    const bucket = bucketOf(atMs);
    const items = this.#buckets.get(bucket);
    if (items === undefined) return;
    items.delete(item);
    if (items.size === 0) this.#buckets.delete(bucket);
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#armedFor = Number.POSITIVE_INFINITY;
    this.#buckets.clear();
  }

  #arm(bucket: number): void {
    this.#timer?.cancel();
    this.#armedFor = bucket;
    const leftMs = bucket * bucketMs - this.#platform.monotonicNow();
    // A timer that is asked for more fires at once; one that fires too early is armed again.
    const delayMs = Math.min(timeoutMsMax, Math.max(0, leftMs));
    this.#timer = this.#platform.setTimer(delayMs, () => this.#fire());
  }

  #fire(): void {
    this.#timer = undefined;
    this.#armedFor = Number.POSITIVE_INFINITY;
    const now = this.#platform.monotonicNow();
    const due = [...this.#buckets.keys()].filter((bucket) => bucket * bucketMs <= now);
    for (const bucket of due.toSorted((left, right) => left - right)) {
      const items = this.#buckets.get(bucket);
      this.#buckets.delete(bucket);
      for (const item of items ?? []) this.#expire(item);
    }
    this.#armNext();
  }

  #armNext(): void {
    let next = Number.POSITIVE_INFINITY;
    for (const bucket of this.#buckets.keys()) next = Math.min(next, bucket);
    if (next < this.#armedFor) this.#arm(next);
  }
}

function bucketOf(atMs: number): number {
  return Math.ceil(atMs / bucketMs);
}
