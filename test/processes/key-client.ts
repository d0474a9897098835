// key-client.ts — a client as a process of its own, so that it can be killed: it waits for an execution key, says
// as JSON lines that it holds it and how it loses it, and gives it back when it is told so by a line.
import { createInterface } from "node:readline";
import { connect, RogerdError } from "@rogerd/client";

const [owner = "", ...endpoints] = process.argv.slice(2);
const client = await connect({ endpoints, sessionTtlMs: 5_000, name: owner });
const acme = client.partition("acme");

function say(fact: object): void {
  process.stdout.write(`${JSON.stringify(fact)}\n`);
}

async function run(): Promise<void> {
  const acquired = await acme.acquireExecutionKey("customer/7", { owner });
  if (acquired.status !== "held") return say(acquired);
  await using key = acquired;
  say({ held: key.token });
  key.signal.addEventListener("abort", () => {
    const { reason } = key.signal;
    say({ lost: reason instanceof RogerdError ? reason.name : String(reason) });
  });
  for await (const line of createInterface({ input: process.stdin })) {
    if (line === "release") break;
  }
}

await acme.start();
await run();
say({ gaveBack: true });
await client.close();
process.stdin.destroy();
