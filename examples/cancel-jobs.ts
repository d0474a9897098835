// cancel-jobs.ts — jobs are cancelled by their ids or by a rule, and what a worker sees of that.
import { connect, type Partition } from "@rogerd/client";
import { endpoints } from "./endpoints.ts";

async function withdrawList(acme: Partition): Promise<{ readonly rule: string }> {
  await acme.cancel(["mail-1", "mail-2"], { by: "ada", reason: "wrong list" });
  return acme.addCancelRule({ jobIdPrefix: "list-7/" }, { by: "ada", reason: "wrong list" });
}

async function letThemRun(acme: Partition, withdrawn: { readonly rule: string }): Promise<void> {
  await acme.uncancel(["mail-1", "mail-2"]);
  await acme.removeCancelRule(withdrawn.rule);
}

async function deliver(acme: Partition, jobId: string): Promise<string> {
  const wish = { owner: jobId, mode: "try" } as const;
  const acquired = await acme.acquireExecutionKey(`mail/${jobId}`, wish);
  if (acquired.status === "cancelled") return "cancelled: acknowledge the message";
  if (acquired.status !== "held") return "put back";
  await using key = acquired;
  await sendMail(jobId, key.signal);
  return "delivered";
}

async function sendMail(_jobId: string, _signal: AbortSignal): Promise<void> {}

await using client = await connect({ endpoints, name: "cancel-jobs" });
const acme = client.partition("acme");
await acme.start();

const withdrawn = await withdrawList(acme);
const mark = await acme.cancelled("mail-1");
console.log(`mail-1 is cancelled by ${mark?.by}: ${mark?.reason}`);
console.log("mail-1:", await deliver(acme, "mail-1"));
console.log("list-7/1:", await deliver(acme, "list-7/1"));
await letThemRun(acme, withdrawn);
console.log("mail-1:", await deliver(acme, "mail-1"));
console.log("list-7/1:", await deliver(acme, "list-7/1"));
