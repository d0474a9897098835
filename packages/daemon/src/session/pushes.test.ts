import type { Answer, DaemonFrame, Request } from "@rogerd/protocol";
import { closeCodes } from "@rogerd/protocol";
import { describe, expect, test } from "vitest";
import { type APort, aPort, open, openIds, start } from "../../test/outer/a-port.ts";
import type { VirtualClient } from "../../test/outer/virtual-network.ts";
import { encodeEntry } from "../state/command-codec.ts";

function sync(id: number, more: Partial<Request> = {}): Request {
  return { id, command: "session.sync", args: {}, ...more };
}

function acquire(id: number, owner: string, mode: "try" | "wait"): Request {
  const args = { key: "k", owner, mode };
  return { id, partition: "acme", command: "executionKey.acquire", args, seq: id };
}

function release(id: number, owner: string, token: number): Request {
  const args = { key: "k", owner, token };
  return { id, partition: "acme", command: "executionKey.release", args, seq: id };
}

async function ask(port: APort, client: VirtualClient, ...requests: Request[]): Promise<void> {
  client.say({ kind: "requests", requests });
  await port.settle();
}

function answerTo(client: VirtualClient, id: number): Answer | undefined {
  const answers = client.heardOf("answers").flatMap((frame) => frame.answers);
  return answers.find((answer) => answer.id === id);
}

/** What it heard, frame by frame: ids of answers, kinds of pushes. */
function story(client: VirtualClient): string[] {
  return client.heard().flatMap((frame: DaemonFrame) => {
    if (frame.kind === "answers") return [frame.answers.map(({ id }) => id).join(" ")];
    if (frame.kind === "pushes") return [frame.pushes.map(({ kind }) => kind).join(" ")];
    return [];
  });
}

/** One holds the key, and the other waits for it. */
async function aHolderAndAWaiter(): Promise<[APort, VirtualClient, VirtualClient]> {
  const port = await aPort();
  const raise = { name: "admin.raiseFeatureLevel", args: { level: 2 } } as const;
  const submissions = [{ origin: { kind: "none" }, write: raise } as const];
  const stamp = port.node.stamp();
  if (stamp === undefined) throw new Error("it leads");
  await port.node.propose(encodeEntry({ ...stamp, submissions }));
  const one = await port.speaker(openIds.a);
  const two = await port.speaker(openIds.b);
  await ask(port, one, start(2), acquire(3, "job-1", "try"));
  await ask(port, two, acquire(2, "job-2", "wait"));
  return [port, one, two];
}

const granted = {
  kind: "waitEnded",
  n: 0,
  seq: 2,
  ticket: 1,
  ending: { kind: "granted", token: 2 },
};

describe("session.sync", () => {
  test("is answered with what the session has, and from then on it is told what changes", async () => {
    const [port, one, two] = await aHolderAndAWaiter();
    await ask(port, two, sync(3));

    await ask(port, one, release(4, "job-1", 1));

    const { revision } = port.node.current;
    expect(answerTo(two, 3)).toMatchObject({
      revision: revision - 1,
      result: { status: "synced", session: 2, waits: [{ key: "k", seq: 2, ticket: 1 }] },
    });
    expect(two.heardOf("pushes")).toEqual([
      { kind: "pushes", session: 2, pushes: [{ ...granted, revision }] },
    ]);
    expect(one.heardOf("pushes")).toEqual([]);
  });

  test("nothing falls between: an entry that is applied in the turn of the answer is pushed behind it", async () => {
    const [port, one, two] = await aHolderAndAWaiter();
    port.node.decidesAtOnce = false;
    await ask(port, one, release(4, "job-1", 1));
    await ask(port, two, sync(3));

    port.node.confirmReads();
    await Promise.resolve();
    port.node.applyAll();
    await port.settle();

    expect(story(two).slice(-2)).toEqual(["3", "waitEnded"]);
    expect(answerTo(two, 3)).toMatchObject({ result: { waits: [{ ticket: 1 }], endings: [] } });
  });

  test("an entry that is applied before it is answered is in the answer, and not pushed", async () => {
    const [port, one, two] = await aHolderAndAWaiter();
    port.node.decidesAtOnce = false;
    await ask(port, one, release(4, "job-1", 1));
    await ask(port, two, sync(3));

    port.node.applyAll();
    port.node.confirmReads();
    await port.settle();

    expect(two.heardOf("pushes")).toEqual([]);
    expect(answerTo(two, 3)).toMatchObject({
      result: {
        endings: [{ seq: 2, ticket: 1, ending: { kind: "granted", token: 2 } }],
        waits: [],
        holds: [{ key: "k", owner: "job-2", token: 2 }],
      },
    });
  });

  test("who has not synced is told nothing, nor who speaks for another session", async () => {
    const [port, one, two] = await aHolderAndAWaiter();
    await ask(port, one, sync(4));

    await ask(port, one, release(5, "job-1", 1));

    expect([one, two].map((client) => client.heardOf("pushes"))).toEqual([[], []]);
  });

  test("the latest connection that synced is told, and the one before no more", async () => {
    const [port, one, two] = await aHolderAndAWaiter();
    await ask(port, two, sync(3));
    const newer = await port.speaker(openIds.b);
    await ask(port, newer, sync(2));

    await ask(port, one, release(4, "job-1", 1));

    expect(two.heardOf("pushes")).toEqual([]);
    expect(newer.heardOf("pushes")).toMatchObject([{ pushes: [granted] }]);
  });

  test("a newer connection that has not synced hears nothing until it does", async () => {
    const [port, one, two] = await aHolderAndAWaiter();
    await ask(port, two, sync(3));
    const newer = await port.speaker(openIds.b);

    await ask(port, one, release(4, "job-1", 1));
    await ask(port, newer, sync(2));

    expect([two, newer].map((client) => client.heardOf("pushes"))).toEqual([[], []]);
    expect(answerTo(newer, 2)).toMatchObject({ result: { endings: [{ seq: 2 }] } });
  });

  test("a further page is not the beginning of anything: what was before it was not told here", async () => {
    const [port, one, two] = await aHolderAndAWaiter();
    await ask(port, two, sync(3, { args: { cursor: "s1.holds.0" } }));

    await ask(port, one, release(4, "job-1", 1));

    expect(answerTo(two, 3)).toMatchObject({ result: { status: "synced", waits: [] } });
    expect(two.heardOf("pushes")).toEqual([]);
  });

  test("only the leader answers it, on a connection that speaks for a session", async () => {
    const [port, , two] = await aHolderAndAWaiter();
    const stranger = port.client();
    await ask(port, stranger, sync(1));
    await ask(port, two, sync(3, { revisionMin: 1 }));
    port.node.follow("n2");
    await ask(port, two, sync(4));

    expect(answerTo(stranger, 1)).toMatchObject({ error: { path: "session" } });
    expect(answerTo(two, 3)).toMatchObject({ error: { path: "revisionMin" } });
    expect(answerTo(two, 4)).toMatchObject({ error: { code: "not_leader" } });
  });

  test("a connection that speaks for another session by the time of the answer is told nothing of the first", async () => {
    const [port, , two] = await aHolderAndAWaiter();
    port.node.decidesAtOnce = false;
    await ask(port, two, sync(3));
    two.say({ kind: "requests", requests: [open(4, "c".repeat(32))] });
    await port.settle();
    port.node.applyAll();
    await port.settle();

    port.node.confirmReads();
    await port.settle();

    expect(answerTo(two, 3)).toMatchObject({ error: { code: "unavailable" } });
  });
});

describe("a push connection", () => {
  test("that does not read is cut off, and nothing is kept for it", async () => {
    const [port, one, two] = await aHolderAndAWaiter();
    await ask(port, two, sync(3));
    two.bufferedAmount = 16 * 1024 * 1024;

    await ask(port, one, release(4, "job-1", 1));

    expect(two.closing?.code).toBe(closeCodes.slowReader);
    expect(two.heardOf("error")).toMatchObject([{ error: { code: "overflow" } }]);
  });

  test("is closed when the state is replaced: nobody knows what it has missed", async () => {
    const [port, one, two] = await aHolderAndAWaiter();
    await ask(port, two, sync(3));

    port.node.restored();
    await port.settle();

    expect([one.closing, two.closing?.code]).toEqual([undefined, closeCodes.goingAway]);
  });
});
