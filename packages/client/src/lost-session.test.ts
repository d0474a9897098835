import { describe, expect, test } from "vitest";
import { aScriptedClient, type Script, type ScriptedSituation } from "../test/scripted-client.ts";
import { watched } from "../test/situation.ts";
import { LeaseLostError } from "./errors.ts";
import { HeldKey } from "./held-key.ts";
import type { Partition } from "./partition.ts";
import { Run } from "./run.ts";

interface LostSituation extends ScriptedSituation {
  readonly acme: Partition;
  readonly run: Run;
  readonly key: HeldKey;
  /** What it was asked of jobs and keys since. */
  readonly sent: () => string[];
}

const cancelled = {
  kind: "runToStop",
  revision: 8,
  n: 0,
  partition: "acme",
  jobId: "j",
  token: 5,
  cause: "cancelled",
  by: "ann",
  reason: "",
};

/** It holds a key and runs a job. */
async function aHolder(script: Script = {}): Promise<LostSituation> {
  const situation = await aScriptedClient({
    "job.start": [{ status: "started", token: 5 }],
    "executionKey.acquire": [{ status: "held", token: 6 }],
    ...script,
  });
  const { client, cluster, world } = situation;
  const acme = client.partition("acme");
  const starting = acme.startJob("j", { queue: "q" });
  const acquiring = acme.acquireExecutionKey("k", { owner: "i" });
  await world.run(10);
  const [run, key] = [await starting, await acquiring];
  if (!(run instanceof Run) || !(key instanceof HeldKey)) throw new Error("it has both");
  const requests = () => [...cluster.nodes.values()].flatMap((node) => node.requests());
  const before = requests().length;
  const sent = (): string[] =>
    requests()
      .slice(before)
      .map(({ command }) => command)
      .filter((command) => /^(job|executionKey)\./.test(command));
  return { ...situation, acme, run, key, sent };
}

/** No keepalive is confirmed any more until the lease is over; then another session is there. */
async function losesItsLease({ client, cluster, world }: LostSituation): Promise<void> {
  const before = client.session.id;
  for (const node of cluster.nodes.values()) {
    node.judge = ({ command }) => (command === "session.keepalive" ? "ignore" : "answer");
  }
  cluster.endSessions();
  await world.run(30_000);
  for (const node of cluster.nodes.values()) node.judge = () => "answer";
  await world.run(2_000);
  expect([client.session.state, client.session.id === before]).toEqual(["live", false]);
}

describe("what was held in a session that is lost", () => {
  test("is given back by nobody: every call about it rejects, and nothing is sent, though another session is live", async () => {
    const situation = await aHolder();
    await losesItsLease(situation);
    const { key, run, world } = situation;

    const calls = [
      run.finish("completed"),
      run.finishAndStart("completed", { jobId: "next", queue: "q" }),
      key.release(),
      key.release(),
    ].map((call) => watched<unknown>(call));
    await world.run(1_000);

    for (const call of calls) {
      expect(call.outcome()).toMatchObject({
        error: { name: "LeaseLostError", code: "session_expired", outcomeKnown: true },
      });
    }
    expect(situation.sent()).toEqual([]);
  });

  test("rejects with the lease also where the run was told to stop before", async () => {
    const situation = await aHolder();
    await situation.push(cancelled);
    await losesItsLease(situation);

    const finishing = watched(situation.run.finish("cancelled"));
    const left = watched(situation.run[Symbol.asyncDispose]());
    await situation.world.run(1_000);

    expect(situation.run.signal.reason).toMatchObject({ name: "JobCancelledError" });
    expect(finishing.outcome()).toMatchObject({ error: { name: "LeaseLostError" } });
    expect([left.outcome(), situation.sent()]).toEqual([{ value: undefined }, []]);
  });

  test("is not finished by a call that waited its turn meanwhile", async () => {
    const situation = await aHolder();
    const { acme, key, world } = situation;
    situation.cluster.node("n1").judge = () => "ignore";
    const withdrawing = watched(acme.withdrawExecutionKey("k", { owner: "i" }));
    const releasing = watched(key.release());
    await world.run(10);

    await losesItsLease(situation);

    expect(withdrawing.outcome()).toMatchObject({ error: { name: "IndeterminateError" } });
    expect(releasing.outcome()).toMatchObject({ error: { name: "LeaseLostError" } });
    expect(situation.sent()).toEqual(["executionKey.withdraw"]);
  });
});

test("the first call of a process that stood still, and was told nothing yet, rejects and is not sent", async () => {
  const situation = await aHolder();
  const { key, run, world } = situation;
  world.wallOffsetMs += 60_000;

  const calls = [run.finish("completed"), key.release()].map((call) => watched<unknown>(call));
  await world.run(1_000);

  expect(run.signal.reason).toBeInstanceOf(LeaseLostError);
  expect(calls.map((call) => call.outcome())).toMatchObject([
    { error: { name: "LeaseLostError" } },
    { error: { name: "LeaseLostError" } },
  ]);
  expect(situation.sent()).toEqual([]);
});

test("a new start and a new key are asked in the session that is live", async () => {
  const situation = await aHolder();
  await losesItsLease(situation);
  const { acme, world } = situation;

  const starting = watched(acme.startJob("j", { queue: "q" }));
  await world.run(1_000);

  expect(starting.outcome()).toMatchObject({ value: { status: "started" } });
});
