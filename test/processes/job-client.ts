// job-client.ts — a worker as a process of its own: it runs one job, says as JSON lines that it started, why it is
// to stop or is too late, and how it finished.
import { connect, RogerdError } from "@rogerd/client";

const [jobId = "", ...endpoints] = process.argv.slice(2);
const client = await connect({ endpoints, sessionTtlMs: 5_000, name: `worker of ${jobId}` });
const acme = client.partition("acme");

function say(fact: object): void {
  process.stdout.write(`${JSON.stringify(fact)}\n`);
}

async function work(): Promise<void> {
  const started = await acme.startJob(jobId, {
    queue: "mail",
    queueKey: `invoice/${jobId}`,
    executionKey: "customer/7",
  });
  if (started.status !== "started") return say({ refused: started.status });
  say({ started: started.token });
  const { signal } = started;
  await new Promise((resolve) => signal.addEventListener("abort", resolve));
  const { reason } = signal;
  const name = reason instanceof RogerdError ? reason.name : String(reason);
  say({ stopped: name, why: reason instanceof Error ? reason.message : "" });
  const finished = await started.finish(name === "JobCancelledError" ? "cancelled" : "retry");
  say({ finished: finished.status, cancel: "cancel" in finished ? finished.cancel : undefined });
}

await acme.start();
await work();
await client.close();
