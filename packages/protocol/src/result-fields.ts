// result-fields.ts — what several checks of results ask of one field: a token, a session, a list of them.
import type { FencingToken, SessionId } from "@rogerd/global-state";
import { isCount, isList, isText, Mismatch, mismatch } from "./plain-value.ts";

/** Reasons and names are at most 512 bytes where they come in; here only the absurd is refused. */
export const textLengthMax = 4096;

export function isOptionalText(value: unknown): value is string | null {
  return value === null || isText(value, textLengthMax);
}

export function isAbsent(value: unknown): value is undefined | null {
  return value === undefined || value === null;
}

/** Drawn by the log, counted from 1: the brand's second checked door, for what comes by wire. */
export function isToken(value: unknown): value is FencingToken {
  return isCount(value) && value > 0;
}

/** Issued by the log in the same way. */
export function isSessionId(value: unknown): value is SessionId {
  return isCount(value) && value > 0;
}

export function each<T>(
  value: unknown,
  path: string,
  check: (element: unknown) => T | Mismatch,
): readonly T[] | Mismatch {
  if (!isList(value)) return mismatch(path, "must be a list");
  const checked: T[] = [];
  for (let at = 0; at < value.length; at += 1) {
    const element = check(value[at]);
    if (element instanceof Mismatch) return element.within(`${path}[${at}]`);
    checked.push(element);
  }
  return checked;
}
