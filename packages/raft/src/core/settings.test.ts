import { describe, expect, test } from "vitest";
import { checkSettings, defaultCoreSettings } from "./settings.ts";

describe("the settings of the core", () => {
  test("agree with each other as they come", () => {
    expect(() => checkSettings(defaultCoreSettings)).not.toThrow();
  });

  test.each([
    { electionTimeoutMinMs: 90 },
    { electionTimeoutMaxMs: 300 },
    { windowBytesMax: 1 },
    { windowMessagesMax: 0 },
    { heartbeatMs: 0 },
    { readRoundsMax: 0 },
    { transferTimeoutMs: 0 },
    { closedPreVoteMaxMs: 5 },
  ])("with $0 do not", (changed) => {
    expect(() => checkSettings({ ...defaultCoreSettings, ...changed })).toThrow("not true");
  });
});
