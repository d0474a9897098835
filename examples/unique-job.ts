// unique-job.ts — no second job with the same key is queued: the producer claims the key before it publishes, the
// worker frees it when the job is done. Run `npm start` in one terminal and this in another.
import { connect, type Partition } from "@rogerd/client";
import { endpoints } from "./endpoints.ts";

interface Job {
  readonly id: string;
  readonly key: string;
}

/** Stands for your broker. */
class Broker {
  readonly #messages: Job[] = [];

  async publish(job: Job): Promise<void> {
    this.#messages.push(job);
  }

  take(): Job | undefined {
    return this.#messages.shift();
  }
}

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

/** To be repeated with the same job id when it fails. */
async function enqueue(acme: Partition, broker: Broker, job: Job): Promise<string> {
  const { id: owner, key } = job;
  const claim = await acme.claimQueueKey(key, { owner, provisionalMs: minuteMs, ttlMs: dayMs });
  if (claim.status !== "claimed") return `refused, ${key} is queued already`;
  await broker.publish(job); // should it throw, nobody confirms, and the key is free after a minute
  await acme.confirmQueueKey(key, { owner });
  return "queued";
}

async function consume(acme: Partition, job: Job): Promise<string> {
  const { id: owner, key } = job;
  const claim = await acme.claimQueueKey(key, { owner, ttlMs: dayMs });
  if (claim.status !== "claimed") return `dropped, ${key} is another job's`;
  await sendInvoice(job); // should it throw, the job keeps its key, and a retry finds it
  await acme.releaseQueueKey(key, { owner });
  return "done";
}

async function sendInvoice(_job: Job): Promise<void> {}

await using client = await connect({ endpoints, name: "unique-job" });
const acme = client.partition("acme");
await acme.start();
const broker = new Broker();

console.log("job-1:", await enqueue(acme, broker, { id: "job-1", key: "invoice/42" }));
console.log("job-2:", await enqueue(acme, broker, { id: "job-2", key: "invoice/42" }));
for (let job = broker.take(); job !== undefined; job = broker.take()) {
  console.log(`${job.id}:`, await consume(acme, job));
}
console.log("job-3:", await enqueue(acme, broker, { id: "job-3", key: "invoice/42" }));
await acme.releaseQueueKey("invoice/42", { owner: "job-3" });
