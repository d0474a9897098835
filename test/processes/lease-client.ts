// lease-client.ts — a client as a process of its own, so that it can be frozen: it opens a session with the
// shortest time-to-live, makes a write every 100 ms, and says as JSON lines what its session comes to
// and how writes fail.
import { connect, RogerdError } from "@rogerd/client";

const endpoints = process.argv.slice(2);
const client = await connect({ endpoints, sessionTtlMs: 5_000, name: "lease client" });
const roger = client.roger();

function say(fact: object): void {
  process.stdout.write(`${JSON.stringify(fact)}\n`);
}

async function tellSessions(): Promise<void> {
  for await (const event of client.events()) {
    if (event.kind === "session") say({ session: event.session, state: event.state });
  }
}

void tellSessions();
await roger.startPartition("acme");
say({ session: client.session.id, state: client.session.state });
for (let made = 1; ; made += 1) {
  await new Promise((resolve) => setTimeout(resolve, 100));
  try {
    await roger.queuePause("acme", "mail");
    say({ made });
  } catch (error) {
    if (!(error instanceof RogerdError)) throw error;
    const { name, code, outcomeKnown } = error;
    say({ made, failed: name, code, outcomeKnown });
  }
}
