// sealing.ts — a call that may have been executed may still be: it can lie in a buffer, or in a log that is
// not committed yet. Who wants to read what became of it waits until nothing can come of it any more:
// until its session has gone on beyond its number, or is no more (SEMANTICS §6).
import { RogerdError, type RogerdClient } from "@rogerd/client";

const scratchPartition = "sealing";
const tryAgainMs = 50;
/** Far longer than any session outlives its client here. */
const triesMax = 2_000;

export interface Sealing {
  readonly client: RogerdClient;
  readonly wait: (ms: number) => Promise<void>;
}

/** The session is the one in which the call was made. */
export async function sealCallsOf(session: number | undefined, by: Sealing): Promise<void> {
  for (let tries = 1; !(await isSealed(session, by)); tries += 1) {
    if (tries === triesMax) throw new Error(`session ${session} neither goes on nor ends`);
    await by.wait(tryAgainMs);
  }
}

async function isSealed(session: number | undefined, { client }: Sealing): Promise<boolean> {
  try {
    if (client.session.id !== session) return !(await hasSession(client, session));
    // A later write carries a floor above every number that was given up.
    await client.write({ command: "partition.start", partition: scratchPartition, args: {} });
    return client.session.id === session;
  } catch (error) {
    if (error instanceof RogerdError) return false;
    throw error;
  }
}

async function hasSession(client: RogerdClient, session: number | undefined): Promise<boolean> {
  const { result } = await client.read({ command: "session.list", args: { limit: 1_000 } });
  if (result.status !== "list" || result.next !== null) throw new Error("all sessions in one page");
  return result.items.some((item) => "ttlMs" in item && item.session === session);
}
