// cron-leader.ts — of many instances one keeps the clock, and each tick is published once, though who leads may change
// between any two lines. Two instances are played by one process here.
import { connect, type Partition } from "@rogerd/client";
import { endpoints } from "./endpoints.ts";

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

/** Until the ticks end or the lead is lost, which it says by throwing. Call it again then. */
async function lead(acme: Partition, owner: string, ticks: AsyncIterable<string>): Promise<void> {
  const acquired = await acme.acquireExecutionKey("cron/leader", { owner }); // waits its turn
  if (acquired.status !== "held") return;
  await using leadership = acquired;
  console.log(owner, "leads");
  const by = `${owner}#${leadership.token}`; // as whom it claims: nobody else ever has this name
  for await (const tick of ticks) {
    leadership.signal.throwIfAborted();
    const isNew = await publishOnce(acme, { key: `nightly-report/${tick}`, by });
    console.log(owner, isNew ? "publishes" : "finds already published:", tick);
  }
}

async function publishOnce(
  acme: Partition,
  tick: { readonly key: string; readonly by: string },
): Promise<boolean> {
  const { key, by: owner } = tick;
  const claim = await acme.claimQueueKey(key, { owner, provisionalMs: minuteMs, ttlMs: dayMs });
  if (claim.status !== "claimed") return false;
  await publish({ jobId: key });
  await acme.confirmQueueKey(key, { owner });
  return true;
}

async function publish(_job: { readonly jobId: string }): Promise<void> {}

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
