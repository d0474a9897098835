// quickstart.ts — one key, one job, one cancel, one pause: the whole idea in twenty lines.
// Run `npm start` in one terminal and this in another.
import { connect } from "@rogerd/client";

const endpoints = (
  process.env["ROGERD_ENDPOINTS"] ?? "127.0.0.1:7401,127.0.0.1:7402,127.0.0.1:7403"
).split(",");
await using client = await connect({ endpoints, name: "quickstart" });
const roger = client.roger();
await roger.startPartition("acme");

const isDuplicate = await roger.isQueued("acme", "invoice/42", { add: true });
console.log("queue key invoice/42:", isDuplicate ? "already queued" : "queued");
const isBusy = await roger.isExecuting("acme", "customer/7", { add: true });
console.log("execution key customer/7:", isBusy ? "somebody else runs" : "ours");
await roger.removeExecuted("acme", "customer/7");
await roger.removeQueued("acme", "invoice/42");

await client.partition("acme").cancel("job-1", { reason: "the customer changed his mind" });
console.log("job-1 cancelled:", await roger.isCancelled("acme", "job-1", { remove: true }));

await client.partition("acme").pause("newsletter", { reason: "not before Monday" });
console.log("paused:", [...(await roger.queueGetPaused("acme"))].join(", "));
await client.partition("acme").resume("newsletter");
