// event-check.ts — is this decoded value what a watch may be told?

import { checkError } from "./error-check.ts";
import type { Events, WatchEnded } from "./frame.ts";
import { nameLengthMax, requestsPerFrameMax } from "./limits.ts";
import {
  isCount,
  isList,
  isMap,
  isText,
  Mismatch,
  mismatch,
  type PlainMap,
  plainMismatch,
} from "./plain-value.ts";
import type { WatchedEvent } from "./watched-event.ts";

export function checkEvents({ watch, events: list, through }: PlainMap): Events | Mismatch {
  if (!isCount(watch)) return mismatch("watch", "must be a whole number");
  if (through !== null && !isCount(through))
    return mismatch("through", "must be a revision or null");
  if (!isList(list)) return mismatch("events", "must be a list");
  if (list.length > requestsPerFrameMax) {
    return mismatch("events", `must be at most ${requestsPerFrameMax}`);
  }
  const events: WatchedEvent[] = [];
  for (let at = 0; at < list.length; at += 1) {
    const event = checkEvent(list[at]);
    if (event instanceof Mismatch) return event.within(`events[${at}]`);
    events.push(event);
  }
  return { kind: "events", watch, events, through };
}

export function checkWatchEnded({ watch, error: problem }: PlainMap): WatchEnded | Mismatch {
  if (!isCount(watch)) return mismatch("watch", "must be a whole number");
  const error = checkError(problem);
  return error instanceof Mismatch ? error : { kind: "watchEnded", watch, error };
}

function checkEvent(value: unknown): WatchedEvent | Mismatch {
  if (!isMap(value)) return mismatch("event", "must be a map");
  const { revision, n, type, partition, name, item, was, cause, by: doer, at, logTimeMs } = value;
  if (!isCount(revision)) return mismatch("revision", "must be a whole number");
  if (!isCount(n)) return mismatch("n", "must be a whole number");
  if (!isText(type, nameLengthMax)) return mismatch("type", "must be a short text");
  if (partition !== null && !isText(partition, nameLengthMax)) {
    return mismatch("partition", "must be a short text or null");
  }
  if (!isText(name, nameLengthMax)) return mismatch("name", "must be a short text");
  if (!isText(cause, nameLengthMax)) return mismatch("cause", "must be a short text");
  if (!isCount(at)) return mismatch("at", "must be a time");
  if (!isCount(logTimeMs)) return mismatch("logTimeMs", "must be a whole number");
  for (const [path, thing] of [["item", item] as const, ["was", was] as const]) {
    const wrong = plainMismatch(thing, path);
    if (wrong !== undefined) return wrong;
  }
  if (!isThing(item)) return mismatch("item", "must be a map or null");
  if (!isThing(was)) return mismatch("was", "must be a map or null");
  const by = checkDoer(doer);
  if (by instanceof Mismatch) return by;
  return { revision, n, type, partition, name, item, was, cause, by, at, logTimeMs };
}

function isThing(value: unknown): value is PlainMap | null {
  return value === null || isMap(value);
}

function checkDoer(value: unknown): WatchedEvent["by"] | Mismatch {
  if (value === null) return null;
  if (!isMap(value)) return mismatch("by", "must be a map or null");
  const { session, requestId } = value;
  if (isCount(session)) return { session };
  if (isText(requestId, nameLengthMax)) return { requestId };
  return mismatch("by", "must name a session or a requestId");
}
