import { expect, test } from "vitest";
import { parseInstant } from "./instant.ts";

test("a time has its zone, and a date that there is", () => {
  expect(parseInstant("2026-09-21T14:13:20Z")).toBe(1_790_000_000_000);
  expect(parseInstant("2026-09-21T16:13:20.5+02:00")).toBe(1_790_000_000_500);
  expect(parseInstant("2026-09-21T14:13Z")).toBe(1_789_999_980_000);
  for (const none of [
    "2026-09-21",
    "2026-09-21T14:13",
    "2026-13-21T14:13Z",
    "1969-01-01T00:00Z",
    "tomorrow",
    "1790000000000",
  ]) {
    expect(parseInstant(none)).toBe(undefined);
  }
});
