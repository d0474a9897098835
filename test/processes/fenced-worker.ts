// fenced-worker.ts — a worker as a process of its own, so that it can be frozen: it runs a job under an execution key
// and writes to a resource with its token all the time, and holds another key beside. It says as JSON lines what the
// resource answers, what it finds when it wakes up, and what comes of its calls about what it had.
import { connect, RogerdError } from "@rogerd/client";

const [jobId = "", resource = "", ...endpoints] = process.argv.slice(2);
const client = await connect({ endpoints, sessionTtlMs: 5_000, name: jobId });
const acme = client.partition("acme");
/** Longer between two writes: the process was frozen. */
const frozenMs = 3_000;

function say(fact: object): void {
  process.stdout.write(`${JSON.stringify(fact)}\n`);
}

const nameOf = (error: unknown): string =>
  error instanceof RogerdError ? error.name : String(error);

async function write(token: number): Promise<void> {
  const { ok } = await fetch(resource, { method: "POST", body: JSON.stringify({ jobId, token }) });
  say(ok ? { wrote: token } : { refused: token });
}

async function work(): Promise<void> {
  const run = await acme.startJob(jobId, { queue: "mail", executionKey: "customer/7" });
  if (run.status !== "started") return say({ ended: run.status });
  const key = await acme.acquireExecutionKey(`own/${jobId}`, { owner: jobId });
  if (key.status !== "held") return say({ ended: key.status });
  say({ started: run.token });
  let last = performance.now();
  for (let isFrozen = false; !isFrozen; last = performance.now()) {
    await write(run.token);
    await new Promise((resolve) => setTimeout(resolve, 20));
    isFrozen = performance.now() - last > frozenMs;
  }
  // What the first turn after a sleep brings about has happened when the next one begins.
  await new Promise((resolve) => setImmediate(resolve));
  say({ woke: run.signal.aborted ? nameOf(run.signal.reason) : "nobody said a word" });
  await write(run.token);
  // Another session is there by now, or soon: what was of the old one is not asked in it.
  await acme.start();
  const late = await Promise.all([
    cameTo(run.finishAndStart("completed", { jobId: `${jobId}/next`, queue: "mail" })),
    cameTo(run.finish("completed")),
    cameTo(key.release()),
  ]);
  say({ ended: "too late", late });
}

async function cameTo(call: Promise<object>): Promise<string> {
  return call.then((answer) => JSON.stringify(answer), nameOf);
}

await acme.start();
await work();
await client.close();
