// frozen-process.ts — a process stands still for longer than its session lives, as in a long garbage collection or
// a paused machine. It takes five seconds.
import { once } from "node:events";
import { connect, LeaseLostError, type RogerdClient } from "@rogerd/client";
import { endpoints } from "./endpoints.ts";

/** Somebody should look when a session is in jeopardy: two thirds of its time are over, and nobody has confirmed it. */
async function reportLease(client: RogerdClient): Promise<void> {
  for await (const event of client.events()) {
    if (event.kind === "session") console.warn(`session ${event.session} is ${event.state}`);
  }
}

/** Stands still, and so do all timers of this process. */
function freeze(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

const sessionTtlMs = 5_000;
const client = await connect({ endpoints, name: "frozen-process", sessionTtlMs });
const reporting = reportLease(client);
const acme = client.partition("acme");
await acme.start();
const key = await acme.acquireExecutionKey("customer/8", { owner: "job-5", waitTimeoutMs: 60_000 });
if (key.status !== "held") throw new Error(`customer/8 is ${key.status}`);
const before = client.session.id;

freeze(sessionTtlMs);
console.log("awake again, and told nothing yet:", !key.signal.aborted);
await once(key.signal, "abort");
console.log("a moment later:", key.signal.reason instanceof LeaseLostError ? "lease lost" : "?");

await acme.start(); // in a new session
console.log("another session:", client.session.id !== before);
await client.close();
await reporting;
