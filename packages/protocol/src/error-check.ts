// error-check.ts — is this decoded value an error object, or a hint to nodes?
// `retryable` is taken from the code, not from the wire: the closed set decides it (error-code.ts).
import { type ErrorDetails, type ErrorObject, errorObject, isErrorCode } from "./error-code.ts";
import type { LeaderHint, NodeHint } from "./frame.ts";
import { membersMax, nameLengthMax } from "./limits.ts";
import {
  isCount,
  isList,
  isMap,
  isText,
  Mismatch,
  mismatch,
  type PlainMap,
} from "./plain-value.ts";

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
  const leader = checkNode(value);
  return leader instanceof Mismatch ? leader.within("leader") : leader;
}

/** Of a daemon that tells them. */
export function checkMembers(value: unknown): { readonly members?: NodeHint[] } | Mismatch {
  if (value === undefined || value === null) return {};
  if (!isList(value)) return mismatch("members", "must be a list");
  if (value.length > membersMax) return mismatch("members", `must be at most ${membersMax}`);
  const members: NodeHint[] = [];
  for (const [at, member] of value.entries()) {
    const checked = isMap(member) ? checkNode(member) : mismatch("", "must be a map");
    if (checked instanceof Mismatch) return checked.within(`members[${at}]`);
    members.push(checked);
  }
  return { members };
}

function checkNode({ name, clientUrl }: PlainMap): NodeHint | Mismatch {
  if (!isText(name, nameLengthMax)) return mismatch("name", "must be a short text");
  if (!isText(clientUrl, nameLengthMax)) return mismatch("clientUrl", "must be a short text");
  return { name, clientUrl };
}
