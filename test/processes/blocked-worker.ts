// blocked-worker.ts — a worker as a process of its own whose event loop is blocked by synchronous work for as long as
// its starter wants: until a line comes. It holds an execution key meanwhile, and says as JSON lines what it holds, that
// it is about to be blocked, and what it finds in its first turn after that.
import { readSync } from "node:fs";
import { connect, RogerdError } from "@rogerd/client";

const [key = "", keepalives = "", maxStall = "", ...endpoints] = process.argv.slice(2);
const client = await connect({
  endpoints,
  sessionTtlMs: 5_000,
  name: key,
  ...(keepalives === "thread" ? { keepalives, maxStallMs: Number(maxStall) } : {}),
});

function say(fact: object): void {
  process.stdout.write(`${JSON.stringify(fact)}\n`);
}

const nameOf = (error: unknown): string =>
  error instanceof RogerdError ? error.name : String(error);

async function tellEvents(): Promise<void> {
  for await (const event of client.events()) {
    if (event.kind === "session") say({ event: `${event.session} ${event.state}` });
    if (event.kind === "keeper-refused" || event.kind === "keeper-died") say({ event: event.kind });
    if (event.kind === "stalled") say({ event: event.kind });
  }
}

/** No timer, no socket and no promise of this thread gets a turn. */
function block(): void {
  readSync(0, Buffer.alloc(64));
}

void tellEvents();
const acme = client.partition("acme");
const held = await acme.acquireExecutionKey(key, { owner: "worker" });
if (held.status !== "held") throw new Error(`it is ${held.status}`);
say({ held: held.token, session: client.session.id });
say({ isBlocked: true });
await new Promise<void>((resolve) => {
  setTimeout(() => {
    block();
    resolve();
  }, 10);
});
// The turn that was blocked ends, and then the first one that everybody has a part in.
for (let turn = 0; turn < 2; turn += 1) await new Promise((resolve) => setImmediate(resolve));
say({ woke: held.signal.aborted ? nameOf(held.signal.reason) : "held" });
const released = await held.release().then(({ status }) => status, nameOf);
say({ released, session: client.session.id });
await client.close();
