import { describe, expect, test } from "vitest";
import { logIndex } from "../core/ids.ts";
import { Reads } from "./reads.ts";

const ready = (index: number) => ({ kind: "ready", appliedIndex: logIndex(index) });

describe("reads", () => {
  test("all reads of a turn share one ticket", () => {
    const reads = new Reads({ waitingMax: 10 });
    void reads.add();
    void reads.add();

    expect(reads.ask(1)).toBe(true);
    expect(reads.ask(2)).toBe(false);
  });

  test("a confirmed read waits until its index is applied (Q9)", async () => {
    const reads = new Reads({ waitingMax: 10 });
    const outcomes: unknown[] = [];
    void reads.add().then((outcome) => outcomes.push(outcome));
    reads.ask(1);
    reads.readable({ ticket: 1, index: logIndex(7), appliedIndex: logIndex(5) });

    reads.applied(logIndex(6));
    await Promise.resolve();
    expect(outcomes).toEqual([]);
    reads.applied(logIndex(8));
    await Promise.resolve();

    expect(outcomes).toEqual([ready(8)]);
  });

  test("a confirmed read whose index is applied already is ready at once", async () => {
    const reads = new Reads({ waitingMax: 10 });
    const outcome = reads.add();
    reads.ask(1);

    reads.readable({ ticket: 1, index: logIndex(7), appliedIndex: logIndex(7) });

    expect(await outcome).toEqual(ready(7));
  });

  test("a refused round answers all of its reads and no others", async () => {
    const reads = new Reads({ waitingMax: 10 });
    const first = reads.add();
    reads.ask(1);
    const outcomes: unknown[] = [];
    void reads.add().then((outcome) => outcomes.push(outcome));
    reads.ask(2);

    reads.refused(1, { kind: "unavailable" });

    expect(await first).toEqual({ kind: "unavailable" });
    expect(outcomes).toEqual([]);
  });

  test("more reads than may wait are unavailable, and room comes back with each answer", async () => {
    const reads = new Reads({ waitingMax: 1 });
    const first = reads.add();
    expect(await reads.add()).toEqual({ kind: "unavailable" });
    reads.ask(1);
    reads.refused(1, { kind: "unavailable" });
    await first;

    void reads.add();

    expect(reads.ask(2)).toBe(true);
  });

  test("at the end no read is left waiting", async () => {
    const reads = new Reads({ waitingMax: 10 });
    const confirmed = reads.add();
    reads.ask(1);
    reads.readable({ ticket: 1, index: logIndex(9), appliedIndex: logIndex(1) });
    const asked = reads.add();
    reads.ask(2);
    const gathered = reads.add();

    reads.end();

    const unavailable = { kind: "unavailable" };
    expect(await Promise.all([confirmed, asked, gathered])).toEqual([
      unavailable,
      unavailable,
      unavailable,
    ]);
  });
});
