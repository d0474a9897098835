// ids.ts — names of the domain, and the only places that check them (SEMANTICS §2).
// A wrong name is bad input, answered with `invalid_argument`; nothing here throws for it.

declare const brand: unique symbol;
type Brand<Base, Name extends string> = Base & { readonly [brand]: Name };

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
