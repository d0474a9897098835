// execution-key.ts — what users say and hear about execution keys (SEMANTICS §3): how they ask, and what it
// comes to. Who holds and waits, and how they learn of it, is holdings.ts.
import type { Freeing, Grant, Wanted } from "./acquisition.ts";
import type { Reply } from "./call.ts";
import { type CallOptions, unexpected } from "./caller.ts";
import { checkTexts, checkWait } from "./given.ts";
import type { HeldKey, KeyOfOwner, KeyReleased } from "./held-key.ts";

export interface ExecutionKeyWish {
  /** The job that is to hold the key. Asking again for what it holds in this session gives the same token. */
  readonly owner: string;
  /** `wait`, the default: stands in line, first come, first served. `try`: is told that it is busy. */
  readonly mode?: "try" | "wait";
  /** Only with mode `wait`: how long it stands in line; default: until it is granted or the session ends. */
  readonly waitTimeoutMs?: number;
}

export type ExecutionKeyAcquired =
  | HeldKey
  | {
      readonly status: "busy";
      readonly holders: number;
      readonly waiters: number;
      /** A guess, but where nobody gets the key before that. */
      readonly retryAfterMs: number;
      readonly revision: number;
    }
  /** The job is cancelled, by a mark or a rule. */
  | { readonly status: "cancelled"; readonly revision: number }
  /** It stood in line for `waitTimeoutMs`. */
  | { readonly status: "timed_out" }
  /** By `withdrawExecutionKey`. */
  | { readonly status: "withdrawn" }
  /** To a `try` of an owner that stands in line already, by another call of this client. */
  | { readonly status: "waiting"; readonly ticket: number; readonly revision: number };

export type ExecutionKeyWithdrawn =
  /** It waited, and waits no more. */
  { readonly status: "withdrawn"; readonly revision: number } | KeyReleased;

/** For keys that begin with `prefix`; of several the longest holds. */
export interface ExecutionKeyRule {
  readonly prefix: string;
  /** So many may hold such a key at the same time. */
  readonly limit: number;
  readonly maxHoldMs?: number;
  readonly maxWaiters?: number;
}

export interface AskedKey extends KeyOfOwner {
  readonly mode: "try" | "wait";
  readonly waitTimeoutMs: number | undefined;
}

/** What partitions need to know of keys. */
export interface ExecutionKeys {
  acquire(asked: AskedKey, options: CallOptions): Promise<ExecutionKeyAcquired>;
  withdraw(of: KeyOfOwner, options: CallOptions): Promise<ExecutionKeyWithdrawn>;
  release(of: KeyOfOwner & { readonly token: number }, options: CallOptions): Promise<KeyReleased>;
}

export function nameOf({ partition, key, owner }: KeyOfOwner): string {
  checkTexts({ partition, "args.key": key, "args.owner": owner });
  return JSON.stringify([partition, key, owner]);
}

export function releasedOf(reply: Reply): KeyReleased {
  const { result, revision } = reply;
  if (result.status === "released") return { status: "released", revision };
  if (result.status !== "not_held") throw unexpected("executionKey.release", reply);
  return { status: "not_held", reason: result.reason, revision };
}

export function withdrawnOf(reply: Reply): ExecutionKeyWithdrawn {
  const { result, revision } = reply;
  return result.status === "withdrawn" ? { status: "withdrawn", revision } : releasedOf(reply);
}

export function withdrawal({ partition, key, owner }: KeyOfOwner): Freeing {
  const command = "executionKey.withdraw";
  return { name: nameOf({ partition, key, owner }), command, partition, args: { key, owner } };
}

/** `granted`: what its user gets. */
export function wantedKey(
  asked: AskedKey,
  granted: (grant: Grant) => HeldKey,
): Wanted<ExecutionKeyAcquired> {
  const { partition, key, owner, mode, waitTimeoutMs } = asked;
  checkWait(waitTimeoutMs, { isPatient: mode === "wait" });
  return {
    name: nameOf(asked),
    to: "hold",
    command: "executionKey.acquire",
    partition,
    args: { key, owner, mode },
    isPatient: mode === "wait",
    waitTimeoutMs,
    timedOut: { status: "timed_out" },
    withdrawn: { status: "withdrawn" },
    giveBack: { ...withdrawal(asked), key, owner },
    granted,
    answered: ({ result, revision }) => {
      switch (result.status) {
        case "busy":
          return { ...result, revision };
        case "cancelled":
          return { status: "cancelled", revision };
        case "waiting":
          return { status: "waiting", ticket: result.ticket, revision };
        default:
          return undefined;
      }
    },
    ended: ({ kind }, revision) => {
      if (kind === "cancelled") return { status: "cancelled", revision };
      return kind === "timed_out" ? { status: "timed_out" } : undefined;
    },
  };
}
