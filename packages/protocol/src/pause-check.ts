// pause-check.ts — is this decoded value a pause as answers show it?
import type { PauseItem } from "@rogerd/global-state";
import { isCount, isText, type Mismatch, mismatch, type PlainMap } from "./plain-value.ts";
import { isAbsent, textLengthMax } from "./result-fields.ts";

export function checkPause(value: PlainMap): PauseItem | Mismatch {
  const { selector, by, reason, since, mode, until } = value;
  if (!isText(selector, textLengthMax)) return mismatch("selector", "must be a text");
  if (!isText(by, textLengthMax)) return mismatch("by", "must be a text");
  if (!isText(reason, textLengthMax)) return mismatch("reason", "must be a text");
  if (!isCount(since)) return mismatch("since", "must be a time");
  if (!isAbsent(mode) && mode !== "stop") return mismatch("mode", "must be stop or absent");
  if (!isAbsent(until) && !isCount(until)) return mismatch("until", "must be a time or absent");
  return {
    selector,
    by,
    reason,
    since,
    ...(isAbsent(mode) ? {} : { mode }),
    ...(isAbsent(until) ? {} : { until }),
  };
}
