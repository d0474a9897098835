import { describe, expect, test } from "vitest";
import { InvariantViolation } from "../core/assert.ts";
import { EMPTY_CONFIGURATION } from "../core/configuration.ts";
import { logIndex, nodeId, term } from "../core/ids.ts";
import type { SnapshotMeta } from "../core/message.ts";
import type { SnapshotName } from "../storage/persister.ts";
import { snapshotChunks } from "../storage/snapshot/snapshot-stream.ts";
import { SnapshotArrival } from "./snapshot-arrival.ts";

const clusterId = "c".repeat(32);
const identity = { clusterId, nodeId: nodeId("1".repeat(32)), group: 0 };

const snapshotAt = (index: number): SnapshotMeta => ({
  index: logIndex(index),
  term: term(2),
  configuration: EMPTY_CONFIGURATION,
  hash: "aa",
});

async function* content(): AsyncGenerator<Uint8Array> {
  yield new Uint8Array(300_000).fill(7);
  yield new Uint8Array(300_000).fill(8);
}

async function chunksOf(meta: SnapshotMeta, from = identity): Promise<Uint8Array[]> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of snapshotChunks({ meta, identity: from, content: content() })) {
    chunks.push(chunk);
  }
  return chunks;
}

/** A persister that takes a chunk only when the test lets it. */
function anArrival(shape: { freely: boolean; durable?: boolean }) {
  const stored: { name: SnapshotName; bytes: number }[] = [];
  const gate = { permits: shape.freely ? Number.POSITIVE_INFINITY : 0 };
  let waiting: (() => void) | undefined;
  let problem: Error | undefined;
  const permit = async (): Promise<void> => {
    gate.permits += 1;
    waiting?.();
    await settle();
  };
  const store = async (name: SnapshotName, chunks: AsyncIterable<Uint8Array>): Promise<void> => {
    let bytes = 0;
    for await (const chunk of chunks) {
      if (problem !== undefined) throw problem;
      bytes += chunk.byteLength;
      while (gate.permits <= 0) {
        await new Promise<void>((resolve) => {
          waiting = resolve;
        });
      }
      gate.permits -= 1;
    }
    stored.push({ name, bytes });
  };
  const fail = (cause: Error): void => {
    problem = cause;
  };
  const answers: string[] = [];
  const failures: unknown[] = [];
  const notes: unknown[] = [];
  const arrival = new SnapshotArrival({
    persister: { store, durable: shape.durable ?? true },
    clusterId,
    answer: (input) => answers.push(`${input.kind} ${input.chunk}`),
    failed: (cause) => failures.push(cause),
    note: (fact) => notes.push(fact.fields["reason"]),
  });
  const give = async (meta: SnapshotMeta, chunks: readonly Uint8Array[], chunk: number) => {
    const bytes = chunks[chunk] ?? new Uint8Array();
    arrival.store({ snapshot: meta, chunk, bytes, isLast: chunk === chunks.length - 1 });
    await settle();
  };
  return { arrival, stored, answers, failures, notes, give, permit, fail };
}

async function settle(): Promise<void> {
  for (let n = 0; n < 100; n += 1) await Promise.resolve();
}

describe("a snapshot that arrives", () => {
  test("is stored whole, each chunk answered, the last one when all is durable", async () => {
    const meta = snapshotAt(10);
    const chunks = await chunksOf(meta);
    const { stored, answers, give } = anArrival({ freely: true });

    for (const chunk of chunks.keys()) await give(meta, chunks, chunk);

    expect(answers).toEqual([...chunks.keys()].map((chunk) => `chunk-stored ${chunk}`));
    const bytes = chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0);
    expect(stored).toEqual([{ name: { term: 2, index: 10, hash: "aa" }, bytes }]);
  });

  test("a chunk is answered only when the persister has taken it", async () => {
    const meta = snapshotAt(10);
    const chunks = await chunksOf(meta);
    const { answers, give, permit } = anArrival({ freely: false });
    await give(meta, chunks, 0);
    expect(answers).toEqual([]);

    await permit();

    expect(answers).toEqual(["chunk-stored 0"]);
  });

  test("the last chunk is answered when all is durable, not when it is taken", async () => {
    const meta = snapshotAt(10);
    const chunks = await chunksOf(meta);
    const answers: number[] = [];
    let becomeDurable: () => void = () => undefined;
    const durable = new Promise<void>((resolve) => {
      becomeDurable = resolve;
    });
    const store = async (_name: SnapshotName, arriving: AsyncIterable<Uint8Array>) => {
      for await (const chunk of arriving) expect(chunk.byteLength).toBeGreaterThan(0);
      await durable;
    };
    const answer = (input: { readonly chunk: number }): number => answers.push(input.chunk);
    const arrival = new SnapshotArrival({
      persister: { store, durable: true },
      clusterId,
      answer,
      failed: () => undefined,
      note: () => undefined,
    });
    const last = chunks.length - 1;
    for (const [chunk, bytes] of chunks.entries()) {
      arrival.store({ snapshot: meta, chunk, bytes, isLast: chunk === last });
      await settle();
    }
    const taken = [...answers];

    becomeDurable();
    await settle();

    expect(taken).toEqual([...chunks.keys()].slice(0, last));
    expect(answers).toEqual([...chunks.keys()]);
  });

  test("a damaged chunk is refused and nothing of it is kept", async () => {
    const meta = snapshotAt(10);
    const chunks = await chunksOf(meta);
    const damaged = chunks.map((chunk) => chunk.slice());
    damaged[1]?.set([1], 100);
    const { stored, answers, give } = anArrival({ freely: true });
    await give(meta, damaged, 0);

    await give(meta, damaged, 1);
    await give(meta, damaged, 2);

    expect(answers).toEqual(["chunk-stored 0", "chunk-refused 1", "chunk-refused 2"]);
    expect(stored).toEqual([]);
  });

  test("after a refusal it starts anew from chunk 0", async () => {
    const meta = snapshotAt(10);
    const chunks = await chunksOf(meta);
    const { stored, answers, give } = anArrival({ freely: true });
    await give(meta, chunks, 0);
    await give(meta, chunks, 2);

    for (const chunk of chunks.keys()) await give(meta, chunks, chunk);

    expect(answers.slice(0, 3)).toEqual(["chunk-stored 0", "chunk-refused 2", "chunk-stored 0"]);
    expect(stored).toHaveLength(1);
  });

  test("chunks of two snapshots are never mixed: chunk 0 of a new one gives up the old (S7)", async () => {
    const [older, newer] = [snapshotAt(10), snapshotAt(20)];
    const [olderChunks, newerChunks] = [await chunksOf(older), await chunksOf(newer)];
    const { stored, answers, give } = anArrival({ freely: true });
    await give(older, olderChunks, 0);
    await give(newer, newerChunks, 0);

    await give(older, olderChunks, 1);
    for (const chunk of newerChunks.keys()) if (chunk > 0) await give(newer, newerChunks, chunk);

    expect(answers.slice(0, 3)).toEqual(["chunk-stored 0", "chunk-stored 0", "chunk-refused 1"]);
    expect(stored.map(({ name }) => name.index)).toEqual([20]);
  });

  test("one that says in its header that it is another, or another cluster's, is refused", async () => {
    const { answers, give } = anArrival({ freely: true });
    const other = await chunksOf(snapshotAt(10), { ...identity, clusterId: "d".repeat(32) });

    await give(snapshotAt(11), await chunksOf(snapshotAt(10)), 0);
    await give(snapshotAt(10), other, 0);

    expect(answers).toEqual(["chunk-refused 0", "chunk-refused 0"]);
  });

  test("a persister that fails refuses the chunk and says why", async () => {
    const meta = snapshotAt(10);
    const chunks = await chunksOf(meta);
    const { answers, notes, give, fail } = anArrival({ freely: true });
    fail(new Error("no space left"));

    await give(meta, chunks, 0);

    expect(answers).toEqual(["chunk-refused 0"]);
    expect(notes).toEqual(["no space left"]);
  });

  test("a bug in storing it ends the node and refuses nothing", async () => {
    const meta = snapshotAt(10);
    const { answers, failures, give, fail } = anArrival({ freely: true });
    const bug = new InvariantViolation("not true: a test has no bugs");
    fail(bug);

    await give(meta, await chunksOf(meta), 0);

    expect([answers, failures]).toEqual([[], [bug]]);
  });

  test("where snapshots do not outlive the process, none takes the place of a log that does", async () => {
    const meta = snapshotAt(10);
    const { answers, stored, give } = anArrival({ freely: true, durable: false });

    await give(meta, await chunksOf(meta), 0);

    expect([answers, stored]).toEqual([["chunk-refused 0"], []]);
  });

  test("at the end what is unfinished is given up and answered by nobody", async () => {
    const meta = snapshotAt(10);
    const chunks = await chunksOf(meta);
    const { arrival, stored, answers, give } = anArrival({ freely: true });
    await give(meta, chunks, 0);

    await arrival.end();
    await give(meta, chunks, 1);

    expect(answers).toEqual(["chunk-stored 0"]);
    expect(stored).toEqual([]);
  });
});
