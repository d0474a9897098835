import { describe, expect, test } from "vitest";
import {
  aScriptedClient,
  nothing,
  type Script,
  type ScriptedSituation,
  waiting,
} from "../test/scripted-client.ts";
import { watched } from "../test/situation.ts";
import { HeldKey } from "./held-key.ts";
import type { Partition } from "./partition.ts";
import { Run } from "./run.ts";

const held = { status: "held", token: 5 };
const notReleased = { status: "not_held", reason: "run" };

interface RunSituation extends ScriptedSituation {
  readonly acme: Partition;
  readonly run: Run;
  readonly acquire: () => Promise<HeldKey>;
}

/** Job j runs under key k, with token 5. */
async function aRun(script: Script = {}): Promise<RunSituation> {
  const situation = await aScriptedClient({
    "job.start": [{ status: "started", token: 5 }],
    "executionKey.acquire": [held],
    "executionKey.release": [notReleased],
    ...script,
  });
  const acme = situation.client.partition("acme");
  const starting = acme.startJob("j", { queue: "q", executionKey: "k" });
  await situation.world.run(10);
  const run = await starting;
  if (!(run instanceof Run)) throw new Error("it runs");
  const acquire = async (): Promise<HeldKey> => {
    const acquiring = acme.acquireExecutionKey("k", { owner: "j" });
    await situation.world.run(10);
    const key = await acquiring;
    if (!(key instanceof HeldKey)) throw new Error("it is held");
    return key;
  };
  return { ...situation, acme, run, acquire };
}

function pushOf(kind: string, more: object): object {
  return { kind, revision: 8, n: 0, partition: "acme", jobId: "j", token: 5, ...more };
}

const cancelled = pushOf("runToStop", { cause: "cancelled", by: "ann", reason: "" });

describe("a run whose job acquires the key that it holds once more", () => {
  test.each([
    ["cancelled", cancelled, { name: "JobCancelledError" }],
    ["taken over", pushOf("runFenced", { cause: "taken_over" }), { name: "RunFencedError" }],
  ])("hears that it is %s, and so does the key", async (_, push, reason) => {
    const situation = await aRun();
    const key = await situation.acquire();

    await situation.push(push);

    expect([situation.run.signal.reason, key.signal.reason]).toMatchObject([reason, reason]);
  });

  test("hears that its lease is lost", async () => {
    const { acquire, cluster, run, world } = await aRun();
    await acquire();
    for (const node of cluster.nodes.values()) {
      node.judge = ({ command }) => (command === "session.keepalive" ? "ignore" : "answer");
    }

    await world.run(30_000);

    expect(run.signal.reason).toMatchObject({ name: "LeaseLostError" });
  });

  test("runs on behind the block that held the key, and hears of its cancel", async () => {
    const situation = await aRun();
    const key = await situation.acquire();

    const left = key[Symbol.asyncDispose]();
    await situation.world.run(10);
    await left;
    await situation.push(cancelled);

    expect(situation.requests("executionKey.release").length).toBe(1);
    expect(situation.run.signal.reason).toMatchObject({ name: "JobCancelledError" });
  });

  test("hears it also where the answer that it holds the key came before the one that it runs", async () => {
    const situation = await aScriptedClient({
      "job.start": [{ status: "started", token: 5 }],
      "executionKey.acquire": [held],
    });
    const { client, cluster, push, world } = situation;
    cluster.node("n1").judge = ({ command }) =>
      command === "job.start" ? "answer-late" : "answer";
    const acme = client.partition("acme");
    const starting = acme.startJob("j", { queue: "q", executionKey: "k" });
    const acquiring = acme.acquireExecutionKey("k", { owner: "j" });
    await world.run(1_000);
    const [run, key] = [await starting, await acquiring];

    await push(cancelled);

    const signals = [run, key].map((each) => ("signal" in each ? each.signal.reason : "none"));
    expect(signals).toMatchObject([{ name: "JobCancelledError" }, { name: "JobCancelledError" }]);
  });
});

test.each(["run", "not_holder", "other_token"])(
  "a release of a run's key frees nothing (%s): the run hears what comes to it",
  async (reason) => {
    const script = { "executionKey.release": [{ status: "not_held", reason }] };
    const situation = await aRun(script);
    const releasing = watched(situation.acme.releaseExecutionKey("k", { owner: "j", token: 5 }));
    await situation.world.run(10);

    await situation.push(pushOf("runFenced", { cause: "removed" }));

    expect(releasing.outcome()).toEqual({ value: { status: "not_held", reason, revision: 7 } });
    expect(situation.run.signal.reason).toMatchObject({ name: "RunFencedError", why: "removed" });
  },
);

test("a key that is not the run's, as the answer says, is a key alone: its release ends it", async () => {
  const situation = await aScriptedClient({
    "executionKey.acquire": [held],
    "executionKey.release": [{ status: "released" }],
  });
  const acme = situation.client.partition("acme");
  const acquiring = acme.acquireExecutionKey("k", { owner: "j" });
  await situation.world.run(10);
  const key = await acquiring;
  if (!(key instanceof HeldKey)) throw new Error("it is held");

  void key.release();
  await situation.world.run(10);
  await situation.push({ ...pushOf("holdEnded", { cause: "removed" }), key: "k" });

  expect(key.signal.aborted).toBe(false);
});

test("who waits for a run's key and who waits to start the run both get what a sync shows", async () => {
  const situation = await aScriptedClient({
    "job.start": [waiting],
    "executionKey.acquire": [{ ...waiting, ticket: 30 }],
  });
  const { answer, client, cluster, world } = situation;
  const acme = client.partition("acme");
  const acquiring = watched(acme.acquireExecutionKey("k", { owner: "j" }));
  await world.run(10);
  const starting = watched(acme.startJob("j", { queue: "q", executionKey: "k" }));
  await world.run(10);
  const of = { partition: "acme", jobId: "j", session: 1, token: 5, queue: "q", since: 0 };
  answer({ "session.sync": [{ ...nothing, runs: [{ ...of, executionKey: "k" }] }] });

  cluster.node("n1").kill();
  cluster.elect("n2");
  await world.run(2_000);

  expect([acquiring.outcome(), starting.outcome()]).toMatchObject([
    { value: { status: "held", token: 5 } },
    { value: { status: "started", token: 5 } },
  ]);
});
