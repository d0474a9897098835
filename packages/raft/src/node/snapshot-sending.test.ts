import { describe, expect, test } from "vitest";
import { InvariantViolation } from "../core/assert.ts";
import { EMPTY_CONFIGURATION } from "../core/configuration.ts";
import { logIndex, nodeId, term } from "../core/ids.ts";
import type { SnapshotMeta } from "../core/message.ts";
import { snapshotChunks } from "../storage/snapshot/snapshot-stream.ts";
import { SnapshotSending } from "./snapshot-sending.ts";

const peer = nodeId("2".repeat(32));
const other = nodeId("3".repeat(32));
const snapshot: SnapshotMeta = {
  index: logIndex(10),
  term: term(2),
  configuration: EMPTY_CONFIGURATION,
  hash: "aa",
};

const identity = { clusterId: "c".repeat(32), nodeId: peer, group: 0 };

/** A header, a content chunk, a footer. */
async function chunksOf(meta: SnapshotMeta): Promise<readonly Uint8Array[]> {
  const chunks: Uint8Array[] = [];
  const content = (async function* () {
    yield Uint8Array.of(7, 8, 9);
  })();
  for await (const chunk of snapshotChunks({ meta, identity, content })) chunks.push(chunk);
  return chunks;
}

/** A persister with three chunks that counts its readings; `stored` is what its disk holds now. */
async function aSending() {
  const counts = { opened: 0, closed: 0, isBroken: false, problem: new Error("bad sector") };
  const whole = await chunksOf(snapshot);
  const stored: Uint8Array[] = whole.map((chunk) => chunk.slice());
  async function* load(): AsyncGenerator<Uint8Array> {
    counts.opened += 1;
    try {
      for (const chunk of stored) {
        if (counts.isBroken) throw counts.problem;
        yield chunk;
      }
    } finally {
      counts.closed += 1;
    }
  }
  const failures: unknown[] = [];
  const reasons: unknown[] = [];
  const answers: string[] = [];
  const sending = new SnapshotSending({
    persister: { load },
    answer: (input) =>
      answers.push(
        input.kind === "chunk-loaded"
          ? `${input.chunk}: ${numberOf(whole, input.bytes)}${input.isLast ? " last" : ""}`
          : input.kind,
      ),
    failed: (cause) => failures.push(cause),
    note: ({ fields }) => reasons.push(fields["reason"]),
  });
  const ask = async (chunk: number, to = peer): Promise<void> => {
    sending.load({ to, snapshot, chunk });
    await settle();
  };
  return { sending, answers, counts, failures, reasons, stored, ask };
}

/** Which of the whole chunks has these bytes; -1: none. */
function numberOf(whole: readonly Uint8Array[], bytes: Uint8Array): number {
  return whole.findIndex((chunk) => chunk.join() === bytes.join());
}

async function settle(): Promise<void> {
  for (let n = 0; n < 50; n += 1) await Promise.resolve();
}

describe("sending a snapshot", () => {
  test("chunks asked for one after the other come from one reading, and the last is known", async () => {
    const { answers, counts, ask } = await aSending();

    for (const chunk of [0, 1, 2]) await ask(chunk);

    expect(answers).toEqual(["0: 0", "1: 1", "2: 2 last"]);
    expect(counts).toMatchObject({ opened: 1, closed: 1 });
  });

  test("a transfer that goes on in the middle skips to its chunk; a step back starts over", async () => {
    const { answers, counts, ask } = await aSending();

    await ask(1);
    await ask(1);
    await ask(2);

    expect(answers).toEqual(["1: 1", "1: 1", "2: 2 last"]);
    expect(counts.opened).toBe(2);
  });

  test("each peer has its own reading", async () => {
    const { answers, counts, ask } = await aSending();

    await ask(0, peer);
    await ask(0, other);
    await ask(1, peer);
    await ask(1, other);

    expect(answers).toEqual(["0: 0", "0: 0", "1: 1", "1: 1"]);
    expect(counts.opened).toBe(2);
  });

  test("what can't be read, or is not there, is unavailable", async () => {
    const { answers, counts, ask } = await aSending();
    await ask(7);
    counts.isBroken = true;

    await ask(0);

    expect(answers).toEqual(["chunk-unavailable", "chunk-unavailable"]);
    expect(counts.closed).toBe(counts.opened);
  });

  test.each([0, 1, 2])("chunk %i that rotted is never sent", async (rotten) => {
    const { answers, counts, reasons, stored, ask } = await aSending();
    const chunk = stored[rotten];
    if (chunk !== undefined) chunk[chunk.length - 1] = (chunk.at(-1) ?? 0) ^ 1;

    for (const number of [0, 1, 2]) await ask(number);

    expect(answers.filter((answer) => answer.includes("-1"))).toEqual([]);
    expect(answers.at(-1)).toBe("chunk-unavailable");
    expect(reasons.at(-1)).toMatch(new RegExp(`has a damaged chunk ${rotten}`));
    expect(counts.closed).toBe(counts.opened);
  });

  test("one that ends before its footer, or is of another state, is unavailable", async () => {
    const short = await aSending();
    short.stored.pop();
    await short.ask(0);
    await short.ask(1);
    const strange = await aSending();
    strange.stored.splice(0, 3, ...(await chunksOf({ ...snapshot, hash: "bb" })));
    await strange.ask(0);

    expect([short.answers, strange.answers]).toEqual([
      ["0: 0", "chunk-unavailable"],
      ["chunk-unavailable"],
    ]);
    expect([...short.reasons, ...strange.reasons]).toEqual([
      "The snapshot ends before its footer.",
      "The snapshot is of another state than its name says.",
    ]);
  });

  test("a bug in reading it ends the node", async () => {
    const { answers, counts, failures, ask } = await aSending();
    counts.isBroken = true;
    counts.problem = new InvariantViolation("not true: a test has no bugs");

    await ask(0);

    expect([answers, failures]).toEqual([["chunk-unavailable"], [counts.problem]]);
  });

  test("a reading that nobody goes on with is closed, and its late answer is not given", async () => {
    const { sending, answers, counts, ask } = await aSending();
    await ask(0);
    sending.load({ to: peer, snapshot, chunk: 1 });

    sending.keepOnly([]);
    await settle();

    expect(answers).toEqual(["0: 0"]);
    expect(counts).toMatchObject({ opened: 1, closed: 1 });
  });

  test("at the end all readings are closed", async () => {
    const { sending, counts, ask } = await aSending();
    await ask(0, peer);
    await ask(0, other);

    await sending.end();

    expect(counts).toMatchObject({ opened: 2, closed: 2 });
  });
});
