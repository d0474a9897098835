import {
  DamagedDataError,
  DiskError,
  DiskStalledError,
  FolderTakenError,
  ForgottenLogError,
  logIndex,
  SnapshotMissingError,
  term,
  WriteFailedError,
} from "@rogerd/raft";
import { describe, expect, test } from "vitest";
import { failureOf, RemovedNodeError, SettingsError } from "./failure.ts";
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
    const failure = failureOf(error, { dataDir: "/var/d" });

    expect(failure.exitCode).toBe(exitCode);
    expect(failure.sentence.length).toBeGreaterThan(4);
  });

  test("a removed node: how the machine comes back as a new one", () => {
    const error = new RemovedNodeError({
      ...{ name: "n2", clusterId: "c1", dataDir: "/var/d" },
      ...{ peerUrl: "ws://10.0.0.2:7501", clientUrl: "ws://10.0.0.2:7401" },
    });

    const { exitCode, sentence } = failureOf(error, { dataDir: "/var/d" });

    expect(exitCode).toBe(78);
    expect(sentence).toMatch(/^n2 was removed from cluster c1 for good.*move \/var\/d away/);
    expect(sentence).toMatch(
      /run: rogerctl member add n2 --peer 10.0.0.2:7501 --client 10.0.0.2:7401$/,
    );
  });

  test("a snapshot that can't be loaded: which folder, and what to do", () => {
    const snapshot = { term: 3, index: 7_000, hash: "ab" };
    const error = new SnapshotMissingError(snapshot, new Error("no such file"));

    const { exitCode, sentence } = failureOf(error, { dataDir: "/var/d" });

    expect(exitCode).toBe(65);
    expect(sentence).toMatch(/index 7000.*no such file.*\/var\/d\/group-0\/snapshots/);
    expect(sentence).toContain(
      "other voters run, they have what it held: rogerd recover /var/d --rejoin.",
    );
    expect(sentence).toContain("only voter: rogerd recover /var/d --accept-tail-loss");
  });

  test("a disk that has lost what was acknowledged: what to do with which folder", () => {
    const lost = { term: term(4), acknowledged: logIndex(9), lastIndex: logIndex(7) };

    const { exitCode, sentence } = failureOf(new ForgottenLogError(lost), { dataDir: "/var/d" });

    expect(exitCode).toBe(65);
    expect(sentence).toMatch(/through 9 .* ends with 7: .*rogerd recover \/var\/d --rejoin$/);
  });

  test("a folder that is taken: by whom, and what to do", () => {
    const { exitCode, sentence } = failureOf(
      new FolderTakenError("/var/d is in use by process 7"),
      {
        dataDir: "/var/d",
      },
    );

    expect(exitCode).toBe(69);
    expect(sentence).toBe(
      "/var/d is in use by process 7: end that process, or start with another --data-dir.",
    );
  });
});
