import { parseCommand } from "@rogerd/global-state";
import { expect, test } from "vitest";
import { keyDelayBounds, sessionTtlBounds } from "./limits.ts";

test.each([
  ["ttlMs", sessionTtlBounds],
  ["keyDelayMs", keyDelayBounds],
] as const)("what a client lets a session ask for as %s is what a daemon takes", (name, bounds) => {
  const { min, max } = bounds;
  const kindOf = (asked: number): string => {
    const args = { openId: "0".repeat(32), [name]: asked };
    return parseCommand("session.open", undefined, args).kind;
  };

  const kinds = [min - 1, min, max, max + 1].map(kindOf);

  expect(kinds).toEqual(["invalid", "write", "write", "invalid"]);
});
