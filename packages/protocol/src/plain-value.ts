// plain-value.ts — what a decoded value may consist of, and how a wrong one is described.
// Values here come from strangers: nothing is assumed, nothing throws.
import { frameDepthMax, nameLengthMax } from "./limits.ts";

/** Where a value is not what it should be, and why, for `invalid_argument {path}`. */
export class Mismatch {
  readonly path: string;
  readonly reason: string;

  constructor(at: { readonly path: string; readonly reason: string }) {
    this.path = at.path;
    this.reason = at.reason;
  }

  within(path: string): Mismatch {
    return new Mismatch({ path: `${path}.${this.path}`, reason: this.reason });
  }
}

export function mismatch(path: string, reason: string): Mismatch {
  return new Mismatch({ path, reason });
}

export type PlainMap = Readonly<Record<string, unknown>>;

export function isMap(value: unknown): value is PlainMap {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Typed as what it is: an array of anything, each element still to be checked. */
export function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

/** A whole number, never negative, exact in a double. */
export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && typeof value === "number" && value >= 0;
}

export function isText(value: unknown, lengthMax: number): value is string {
  return typeof value === "string" && value.length <= lengthMax;
}

/** Not `Object`: bytes, a date, a set or the like, which frames have no form for. */
function kindOf(value: object): string {
  return Object.prototype.toString.call(value).slice("[object ".length, -1);
}

/** Half of a pair becomes another character on the way: two names would be one. */
function isWellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}

type TextRule = "any" | "well-formed";

/**
 * Undefined when `value` is made of strings, finite numbers, booleans, null, lists and maps only.
 * A key `__proto__` is refused: it would change what it is copied into.
 */
export function plainMismatch(
  value: unknown,
  path: string,
  texts: TextRule = "any",
): Mismatch | undefined {
  const flaw = flawOf(value, texts, 0);
  return flaw === undefined ? undefined : mismatch(`${path}${flaw.path}`, flaw.reason);
}

/** Paths are made only where something is wrong: this is on the way of every call. */
function flawOf(value: unknown, texts: TextRule, depth: number): Mismatch | undefined {
  if (typeof value === "string") {
    const isRight = texts === "any" || isWellFormed(value);
    return isRight ? undefined : mismatch("", "must be well-formed text");
  }
  if (typeof value === "boolean" || value === null) return undefined;
  if (typeof value === "number") {
    return Number.isFinite(value) ? undefined : mismatch("", "must be a finite number");
  }
  if (value === undefined) return mismatch("", "is missing");
  if (typeof value !== "object") return mismatch("", `must not be a ${typeof value}`);
  if (depth >= frameDepthMax) return mismatch("", "is nested too deeply");
  return isList(value) ? flawOfList(value, texts, depth + 1) : flawOfMap(value, texts, depth + 1);
}

function flawOfList(
  list: readonly unknown[],
  texts: TextRule,
  depth: number,
): Mismatch | undefined {
  for (let at = 0; at < list.length; at += 1) {
    const flaw = flawOf(list[at], texts, depth);
    if (flaw !== undefined) return mismatch(`[${at}]${flaw.path}`, flaw.reason);
  }
  return undefined;
}

/** Keys are walked without making pairs of them. */
function flawOfMap(map: object, texts: TextRule, depth: number): Mismatch | undefined {
  if (!isMap(map) || kindOf(map) !== "Object") {
    return mismatch("", `must not be a ${kindOf(map)}`);
  }
  for (const key in map) {
    if (key === "__proto__") return mismatch("", "must not have a key __proto__");
    const flaw = flawOf(map[key], texts, depth);
    if (flaw !== undefined) return mismatch(`.${key}${flaw.path}`, flaw.reason);
  }
  return undefined;
}

/** What no frame may carry as a request; for the end that makes them, of what somebody gave it. */
export function requestMismatch(asked: {
  readonly command: unknown;
  readonly partition: unknown;
  readonly args: unknown;
}): Mismatch | undefined {
  const { args, command, partition } = asked;
  if (!isText(command, nameLengthMax)) return mismatch("command", "must be a short text");
  const isOfPartition = partition !== undefined;
  if (isOfPartition && !isText(partition, nameLengthMax)) {
    return mismatch("partition", "must be a short text");
  }
  if (!isMap(args)) return mismatch("args", "must be a map");
  return (
    plainMismatch(partition ?? "", "partition", "well-formed") ??
    plainMismatch(args, "args", "well-formed")
  );
}
