// plain-value.ts — what a decoded value may consist of, and how a wrong one is described.
// Values here come from strangers: nothing is assumed, nothing throws.
import { frameDepthMax } from "./limits.ts";

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

/**
 * Undefined when `value` is made of strings, finite numbers, booleans, null, lists and maps only.
 * A key `__proto__` is refused: it would change what it is copied into.
 */
export function plainMismatch(value: unknown, path: string, depth = 0): Mismatch | undefined {
  if (typeof value === "string" || typeof value === "boolean" || value === null) return undefined;
  if (typeof value === "number") {
    return Number.isFinite(value) ? undefined : mismatch(path, "must be a finite number");
  }
  if (typeof value !== "object") return mismatch(path, `must not be a ${typeof value}`);
  if (depth >= frameDepthMax) return mismatch(path, "is nested too deeply");
  return isList(value)
    ? listMismatch(value, path, depth + 1)
    : entriesMismatch(value, path, depth + 1);
}

function listMismatch(list: readonly unknown[], path: string, depth: number): Mismatch | undefined {
  for (let at = 0; at < list.length; at += 1) {
    const wrong = plainMismatch(list[at], path, depth);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

/** On the path of every call: keys are walked without making pairs of them. */
function entriesMismatch(map: object, path: string, depth: number): Mismatch | undefined {
  if (!isMap(map)) return mismatch(path, "must be a map");
  for (const key in map) {
    if (key === "__proto__") return mismatch(path, "must not have a key __proto__");
    const wrong = plainMismatch(map[key], path, depth);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

/** What no frame may carry as arguments; for the end that makes them. */
export function argsMismatch(args: PlainMap): Mismatch | undefined {
  return plainMismatch(args, "args");
}
