// paused-queues.ts — a consumer that knows at any time which queues are paused: it lists, then watches.
import { CompactedError, connect, type Partition } from "@rogerd/client";
import { endpoints } from "./endpoints.ts";

/** The paused queues, `*` for all: as they are now, and again after each change. */
async function* pausedQueues(acme: Partition): AsyncGenerator<ReadonlySet<string>> {
  for (;;) {
    const { revision, items } = await acme.list("pauses", { limit: 1_000 });
    const paused = new Set(items.map(({ selector }) => selector));
    yield paused;
    try {
      for await (const { name, item } of acme.watch({ types: ["queue"], from: revision })) {
        if (item === null) paused.delete(name);
        else paused.add(name);
        yield paused;
      }
      return; // the client was closed
    } catch (error) {
      if (!(error instanceof CompactedError)) throw error; // too far behind: list again
    }
  }
}

async function pauseForAnHour(acme: Partition): Promise<void> {
  const until = new Date(Date.now() + 3_600_000);
  await acme.pause("mail", { by: "ada", reason: "provider down", until });
}

await using client = await connect({ endpoints, name: "paused-queues" });
const acme = client.partition("mailing");
await acme.start();

const steps = [() => pauseForAnHour(acme), () => acme.resume("mail")];
for await (const paused of pausedQueues(acme)) {
  console.log("paused:", [...paused].join(", ") || "nothing");
  const step = steps.shift();
  if (step === undefined) break;
  await step();
}
