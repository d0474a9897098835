import { describe, expect, test } from "vitest";
import { aScriptedClient, nothing, waiting } from "../test/scripted-client.ts";
import { watched } from "../test/situation.ts";
import type { Reply } from "./call.ts";
import { EarlyNews, earlyNewsMax } from "./early-news.ts";
import { HeldKey } from "./held-key.ts";
import { keyLost } from "./loss.ts";

const timedOut = { ending: { kind: "timed_out" }, revision: 8 } as const;

/** A call that is answered when it is told to be. */
function aCall(news: EarlyNews): { readonly answer: () => Promise<void> } {
  const answered = deferred();
  const call = news.during(() => answered.promise);
  return {
    answer: async () => {
      answered.resolve({ revision: 9, n: 0, result: { status: "ok" } });
      await call;
    },
  };
}

function deferred(): {
  readonly promise: Promise<Reply>;
  readonly resolve: (reply: Reply) => void;
} {
  let resolve: (reply: Reply) => void = () => undefined;
  const promise = new Promise<Reply>((give) => {
    resolve = give;
  });
  return { promise, resolve: (reply) => resolve(reply) };
}

describe("what is told of answers to come", () => {
  test("is kept as long as a call is open, and no longer", async () => {
    const news = new EarlyNews(() => undefined);
    news.ended(1, timedOut);
    const before = news.endingOf(1);
    const [one, two] = [aCall(news), aCall(news)];

    news.ended(2, timedOut);
    news.lost(3, keyLost("removed"));
    await one.answer();
    const meanwhile = [news.endingOf(2), news.lossOf(3)?.code];
    await two.answer();

    expect(before).toBeUndefined();
    expect(meanwhile).toEqual([timedOut, "key_lost"]);
    expect([news.endingOf(2), news.lossOf(3)]).toEqual([undefined, undefined]);
  });

  test("is bounded, however long a call is open; who may have missed something asks the state, nobody else", async () => {
    const asked: string[] = [];
    const news = new EarlyNews(() => asked.push("state"));
    const before = aCall(news);
    let most = 0;

    for (let at = 0; at < 3 * earlyNewsMax; at += 1) {
      if (at % 2 === 0) news.ended(at, timedOut);
      else news.lost(at, keyLost("removed"));
      most = Math.max(most, news.count);
    }
    const after = aCall(news);
    await after.answer();
    const others = [...asked];
    await before.answer();

    expect(most).toBe(earlyNewsMax);
    expect([others, asked]).toEqual([[], ["state"]]);
  });
});

test("a wait whose end was among too much that is told is judged by another sync", async () => {
  const situation = await aScriptedClient({ "executionKey.acquire": [waiting] });
  const { answer, client, cluster, push, requests, world } = situation;
  cluster.node("n1").judge = ({ command }) =>
    command === "executionKey.acquire" ? "answer-late" : "answer";
  const acquiring = watched(client.partition("acme").acquireExecutionKey("k", { owner: "j" }));
  await world.run(50);
  const holds = [{ partition: "acme", key: "k", owner: "j", token: 6 }];
  answer({ "executionKey.acquire": [waiting], "session.sync": [{ ...nothing, holds }] });

  for (let at = 0; at <= earlyNewsMax; at += 1) {
    const ending = { kind: "granted", token: 6 + at };
    const pushed = { kind: "waitEnded", revision: 7, n: 0, seq: 1, ticket: 31 + at, ending };
    cluster.node("n1").say({ kind: "pushes", session: client.session.id, pushes: [pushed] });
  }
  await push({
    kind: "runFenced",
    revision: 7,
    n: 0,
    partition: "acme",
    jobId: "x",
    token: 1,
    cause: "removed",
  });
  await world.run(1_000);

  expect(requests("session.sync").length).toBe(2);
  expect(acquiring.outcome()).toMatchObject({ value: { status: "held", token: 6 } });
});

test("a wait is told to all calls of its owner, also to one whose answer is still to come", async () => {
  const situation = await aScriptedClient({ "executionKey.acquire": [waiting] });
  const { client, cluster, push, world } = situation;
  const acme = client.partition("acme");
  const first = watched(acme.acquireExecutionKey("k", { owner: "j" }));
  await world.run(10);
  cluster.node("n1").judge = ({ command }) =>
    command === "executionKey.acquire" ? "answer-late" : "answer";
  const second = watched(acme.acquireExecutionKey("k", { owner: "j" }));
  await world.run(10);

  const ending = { kind: "granted", token: 6 };
  await push({ kind: "waitEnded", revision: 8, n: 0, seq: 2, ticket: 31, ending });
  await world.run(1_000);

  for (const each of [first, second]) {
    expect(each.outcome()).toMatchObject({ value: { status: "held", token: 6 } });
  }
});

describe("a withdrawal that was decided before the grant or the place in line, and whose answer comes after that,", () => {
  async function overtaken(result: object) {
    const situation = await aScriptedClient({
      "executionKey.acquire": [{ status: "held", token: 6, ...result }],
      "executionKey.withdraw": [{ status: "withdrawn" }],
    });
    const { client, cluster, world } = situation;
    const node = cluster.node("n1");
    node.judge = ({ command }) => (command.startsWith("executionKey.") ? "answer-late" : "answer");
    const acme = client.partition("acme");
    const acquiring = watched(acme.acquireExecutionKey("k", { owner: "j" }));
    await world.run(100);
    const withdrawing = watched(acme.withdrawExecutionKey("k", { owner: "j" }));
    node.applied = 12;
    await world.run(350);
    node.applied = 9;
    await world.run(500);
    expect(withdrawing.outcome()).toEqual({ value: { status: "withdrawn", revision: 9 } });
    return { ...situation, acquiring };
  }

  test("ends no wait", async () => {
    const { acquiring } = await overtaken(waiting);

    expect(acquiring.outcome()).toBe("open");
  });

  test("takes no key away", async () => {
    const { acquiring, push } = await overtaken({});

    await push({
      kind: "holdEnded",
      revision: 13,
      n: 0,
      partition: "acme",
      key: "k",
      token: 6,
      cause: "removed",
    });

    const outcome = acquiring.outcome();
    const key = outcome !== "open" && "value" in outcome ? outcome.value : undefined;
    expect(key instanceof HeldKey && key.signal.reason).toMatchObject({ code: "key_lost" });
  });
});
