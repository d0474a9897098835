// crashed-worker.ts — a worker is killed while it runs a job under a key. Nobody cleans up behind it: with its session the key
// goes to the next in line, and its job starts again where its message is delivered again. It takes six seconds.
import { fork } from "node:child_process";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { connect, type Partition, type Run } from "@rogerd/client";
import { endpoints } from "./endpoints.ts";

/** So long what a dead worker had stays its own. */
const sessionTtlMs = 5_000;
const wish = { queue: "mail", executionKey: "customer/9" };

/** A message that is delivered again: as long as the worker before may be alive, it is put back. */
async function started(acme: Partition, jobId: string): Promise<Run> {
  for (;;) {
    const job = await acme.startJob(jobId, wish);
    if (job.status === "started") return job;
    if (job.status !== "already_running") throw new Error(`${jobId} is ${job.status}`);
    await delay(500);
  }
}

/** In a process of its own: it works until it is killed. */
async function work(): Promise<void> {
  await using client = await connect({ endpoints, name: "crashed-worker", sessionTtlMs });
  const run = await started(client.partition("acme"), "job-6");
  process.send?.(run.token);
  await once(process, "disconnect");
}

async function crash(): Promise<void> {
  await using client = await connect({ endpoints, name: "next-worker" });
  const acme = client.partition("acme");
  await acme.start();
  const worker = fork(new URL(import.meta.url), ["worker"]);
  const [token] = await once(worker, "message");
  console.log("job-6 runs in the first worker");
  const next = started(acme, "job-7"); // stands in line for the key

  worker.kill("SIGKILL");
  await once(worker, "exit");
  const { status } = await acme.startJob("job-6", wish);
  console.log("the worker is dead, job-6 is", status);

  const following = await next;
  console.log("job-7 has the key now, with a larger token:", following.token > token);
  await following.finish("completed");
  const again = await started(acme, "job-6");
  console.log("job-6 runs again, with a larger token:", again.token > following.token);
  await again.finish("completed");
}

await (process.argv[2] === "worker" ? work() : crash());
