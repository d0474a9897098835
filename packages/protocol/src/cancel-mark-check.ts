// cancel-mark-check.ts — is this decoded value a cancel mark as answers show it?
import type { CancelMarkItem } from "@rogerd/global-state";
import { isCount, isText, type Mismatch, mismatch, type PlainMap } from "./plain-value.ts";
import { textLengthMax } from "./result-fields.ts";

export function checkCancelMark(value: PlainMap): CancelMarkItem | Mismatch {
  const { jobId, by, reason, at, state } = value;
  if (!isText(jobId, textLengthMax)) return mismatch("jobId", "must be a text");
  if (!isText(by, textLengthMax)) return mismatch("by", "must be a text");
  if (!isText(reason, textLengthMax)) return mismatch("reason", "must be a text");
  if (!isCount(at)) return mismatch("at", "must be a time");
  if (!isMarkState(state)) return mismatch("state", "is not a known state");
  return { jobId, by, reason, at, state };
}

const markStates: readonly string[] = [
  "pending",
  "delivered",
  "acknowledged",
  "consumed",
  "too_late",
] satisfies readonly CancelMarkItem["state"][];

function isMarkState(value: unknown): value is CancelMarkItem["state"] {
  return typeof value === "string" && markStates.includes(value);
}
