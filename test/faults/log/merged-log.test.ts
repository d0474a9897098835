import { type Entry, logIndex, term } from "@rogerd/raft";
import { describe, expect, test } from "vitest";
import { MergedLog } from "./merged-log.ts";

/** Of the term that comes after the `@`: `3@2`. */
function entryOf(place: string, ...payload: readonly number[]): Entry {
  const [index, of] = place.split("@").map(Number);
  return {
    index: logIndex(index ?? 0),
    term: term(of ?? 0),
    kind: "command",
    payload: Uint8Array.from(payload),
  };
}

/** What a node has, and how far it knows that it is committed. */
function has(merged: MergedLog, by: string, entries: readonly Entry[], through: number): void {
  for (const entry of entries) merged.show(by, entry);
  for (const entry of entries) if (entry.index <= through) merged.commit(by, entry);
}

const log = (...places: readonly string[]): readonly Entry[] =>
  places.map((place) => entryOf(place, 7));

const found = ({ findings }: MergedLog): readonly string[] =>
  findings.map(({ property }) => property);

describe("logs of several nodes", () => {
  test("are one, of which each has a part", () => {
    const merged = new MergedLog();
    has(merged, "n1", log("1@1", "2@1", "3@1"), 2);
    has(merged, "n2", log("2@1", "3@1", "4@2", "5@2"), 4);

    expect([...merged.committed()]).toEqual(log("1@1", "2@1", "3@1", "4@2"));
    expect(merged.holes(4)).toEqual([]);
    expect(merged.committedThrough).toBe(4);
    expect(found(merged)).toEqual([]);
  });

  test("may lack some: the rest comes before", () => {
    const merged = new MergedLog();
    has(merged, "n1", log("1@1", "2@1"), 2);
    has(merged, "n2", log("5@1", "7@1"), 7);

    expect([...merged.committed()]).toEqual(log("1@1", "2@1"));
    expect(merged.holes(8)).toEqual([
      { from: 3, through: 4 },
      { from: 6, through: 6 },
      { from: 8, through: 8 },
    ]);
  });

  test("may differ in what is not committed", () => {
    const merged = new MergedLog();
    has(merged, "n1", log("1@1", "2@1", "3@1"), 1);
    has(merged, "n2", log("1@1", "2@2"), 2);
    has(merged, "n3", log("1@1", "2@2", "3@3"), 3);

    expect(found(merged)).toEqual([]);
    expect([...merged.committed()]).toEqual(log("1@1", "2@2", "3@3"));
  });

  test("with two committed entries of one index are two: found", () => {
    const merged = new MergedLog();
    has(merged, "n1", log("1@1", "2@1"), 2);
    has(merged, "n2", log("1@1", "2@2", "3@2"), 3);

    expect(merged.findings).toEqual([
      {
        property: "two entries are committed at one index (V5)",
        facts: [
          "n1  entry 2 of term 1, command: 1 bytes, Bw==",
          "n2  entry 2 of term 2, command: 1 bytes, Bw==",
        ],
      },
    ]);
    expect([...merged.committed()]).toEqual(log("1@1"));
  });

  test.each<[string, Entry]>([
    ["other bytes", entryOf("2@1", 8)],
    ["more bytes", entryOf("2@1", 7, 7)],
    ["another kind", { index: logIndex(2), term: term(1), kind: "noop" }],
  ])("with %s at one index and term are two: found, committed or not", (_, other) => {
    const merged = new MergedLog();
    has(merged, "n1", log("1@1", "2@1"), 1);
    has(merged, "n2", [...log("1@1"), other], 1);

    expect(found(merged)).toEqual(["two nodes have different entries of one index and term (V3)"]);
  });

  test("keep what was read from bytes that are used again", () => {
    const merged = new MergedLog();
    const payload = Uint8Array.of(7);
    has(merged, "n1", [{ ...entryOf("1@1"), kind: "command", payload }], 1);
    payload[0] = 8;

    expect([...merged.committed()]).toEqual(log("1@1"));
  });
});
