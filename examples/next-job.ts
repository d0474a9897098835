// next-job.ts — a worker goes through its messages with one call between two jobs, and is not unfair to others.
import { setTimeout as sleep } from "node:timers/promises";
import { connect, type JobStarted, type NextJob, type Partition, type Run } from "@rogerd/client";
import { endpoints } from "./endpoints.ts";

/** What the broker is told. */
type Settle = (jobId: string, verdict: "acknowledge" | "put back") => void;
type Work = (run: Run) => Promise<void>;

const hourMs = 3_600_000;

async function workThrough(acme: Partition, jobs: readonly NextJob[], work: Work, settle: Settle) {
  let starting: Promise<JobStarted> | undefined;
  for (const [at, { jobId, ...wish }] of jobs.entries()) {
    const job = await (starting ?? acme.startJob(jobId, wish));
    starting = undefined;
    if (job.status !== "started") {
      settle(jobId, "put back"); // as in the section before
      continue;
    }
    await using run = job;
    await work(run);
    const next = jobs[at + 1];
    const options = { rememberMs: hourMs };
    if (next === undefined) {
      const { status } = await run.finish("completed", options);
      settle(jobId, status === "finished" ? "acknowledge" : "put back");
      return;
    }
    const { finish, start } = await run.finishAndStart("completed", next, options);
    settle(jobId, finish.status === "finished" ? "acknowledge" : "put back"); // whatever the start comes to
    starting = start;
  }
}

await using client = await connect({ endpoints, name: "next-job" });
await using rival = await connect({ endpoints, name: "rival" });
const acme = client.partition("acme");
await acme.start();

const batch = crypto.randomUUID();
const executionKey = `${batch}/customer`;
const shown = (jobId: string): string => jobId.slice(batch.length + 1);
const jobs = ["first", "second", "third"].map((name) => ({
  jobId: `${batch}/${name}`,
  queue: "mail",
  executionKey,
}));

/** Somebody else stands in line while the first of them works. */
async function wanted(): Promise<void> {
  const jobId = `${batch}/urgent`;
  const job = await rival.partition("acme").startJob(jobId, { queue: "mail", executionKey });
  if (job.status !== "started") throw new Error(job.status);
  await firstIsSettled; // which does not wait for this one
  console.log("urgent works for somebody else");
  await job.finish("completed");
}
async function stoodInLine(): Promise<void> {
  for (;;) {
    const { items } = await acme.list("executionKeys", { prefix: executionKey });
    if (items.some(({ waiters = 0 }) => waiters > 0)) return;
    await sleep(20);
  }
}

let firstSettled: () => void = () => undefined;
const firstIsSettled = new Promise<void>((resolve) => {
  firstSettled = resolve;
});
let urgent: Promise<void> | undefined;
const work: Work = async ({ jobId }) => {
  console.log(shown(jobId), "works");
  if (urgent !== undefined) return;
  urgent = wanted();
  await stoodInLine();
};
await workThrough(acme, jobs, work, (jobId, verdict) => {
  console.log(`${shown(jobId)}: ${verdict}`);
  firstSettled();
});
await urgent;
