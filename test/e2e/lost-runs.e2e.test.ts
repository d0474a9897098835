// lost-runs.e2e.test.ts — a worker loses the job that it runs: because it is gone, or because another one has taken
// the job over. Whoever is next starts with a larger token, and what the old one does then changes nothing.
import { expect, onTestFailed, test } from "vitest";
import { eventually } from "../processes/eventually.ts";
import { RawWorker } from "../processes/raw-worker.ts";
import { TestCluster } from "../processes/test-cluster.ts";

const onKey = { queue: "mail", executionKey: "customer/7", onBusy: "wait" };

function aWorker(cluster: TestCluster, number: number): RawWorker {
  return new RawWorker({ endpoints: cluster.endpoints, number });
}

test("a worker is gone while it runs a job: the next in line starts, and the job can start again", async () => {
  await using cluster = await TestCluster.start({ nodes: 3 });
  onTestFailed(() => console.error(cluster.logs()));
  await using second = aWorker(cluster, 2);
  await second.call("partition.start", {});
  const first = aWorker(cluster, 1);
  const { result: run } = await first.call("job.start", { jobId: "job-1", ...onKey });
  const { seq } = await second.call("job.start", { jobId: "job-2", ...onKey });

  await first[Symbol.asyncDispose]();
  const leader = await cluster.leader();
  await cluster.process(leader).kill();
  const ending = await second.endingOf(seq);
  const { result: again } = await second.call("job.start", { jobId: "job-1", queue: "mail" });

  expect(run).toMatchObject({ status: "started" });
  expect(ending).toMatchObject({ kind: "started" });
  expect(Number(ending["token"])).toBeGreaterThan(Number(run["token"]));
  expect(again).toMatchObject({ status: "started" });
});

test("a job is taken over: the worker that ran it is told, its finish is too late, tokens grow", async () => {
  await using cluster = await TestCluster.start({ nodes: 3 });
  onTestFailed(() => console.error(cluster.logs()));
  await using first = aWorker(cluster, 1);
  await using second = aWorker(cluster, 2);
  await first.call("partition.start", {});
  const { result: run } = await first.call("job.start", { jobId: "job-1", ...onKey });
  const { seq } = await first.call("job.start", { jobId: "job-2", ...onKey });

  const taking = { jobId: "job-1", ...onKey, takeover: true };
  const { result: taken } = await second.call("job.start", taking);
  const fenced = await eventually("the first worker is told", async () => {
    return first.pushes.find(({ kind }) => kind === "runFenced");
  });
  const { result: late } = await first.call("job.finish", { jobId: "job-1", outcome: "completed" });
  const { result: done } = await second.call("job.finish", {
    jobId: "job-1",
    outcome: "completed",
  });

  expect(taken).toMatchObject({ status: "started" });
  expect(Number(taken["token"])).toBeGreaterThan(Number(run["token"]));
  expect(fenced).toMatchObject({ jobId: "job-1", token: run["token"], cause: "taken_over" });
  expect(late).toEqual({ status: "not_running" });
  expect(done).toEqual({ status: "finished", cancel: "none" });
  expect(await first.endingOf(seq)).toMatchObject({ kind: "started" });
});
