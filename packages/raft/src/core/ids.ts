// ids.ts — numbers and names that must not be mixed, and the only places that make them.
// Terms and indexes are plain numbers up to 2^53 - 1; every constructor checks that.
import { InvariantViolation } from "./assert.ts";

declare const brand: unique symbol;
type Brand<Base, Name extends string> = Base & { readonly [brand]: Name };

/** A term (§3.3): 0 before the first election, then counting up. */
export type Term = Brand<number, "Term">;
/** A position in the log (§3.5): the first entry has index 1; 0 means "before the log". */
export type LogIndex = Brand<number, "LogIndex">;
/** A node for ever: 32 hex digits, random, kept with the data directory. A wiped disk is a new node. */
export type NodeId = Brand<string, "NodeId">;
/** One process run of a node: counts up with each start of the same data directory, from 1. */
export type Incarnation = Brand<number, "Incarnation">;
/** Milliseconds of a clock that never jumps. Comparable only within one process run. */
export type MonotonicMs = Brand<number, "MonotonicMs">;
/** Numbers persist effects of one run, from 1, in the order in which they must reach the disk. */
export type PersistSequence = Brand<number, "PersistSequence">;
/** Names one heartbeat round of a leader; never used twice within a term (Q3: never on a retry). */
export type ReadRound = Brand<number, "ReadRound">;

const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;

const isTerm = (value: number): value is Term => isCount(value);
const isLogIndex = (value: number): value is LogIndex => isCount(value);
const isIncarnation = (value: number): value is Incarnation => isCount(value);
const isMonotonicMs = (value: number): value is MonotonicMs => Number.isFinite(value);
const isPersistSequence = (value: number): value is PersistSequence => isCount(value);
const isReadRound = (value: number): value is ReadRound => isCount(value);

/** Made only when it is needed: these constructors run many times in every step. */
function refuse(claim: string, value: unknown): never {
  throw new InvariantViolation(`not true: ${claim}, not ${String(value)}`);
}

export function term(value: number): Term {
  if (!isTerm(value)) return refuse("a term is a whole number from 0", value);
  return value;
}

export function logIndex(value: number): LogIndex {
  if (!isLogIndex(value)) return refuse("a log index is a whole number from 0", value);
  return value;
}

export function nodeId(value: string): NodeId {
  if (!isNodeId(value)) return refuse("a node id is 32 hex digits", value);
  return value;
}

/** For bytes from outside, where a wrong id is bad input and not a bug. */
export function isNodeId(value: unknown): value is NodeId {
  return typeof value === "string" && /^[0-9a-f]{32}$/.test(value);
}

export function incarnation(value: number): Incarnation {
  if (!isIncarnation(value)) return refuse("an incarnation is a whole number", value);
  return value;
}

export function monotonicMs(value: number): MonotonicMs {
  if (!isMonotonicMs(value)) return refuse("a time is a finite number", value);
  return value;
}

export function persistSequence(value: number): PersistSequence {
  if (!isPersistSequence(value)) return refuse("a persist sequence is a whole number", value);
  return value;
}

export function readRound(value: number): ReadRound {
  if (!isReadRound(value)) return refuse("a read round is a whole number", value);
  return value;
}

export const indexAfter = (index: LogIndex): LogIndex => logIndex(index + 1);
export const indexBefore = (index: LogIndex): LogIndex => logIndex(index - 1);
export const termAfter = (previous: Term): Term => term(previous + 1);
export const later = (start: MonotonicMs, durationMs: number): MonotonicMs =>
  monotonicMs(start + durationMs);

export const ZERO_TERM: Term = term(0);
export const ZERO_INDEX: LogIndex = logIndex(0);
