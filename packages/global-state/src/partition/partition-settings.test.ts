import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { defaultLimits } from "../limits.ts";
import { DamagedSnapshotError } from "../snapshot/damaged-snapshot.ts";
import { Reader } from "../snapshot/reader.ts";
import { Writer } from "../snapshot/writer.ts";
import {
  changedBy,
  limitOf,
  markTtlMsOf,
  noSettings,
  type PartitionSettings,
  partitionDefaultNames,
  partitionLimitNames,
  readSettings,
  writeSettings,
} from "./partition-settings.ts";

const state = { limits: { ...defaultLimits, runsMax: 10 } };
const withSettings = (settings: Partial<PartitionSettings>): { settings: PartitionSettings } => {
  return { settings: { ...noSettings, ...settings } };
};

describe("a limit of a partition", () => {
  test("is the cluster's where it has none of its own, and never above that", () => {
    const limit = "runs";
    const plain = withSettings({});
    const [low, high] = [
      withSettings({ limits: { runs: 0 } }),
      withSettings({ limits: { runs: 11 } }),
    ];

    expect([plain, low, high].map((partition) => limitOf(state, { partition, limit }))).toEqual([
      ...[10, 0, 10],
    ]);
  });

  test("each has a bound in the cluster", () => {
    for (const name of partitionLimitNames) {
      expect(limitOf(state, { partition: withSettings({}), limit: name })).toBeGreaterThan(0);
    }
  });
});

test("a mark lasts as the partition says, or else as the cluster does", () => {
  const own = withSettings({ defaults: { markTtlMs: 5_000 } });

  expect([markTtlMsOf(state, own), markTtlMsOf(state, withSettings({}))]).toEqual([
    ...[5_000, 86_400_000],
  ]);
});

test("a change leaves what it does not name, takes back with null, and keeps the order of names", () => {
  const from = { pauses: 1, runs: 2 };

  const result = changedBy(partitionLimitNames, {
    from,
    change: { pauses: 3, runs: null, cancelMarks: 4 },
  });

  expect(Object.entries(result)).toEqual([
    ["cancelMarks", 4],
    ["pauses", 3],
  ]);
});

const values = (names: readonly string[]): fc.Arbitrary<Record<string, number>> =>
  fc.subarray([...names]).chain((some) => {
    return fc.record(Object.fromEntries(some.map((name) => [name, fc.maxSafeNat()])));
  });

describe("settings as bytes", () => {
  test("are read as they were written (property)", () => {
    const settings = fc.record({
      limits: values(partitionLimitNames),
      defaults: values(partitionDefaultNames),
    });
    fc.assert(
      fc.property(settings, (written) => {
        const writer = new Writer();
        writer.reset(0);
        writeSettings(written, writer);
        const reader = new Reader(writer.take());

        expect(readSettings(reader)).toEqual(written);
        expect(reader.isAtEnd).toBe(true);
      }),
    );
  });

  test.each([
    ["an unknown limit", [1, partitionLimitNames.length, 5, 0]],
    ["an unknown default", [0, 1, partitionDefaultNames.length, 5]],
    ["one that is there twice", [2, 3, 5, 3, 6, 0]],
    ["another order", [2, 3, 5, 2, 6, 0]],
    ["fewer than there are", [2, 3, 5]],
  ])("with %s are damaged", (_what, bytes) => {
    expect(() => readSettings(new Reader(Uint8Array.from(bytes)))).toThrow(DamagedSnapshotError);
  });
});
