import { describe, expect, test } from "vitest";
import { Durability } from "./durability.ts";
import { logIndex, nodeId, persistSequence, term, ZERO_INDEX } from "./ids.ts";

const hardState = { term: term(1), votedFor: undefined };

const aDisk = (): Durability =>
  new Durability({ lastIndex: logIndex(3), hardState, snapshotIndex: ZERO_INDEX });

const persist = (lastIndex: number, inTerm = 1) => ({
  term: term(inTerm),
  lastIndex: logIndex(lastIndex),
  hardState: undefined,
  snapshotIndex: undefined,
});

const completion = (sequence: number, inTerm = 1) => ({
  sequence: persistSequence(sequence),
  term: term(inTerm),
});

describe("what is on disk", () => {
  test("follows the completions, each of which stands for all before it", () => {
    const disk = aDisk();
    for (const lastIndex of [4, 5, 6]) disk.issue(persist(lastIndex));

    disk.completed(completion(2));
    const afterTwo = disk.lastIndex;
    disk.completed(completion(3));

    expect([afterTwo, disk.lastIndex]).toEqual([5, 6]);
  });

  test("is not changed by a completion that was told already (R16)", () => {
    const disk = aDisk();
    for (const lastIndex of [4, 5]) disk.issue(persist(lastIndex));
    disk.completed(completion(2));

    disk.completed(completion(1));

    expect(disk.lastIndex).toBe(5);
  });

  test("does not include what was truncated while it was being written, nor what came in its place (R15)", () => {
    const disk = aDisk();
    disk.issue(persist(6, 1)); // 4..6 of term 1
    disk.cap(logIndex(4));
    disk.issue(persist(6, 2)); // 5..6 of term 2
    disk.cap(logIndex(4));
    disk.issue(persist(6, 3)); // 5..6 of term 3

    const steps = [1, 2, 3].map((sequence) => {
      disk.completed(completion(sequence, sequence));
      return disk.lastIndex;
    });

    expect(steps).toEqual([4, 4, 6]);
  });

  test("knows the hard state and the snapshot mark that are there", () => {
    const disk = aDisk();
    const voted = { term: term(2), votedFor: nodeId("a".repeat(32)) };
    disk.issue({ ...persist(3, 2), hardState: voted });
    disk.issue({ ...persist(3, 2), snapshotIndex: logIndex(2) });
    const before = [disk.hardState, disk.snapshotIndex];

    disk.completed(completion(2, 2));

    expect(before).toEqual([hardState, 0]);
    expect([disk.hardState, disk.snapshotIndex]).toEqual([voted, 2]);
  });

  test("is never told of what was not asked for, or of another term", () => {
    const disk = aDisk();
    disk.issue(persist(4));

    expect(() => disk.completed(completion(2))).toThrow("only what was asked for");
    expect(() => disk.completed(completion(1, 9))).toThrow("in the term it was issued in");
  });
});
