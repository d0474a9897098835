import { describe, expect, test } from "vitest";
import { InvariantViolation } from "../core/assert.ts";
import { EMPTY_CONFIGURATION } from "../core/configuration.ts";
import { logIndex, nodeId, term } from "../core/ids.ts";
import type { SnapshotMeta } from "../core/message.ts";
import { SnapshotSending } from "./snapshot-sending.ts";

const peer = nodeId("2".repeat(32));
const other = nodeId("3".repeat(32));
const snapshot: SnapshotMeta = {
  index: logIndex(10),
  term: term(2),
  configuration: EMPTY_CONFIGURATION,
  hash: "aa",
};

/** A persister with chunks [0], [1], [2] that counts its readings. */
function aSending() {
  const counts = { opened: 0, closed: 0, isBroken: false, problem: new Error("bad sector") };
  async function* load(): AsyncGenerator<Uint8Array> {
    counts.opened += 1;
    try {
      for (const chunk of [0, 1, 2]) {
        if (counts.isBroken) throw counts.problem;
        yield Uint8Array.of(chunk);
      }
    } finally {
      counts.closed += 1;
    }
  }
  const failures: unknown[] = [];
  const answers: string[] = [];
  const sending = new SnapshotSending({
    persister: { load },
    answer: (input) =>
      answers.push(
        input.kind === "chunk-loaded"
          ? `${input.chunk}: ${input.bytes.join()}${input.isLast ? " last" : ""}`
          : input.kind,
      ),
    failed: (cause) => failures.push(cause),
    note: () => undefined,
  });
  const ask = async (chunk: number, to = peer): Promise<void> => {
    sending.load({ to, snapshot, chunk });
    await settle();
  };
  return { sending, answers, counts, failures, ask };
}

async function settle(): Promise<void> {
  for (let n = 0; n < 50; n += 1) await Promise.resolve();
}

describe("sending a snapshot", () => {
  test("chunks asked for one after the other come from one reading, and the last is known", async () => {
    const { answers, counts, ask } = aSending();

    for (const chunk of [0, 1, 2]) await ask(chunk);

    expect(answers).toEqual(["0: 0", "1: 1", "2: 2 last"]);
    expect(counts).toMatchObject({ opened: 1, closed: 1 });
  });

  test("a transfer that goes on in the middle skips to its chunk; a step back starts over", async () => {
    const { answers, counts, ask } = aSending();

    await ask(1);
    await ask(1);
    await ask(2);

    expect(answers).toEqual(["1: 1", "1: 1", "2: 2 last"]);
    expect(counts.opened).toBe(2);
  });

  test("each peer has its own reading", async () => {
    const { answers, counts, ask } = aSending();

    await ask(0, peer);
    await ask(0, other);
    await ask(1, peer);
    await ask(1, other);

    expect(answers).toEqual(["0: 0", "0: 0", "1: 1", "1: 1"]);
    expect(counts.opened).toBe(2);
  });

  test("what can't be read, or is not there, is unavailable", async () => {
    const { answers, counts, ask } = aSending();
    await ask(7);
    counts.isBroken = true;

    await ask(0);

    expect(answers).toEqual(["chunk-unavailable", "chunk-unavailable"]);
    expect(counts.closed).toBe(counts.opened);
  });

  test("a bug in reading it ends the node", async () => {
    const { answers, counts, failures, ask } = aSending();
    counts.isBroken = true;
    counts.problem = new InvariantViolation("not true: a test has no bugs");

    await ask(0);

    expect([answers, failures]).toEqual([["chunk-unavailable"], [counts.problem]]);
  });

  test("a reading that nobody goes on with is closed, and its late answer is not given", async () => {
    const { sending, answers, counts, ask } = aSending();
    await ask(0);
    sending.load({ to: peer, snapshot, chunk: 1 });

    sending.keepOnly([]);
    await settle();

    expect(answers).toEqual(["0: 0"]);
    expect(counts).toMatchObject({ opened: 1, closed: 1 });
  });

  test("at the end all readings are closed", async () => {
    const { sending, counts, ask } = aSending();
    await ask(0, peer);
    await ask(0, other);

    await sending.end();

    expect(counts).toMatchObject({ opened: 2, closed: 2 });
  });
});
