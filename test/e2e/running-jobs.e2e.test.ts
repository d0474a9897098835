// running-jobs.e2e.test.ts — workers in processes of their own run jobs, and an operator in another terminal cancels,
// pauses and looks on: a cancel reaches the job that runs, and the next in line starts.
import { connect } from "@rogerd/client";
import { expect, onTestFailed, test } from "vitest";
import { ClientProcess } from "../processes/client-process.ts";
import { eventually } from "../processes/eventually.ts";
import { TestCluster } from "../processes/test-cluster.ts";

interface Fact {
  readonly started?: number;
  readonly stopped?: string;
  readonly why?: string;
  readonly finished?: string;
  readonly cancel?: string;
  readonly refused?: string;
}

type Worker = ClientProcess<Fact>;

function aWorker(cluster: TestCluster, job: string): Worker {
  return new ClientProcess({ program: "job-client", args: [job, ...cluster.endpoints] });
}

function factOf<Value>(
  worker: Worker,
  name: string,
  read: (fact: Fact) => Value | undefined,
): Promise<Value> {
  return eventually(`the worker says ${name}`, async () => {
    for (const fact of worker.facts) {
      const value = read(fact);
      if (value !== undefined) return value;
    }
    return undefined;
  });
}

const inAcme = ["--partition", "acme"] as const;

test("rogerctl cancel aborts a job that runs, and the one that waits for its key starts", async () => {
  await using cluster = await TestCluster.start({ nodes: 3 });
  onTestFailed(() => console.error(cluster.logs()));
  await using one = aWorker(cluster, "job-1");
  const token = await factOf(one, "started", (fact) => fact.started);
  await using two = aWorker(cluster, "job-2");
  const told = await eventually("job-2 waits", async () => {
    const { code, stdout } = await cluster.rogerctl("why", "job", "job-2", ...inAcme);
    return code === 0 && stdout.includes("waits for") ? stdout : undefined;
  });

  const cancelled = await cluster.rogerctl("cancel", "job-1", ...inAcme, "--reason", "wrong list");
  const next = await factOf(two, "started", (fact) => fact.started);

  expect(told).toContain("held by job job-1 on worker of job-1");
  expect(told).toContain("it is the next in line");
  expect(cancelled.code).toBe(0);
  expect(next).toBeGreaterThan(token);
  expect(await factOf(one, "cancel", (fact) => fact.cancel)).toBe("acknowledged");
  expect(one.facts.map(({ stopped }) => stopped)).toContain("JobCancelledError");
  expect(await factOf(one, "why", (fact) => fact.why)).toContain("wrong list");
  await using again = aWorker(cluster, "job-1");
  expect(await factOf(again, "refused", (fact) => fact.refused)).toBe("cancelled");
});

test("a pause that stops tells who runs, and who is taken over is told that it is too late", async () => {
  await using cluster = await TestCluster.start({ nodes: 3 });
  onTestFailed(() => console.error(cluster.logs()));
  await using client = await connect({ endpoints: cluster.endpoints, name: "operator" });
  const acme = client.partition("acme");
  await using one = aWorker(cluster, "job-1");
  const token = await factOf(one, "started", (fact) => fact.started);

  const taken = await acme.startJob("job-1", { queue: "mail", takeover: true });
  const { items } = await acme.list("runs");
  await cluster.rogerctl("pause", "mail", ...inAcme, "--mode", "stop");

  if (taken.status !== "started") throw new Error(`it starts, and is ${taken.status}`);
  expect(taken.token).toBeGreaterThan(token);
  expect(items).toMatchObject([{ jobId: "job-1", session: client.session.id }]);
  expect([
    await factOf(one, "stopped", (fact) => fact.stopped),
    await factOf(one, "finished", (fact) => fact.finished),
  ]).toEqual(["RunFencedError", "not_running"]);
  const reason = await eventually("the run is told to stop", async () =>
    taken.signal.aborted ? (taken.signal.reason as unknown) : undefined,
  );
  expect(reason).toMatchObject({ name: "QueuePausedError" });
  expect(await taken.finish("retry")).toMatchObject({ status: "finished" });
});
