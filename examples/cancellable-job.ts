// cancellable-job.ts — a job asks once for all that it needs, and stops in the middle when somebody cancels it.
import { setTimeout as sleep } from "node:timers/promises";
import { connect, JobCancelledError, type Partition, type Run } from "@rogerd/client";
import { endpoints } from "./endpoints.ts";

interface Message {
  readonly jobId: string;
  readonly queueKey: string;
  readonly customer: string;
}

/** What the broker is told. */
type Verdict = "acknowledge" | "put back";
type Work = (run: Run) => Promise<void>;

const hourMs = 3_600_000;

async function handle(acme: Partition, message: Message, work: Work): Promise<Verdict> {
  const { jobId, queueKey, customer } = message;
  const executionKey = `customer/${customer}`;
  const wish = { queue: "mail", queueKey, executionKey, waitTimeoutMs: 60_000 };
  const job = await acme.startJob(jobId, wish);
  switch (job.status) {
    case "started":
      return runThrough(job, work);
    case "cancelled":
    case "already_finished":
      return "acknowledge";
    default:
      return "put back"; // paused, timed_out, already_running, …: later
  }
}

async function runThrough(job: Run, work: Work): Promise<Verdict> {
  await using run = job; // left before its finish: cancelled if that was wanted, else to be started again
  try {
    await work(run); // hands run.signal on, and gives run.token to whatever it writes to
  } catch (error) {
    if (!run.signal.aborted) throw error;
    return run.signal.reason instanceof JobCancelledError ? "acknowledge" : "put back";
  }
  const { status } = await run.finish("completed", { rememberMs: hourMs });
  return status === "finished" ? "acknowledge" : "put back";
}

await using client = await connect({ endpoints, name: "cancellable-job" });
await using operator = await connect({ endpoints, name: "ada" });
const acme = client.partition("acme");
await acme.start();
const batch = crypto.randomUUID();

const wrong = { jobId: `${batch}/wrong`, queueKey: `${batch}/7`, customer: "7" };
const sendWrong = async (run: Run): Promise<void> => {
  console.log("the wrong one works");
  await operator.partition("acme").cancel(run.jobId, { reason: "wrong list" });
  try {
    await sleep(hourMs, undefined, { signal: run.signal });
  } finally {
    const { reason } = run.signal;
    if (reason instanceof JobCancelledError)
      console.log(`stopped by ${reason.by}: ${reason.reason}`);
  }
};
console.log("the wrong one:", await handle(acme, wrong, sendWrong));
const mark = await acme.cancelled(wrong.jobId);
console.log("its mark is", mark !== undefined && "state" in mark ? mark.state : "none");
console.log("delivered again:", await handle(acme, wrong, sendWrong));

const right = { ...wrong, jobId: `${batch}/right` };
const sendRight = async (): Promise<void> => console.log("the right one works");
console.log("the right one:", await handle(acme, right, sendRight));
console.log("delivered again:", await handle(acme, right, sendRight));
