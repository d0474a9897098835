import { FilesystemPersister, MemoryDisk, NullPersister } from "@rogerd/raft";
import { describe, expect, test } from "vitest";
import { SettingsError } from "./failure.ts";
import { loadPersister } from "./load-persister.ts";

function load(module: string | undefined, exports: Readonly<Record<string, unknown>> = {}) {
  const loadModule = (path: string) =>
    path === "./mine.js" ? Promise.resolve(exports) : Promise.reject(new Error("no such file"));
  const platform = { disk: new MemoryDisk(), loadModule };
  return loadPersister({ platform, module, directory: "/data/group-0/snapshots" });
}

describe("where snapshots go", () => {
  test("into the data directory, unless the operator says otherwise", async () => {
    expect(await load(undefined)).toBeInstanceOf(FilesystemPersister);
  });

  test("to a persister of the operator's own, which is told the directory", async () => {
    const asked: unknown[] = [];
    const own = new NullPersister();
    const createPersister = (place: unknown) => {
      asked.push(place);
      return own;
    };

    expect(await load("./mine.js", { createPersister })).toBe(own);
    expect(asked).toEqual([{ directory: "/data/group-0/snapshots" }]);
  });

  test.each([
    ["./gone.js", {}, /can't be loaded: no such file/],
    ["./mine.js", {}, /must export a function createPersister/],
    ["./mine.js", { createPersister: () => ({ durable: true }) }, /is no persister: it needs/],
  ])(
    "%s that exports %j is a settings error that says what is missing",
    async (path, exports, says) => {
      await expect(load(path, exports)).rejects.toThrow(SettingsError);
      await expect(load(path, exports)).rejects.toThrow(says);
    },
  );
});
