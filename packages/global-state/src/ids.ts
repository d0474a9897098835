// ids.ts — names of the domain, and the only places that check them (SEMANTICS §2).
// The constructors are for values that were checked before (parse-command.ts, the log): a wrong one
// is a bug there. Wrong input from a client never gets here; it is `invalid_argument`.
// oxlint-disable typescript/no-unsafe-type-assertion -- this file alone makes the brands
import { assert } from "./assert.ts";
import { isOpenIdText, nameProblem } from "./names.ts";

declare const brand: unique symbol;
export type Brand<Base, Name extends string> = Base & { readonly [brand]: Name };

export type PartitionId = Brand<string, "PartitionId">;
export type JobId = Brand<string, "JobId">;
/** A queue key or an execution key. */
export type Key = Brand<string, "Key">;
/** A queue's name, or `*` for all queues of the partition. */
export type Selector = Brand<string, "Selector">;
/** Random, 128 bit, 32 hex digits, chosen by the client: it finds the same session again. */
export type OpenId = Brand<string, "OpenId">;
/** Issued by the log: a counter of the group, from 1, never reused. */
export type SessionId = Brand<number, "SessionId">;
/** The Raft index of the entry that made a change. */
export type Revision = Brand<number, "Revision">;
/** Duration clock of the log in milliseconds (SEMANTICS §5). */
export type LogTimeMs = Brand<number, "LogTimeMs">;
/** Fencing token: one counter per group, +1 for each grant, never reset. */
export type FencingToken = Brand<number, "FencingToken">;

function checkName(value: string, what: string): void {
  const problem = nameProblem(value);
  if (problem !== undefined)
    assert(false, `${what} is a name (${problem}): ${JSON.stringify(value)}`);
}

function checkCount(value: number, what: string): void {
  if (!Number.isSafeInteger(value) || value < 0) {
    assert(false, `${what} is a whole number from 0, not ${value}`);
  }
}

export function partitionId(value: string): PartitionId {
  checkName(value, "a partition id");
  return value as PartitionId;
}

export function jobId(value: string): JobId {
  checkName(value, "a job id");
  return value as JobId;
}

export function key(value: string): Key {
  checkName(value, "a key");
  return value as Key;
}

export function selector(value: string): Selector {
  checkName(value, "a selector");
  return value as Selector;
}

export function openId(value: string): OpenId {
  assert(isOpenIdText(value), "an open id is 32 hex digits");
  return value as OpenId;
}

export function sessionId(value: number): SessionId {
  checkCount(value, "a session id");
  return value as SessionId;
}

export function revision(value: number): Revision {
  checkCount(value, "a revision");
  return value as Revision;
}

export function logTimeMs(value: number): LogTimeMs {
  checkCount(value, "a log time");
  return value as LogTimeMs;
}

export function fencingToken(value: number): FencingToken {
  checkCount(value, "a fencing token");
  return value as FencingToken;
}
