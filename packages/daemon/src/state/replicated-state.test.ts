import { createHash } from "node:crypto";
import {
  logTimeMs,
  type Outcome,
  partitionId,
  type Submission,
  selector,
} from "@rogerd/global-state";
import { type Committed, logIndex, term } from "@rogerd/raft";
import { describe, expect, test } from "vitest";
import { encodeEntry } from "./command-codec.ts";
import { ReplicatedState } from "./replicated-state.ts";

const platform = {
  afterTurn: (callback: () => void) => void setImmediate(callback),
  monotonicNow: () => performance.now(),
  digest: (bytes: Uint8Array): Uint8Array => createHash("sha256").update(bytes).digest(),
};
const partition = partitionId("acme");
const origin = { kind: "none" } as const;
const start: Submission = { origin, write: { name: "partition.start", partition, args: {} } };

function pause(queue: string): Submission {
  const args = { queue: selector(queue) };
  return { origin, write: { name: "roger.queuePause", partition, args } };
}

function command(index: number, ...submissions: Submission[]): Committed {
  const payload = encodeEntry({ logTime: logTimeMs(index * 100), wallMs: 1, submissions });
  return { index: logIndex(index), term: term(2), payload };
}

function noop(index: number): Committed {
  return { index: logIndex(index), term: term(2), payload: undefined };
}

function paused(state: ReplicatedState): unknown {
  return state.current.read({ name: "roger.queueGetPaused", partition, args: {} });
}

async function copyOf(state: ReplicatedState, at: number): Promise<ReplicatedState> {
  const copy = new ReplicatedState({ platform });
  const snapshot = await state.takeSnapshot();
  if (snapshot === undefined) throw new Error("no epoch was open");
  await copy.restore({ at: { index: logIndex(at), term: term(2) }, chunks: snapshot.chunks });
  return copy;
}

describe("the log's entries, applied to the global state", () => {
  test("each submission has its outcome; what is no command has none and still counts", () => {
    const state = new ReplicatedState({ platform });

    const outcomes = state.apply([noop(1), command(2, start, pause("mail")), noop(3)]);

    const kinds = outcomes.map((of) => of?.map((outcome: Outcome) => outcome.kind));
    expect(kinds).toEqual([undefined, ["result", "result"], undefined]);
    expect([state.current.revision, state.current.term]).toEqual([3, 2]);
    expect(state.current.logTime).toBe(200); // an entry without a time lets none pass
  });

  test("who listens is told of each index, with the state exactly as of it", () => {
    const state = new ReplicatedState({ platform });
    const seen: unknown[] = [];
    state.listen({
      appliedOne: ({ index }) => seen.push([index, state.current.revision]),
      appliedAll: () => seen.push("all"),
    });

    state.apply([noop(1), command(2, start)]);

    expect(seen).toEqual([[1, 1], [2, 2], "all"]);
  });

  test("an entry that can't be read stops with its place, and nothing after it is applied", () => {
    const state = new ReplicatedState({ platform });
    const strange = { ...command(2), payload: new Uint8Array([9, 9]) };

    expect(() => state.apply([noop(1), strange, command(3, start)])).toThrow(
      /Entry 2 of term 2 can't be read, and no entry may be skipped.*version is 9/,
    );
    expect(state.current.revision).toBe(1);
  });

  test("a snapshot restored elsewhere is the same state, with the same hash", async () => {
    const state = new ReplicatedState({ platform });
    state.apply([noop(1), command(2, start, pause("mail"))]);

    const copy = await copyOf(state, 2);

    expect(paused(copy)).toEqual(paused(state));
    expect((await copy.takeSnapshot())?.hash).toBe((await state.takeSnapshot())?.hash);
  });

  test("what is applied while a snapshot is taken is not in it", async () => {
    const state = new ReplicatedState({ platform });
    state.apply([noop(1), command(2, start, pause("mail"))]);

    const taking = copyOf(state, 2);
    state.apply([command(3, pause("fax"))]);

    expect(paused(await taking)).toMatchObject({ revision: 2, result: { queues: ["mail"] } });
    expect(paused(state)).toMatchObject({ revision: 3, result: { queues: ["fax", "mail"] } });
  });

  test("one snapshot at a time; the next is possible when the chunks were read or given up", async () => {
    const state = new ReplicatedState({ platform });
    state.apply([noop(1), command(2, start)]);

    const first = await state.takeSnapshot();
    const second = await state.takeSnapshot();
    for await (const chunk of first?.chunks ?? []) expect(chunk.length).toBeGreaterThan(0);
    const third = await state.takeSnapshot();

    expect([first === undefined, second, third === undefined]).toEqual([false, undefined, false]);
  });

  test("a snapshot of which nobody read a chunk is over when it is released", async () => {
    const state = new ReplicatedState({ platform });
    state.apply([noop(1), command(2, start)]);

    (await state.takeSnapshot())?.release();
    const next = await state.takeSnapshot();

    expect(next?.hash).toMatch(/^[0-9a-f]+$/);
  });

  test("a node that stopped serving serves again with the majority's snapshot", async () => {
    const majority = new ReplicatedState({ platform });
    majority.apply([noop(1), command(2, start, pause("mail"))]);
    const snapshot = await majority.takeSnapshot();
    const state = new ReplicatedState({ platform });
    state.apply([noop(1)]);
    state.stopServing("it differs");
    const before = state.notServing;

    const at = { index: logIndex(2), term: term(2) };
    if (snapshot !== undefined) await state.restore({ at, chunks: snapshot.chunks });

    expect([before, state.notServing]).toEqual(["it differs", undefined]);
    expect(paused(state)).toEqual(paused(majority));
  });
});
