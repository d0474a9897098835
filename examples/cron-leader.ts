// cron-leader.ts — of many instances one keeps the clock. Where the lead changes, a tick may be published twice; it is
// run once. Two instances and a worker are played by one process here.
import { connect, type Partition, type Run } from "@rogerd/client";
import { endpoints } from "./endpoints.ts";

const dayMs = 24 * 3_600_000;

/** Until the ticks end, or the lead is lost, which it says by throwing. Call it again then. */
async function lead(acme: Partition, owner: string, ticks: AsyncIterable<string>): Promise<void> {
  const acquired = await acme.acquireExecutionKey("cron/leader", { owner }); // waits its turn
  if (acquired.status !== "held") return;
  await using leadership = acquired;
  console.log(owner, "leads");
  for await (const tick of ticks) {
    leadership.signal.throwIfAborted();
    await publish({ jobId: `nightly-report/${tick}` });
  }
}

async function work(acme: Partition, jobId: string): Promise<string> {
  const job = await acme.startJob(jobId, { queue: "reports" });
  if (job.status === "already_finished") return "was done before: acknowledge";
  if (job.status !== "started") return "put back";
  await using run = job;
  await makeReport(run);
  const { status } = await run.finish("completed", { rememberMs: dayMs });
  return status === "finished" ? "done: acknowledge" : "put back";
}

const queue: string[] = [];

/** Stands for your broker. */
async function publish({ jobId }: { readonly jobId: string }): Promise<void> {
  queue.push(jobId);
}

async function makeReport(_run: Run): Promise<void> {}

await using client = await connect({ endpoints, name: "cron-leader" });
const acme = client.partition("acme");
await acme.start();
const night = crypto.randomUUID(); // a date, were it not for those who run this twice a day
const next: Promise<void>[] = [];

async function* ticksOfTheFirst(): AsyncGenerator<string> {
  yield `${night}/02`;
  next.push(lead(acme, "web-2", ticksOfTheSecond()));
  yield `${night}/03`;
}

/** Who begins to lead looks back: the one before may have stopped in the middle. */
async function* ticksOfTheSecond(): AsyncGenerator<string> {
  yield `${night}/03`;
  yield `${night}/04`;
}

await lead(acme, "web-1", ticksOfTheFirst());
await Promise.all(next);
for (const jobId of queue) console.log(jobId, await work(acme, jobId));
