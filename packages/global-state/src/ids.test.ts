import { expect, test } from "vitest";
import { InvariantViolation } from "./assert.ts";
import { fencingToken, jobId, key, logTimeMs, openId, partitionId, sessionId } from "./ids.ts";

test("a name that was not checked before is a bug, not input", () => {
  for (const make of [partitionId, jobId, key]) {
    expect(make("mail")).toBe("mail");
    expect(() => make("")).toThrow(InvariantViolation);
    expect(() => make("a\u0000")).toThrow(InvariantViolation);
  }
  expect(() => openId("abc")).toThrow(InvariantViolation);
});

test("a number of the log is a whole number from 0", () => {
  for (const make of [sessionId, logTimeMs, fencingToken]) {
    expect(make(0)).toBe(0);
    expect(make(Number.MAX_SAFE_INTEGER)).toBe(Number.MAX_SAFE_INTEGER);
    for (const wrong of [-1, 0.5, Number.NaN, 2 ** 53]) {
      expect(() => make(wrong)).toThrow(InvariantViolation);
    }
  }
});
