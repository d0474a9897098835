// with-times.ts — what a daemon tells of things, with its times as rogerctl gives every time: ISO-8601 in UTC.
import { isObject, timeAt, type WireObject } from "./wire-value.ts";

const times: ReadonlySet<string> = new Set([
  "at",
  "enqueuedBefore",
  "expiresAt",
  "rememberedUntil",
  "since",
  "until",
]);

/** For programs: times as everywhere, whatever they are times of. */
export function withTimes(facts: WireObject): WireObject {
  const shown = Object.entries(facts).map(([name, value]): [string, unknown] => {
    if (times.has(name)) return [name, timeAt(facts, name)];
    if (Array.isArray(value))
      return [name, value.map((each) => (isObject(each) ? withTimes(each) : each))];
    return [name, isObject(value) ? withTimes(value) : value];
  });
  return Object.fromEntries<unknown>(shown);
}
