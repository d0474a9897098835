// error-check.ts — is this decoded value an error object, or a leader hint?
// `retryable` is taken from the code, not from the wire: the closed set decides it (error-code.ts).
import { type ErrorDetails, type ErrorObject, errorObject, isErrorCode } from "./error-code.ts";
import type { LeaderHint } from "./frame.ts";
import { nameLengthMax } from "./limits.ts";
import { isCount, isMap, isText, Mismatch, mismatch, type PlainMap } from "./plain-value.ts";

type Writable<T> = { -readonly [Field in keyof T]: T[Field] };

/** Sentences for people may be long, not endless. */
const messageLengthMax = 16 * nameLengthMax;

export function checkError(value: unknown): ErrorObject | Mismatch {
  if (!isMap(value)) return mismatch("error", "must be a map");
  const { code, message } = value;
  if (!isErrorCode(code)) return mismatch("error.code", "is not a known code");
  if (!isText(message, messageLengthMax)) return mismatch("error.message", "must be a text");
  const details = checkDetails(value);
  return details instanceof Mismatch ? details : errorObject(code, message, details);
}

function checkDetails(value: PlainMap): ErrorDetails | Mismatch {
  const details: Writable<ErrorDetails> = {};
  const { leader: hint, retryAfterMs, path, limit, current, partition, revision } = value;
  if (hint !== undefined) {
    const leader = checkLeader(hint);
    if (leader instanceof Mismatch) return leader;
    details.leader = leader;
  }
  for (const [name, text] of Object.entries({ path, limit, partition })) {
    if (text === undefined || text === null) continue;
    if (!isText(text, nameLengthMax)) return mismatch(`error.${name}`, "must be a short text");
    if (name === "path") details.path = text;
    else if (name === "limit") details.limit = text;
    else details.partition = text;
  }
  for (const [name, count] of Object.entries({ retryAfterMs, current, revision })) {
    if (count === undefined || count === null) continue;
    if (!isCount(count)) return mismatch(`error.${name}`, "must be a whole number");
    if (name === "current") details.current = count;
    else if (name === "revision") details.revision = count;
    else details.retryAfterMs = count;
  }
  return details;
}

/** Null: nobody leads, as far as the sender knows. */
export function checkLeader(value: unknown): LeaderHint | null | Mismatch {
  if (value === null) return null;
  if (!isMap(value)) return mismatch("leader", "must be a map or null");
  const { name, clientUrl } = value;
  if (!isText(name, nameLengthMax)) return mismatch("leader.name", "must be a short text");
  if (!isText(clientUrl, nameLengthMax)) {
    return mismatch("leader.clientUrl", "must be a short text");
  }
  return { name, clientUrl };
}
