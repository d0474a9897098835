// key-item.ts — a key as a daemon lists it, read without believing it: who has it, since when, until when.
// `keys` shows many of them, `why` one.
import { numberAt, objectsAt, textAt, timeAt, type WireObject } from "./wire-value.ts";

export interface Holder {
  readonly owner: string | null;
  /** By which it lives; null: by none, until somebody frees it. */
  readonly session: number | null;
  readonly token: number | null;
  readonly since: string | null;
}

export interface QueueKey {
  readonly kind: "queue";
  readonly key: string;
  readonly owner: string | null;
  readonly since: string | null;
  /** When it is free by itself; null: it waits for its owner. */
  readonly expiresAt: string | null;
  readonly provisional: boolean;
}

export interface ExecutionKey {
  readonly kind: "execution";
  readonly key: string;
  readonly limit: number | null;
  readonly holders: readonly Holder[];
  /** How many stand in line. */
  readonly waiters: number;
}

export function readQueueKey(item: WireObject): QueueKey {
  return {
    kind: "queue",
    key: textAt(item, "key") ?? "",
    owner: textAt(item, "owner") ?? null,
    since: timeAt(item, "since"),
    expiresAt: timeAt(item, "expiresAt"),
    provisional: item["provisional"] === true,
  };
}

export function readExecutionKey(item: WireObject): ExecutionKey {
  return {
    kind: "execution",
    key: textAt(item, "key") ?? "",
    limit: numberAt(item, "limit") ?? null,
    holders: readHolders(item),
    waiters: numberAt(item, "waiters") ?? 0,
  };
}

export function readHolders(from: WireObject): readonly Holder[] {
  return objectsAt(from, "holders").map((holder) => ({
    owner: textAt(holder, "owner") ?? null,
    session: numberAt(holder, "session") ?? null,
    token: numberAt(holder, "token") ?? null,
    since: timeAt(holder, "since"),
  }));
}
