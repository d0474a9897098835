import { DamagedDataError, DiskError, DiskStalledError, WriteFailedError } from "@rogerd/raft";
import { describe, expect, test } from "vitest";
import { failureOf, SettingsError } from "./failure.ts";
import { ListenError } from "./network.ts";
import { UnreadableEntryError } from "./state/command-codec.ts";

describe("why a daemon ends (DESIGN §3)", () => {
  test.each([
    [new SettingsError("wrong"), 78],
    [new ListenError({ code: "address-in-use", message: "can't listen on h:1" }), 69],
    [new DamagedDataError("rotten"), 65],
    [new UnreadableEntryError("newer"), 65],
    [new WriteFailedError(new Error("EIO")), 74],
    [new DiskStalledError({ stalledMs: 10_000 }), 74],
    [new DiskError({ code: "no-space", path: "/d", message: "full" }), 74],
    [new TypeError("x is not a function"), 1],
    ["thrown as a string", 1],
  ])("%s ends with exit code %i and a sentence", (error, exitCode) => {
    const failure = failureOf(error);

    expect(failure.exitCode).toBe(exitCode);
    expect(failure.sentence.length).toBeGreaterThan(4);
  });
});
