// other-clients-node.ts — clients in a process of their own, as programs are that are told what others do. Started by
// other-clients.ts; says what it sees by IPC, with the monotonic clock that all processes of this machine share.
//   node other-clients-node.js jobs COUNT ENDPOINT…       runs so many jobs, and says when each is to stop
//   node other-clients-node.js sessions COUNT ENDPOINT…   has so many sessions, and asks nothing
//   node other-clients-node.js watchers COUNT ENDPOINT…   so many watch all changes, and drop them
import { connect, type RogerdClient } from "@rogerd/client";

export type Said =
  | { readonly kind: "ready" }
  /** `at`: nanoseconds, as text. */
  | { readonly kind: "aborted"; readonly job: number; readonly at: string }
  /** Changes that watchers were told, all together. */
  | { readonly kind: "told"; readonly changes: number };

/** So many connect at once: a thousand at once would measure a queue. */
const connectingMax = 50;

const [role, count = "0", ...endpoints] = process.argv.slice(2);

function say(said: Said): void {
  process.send?.(said);
}

async function clients(total: number): Promise<readonly RogerdClient[]> {
  const connected: RogerdClient[] = [];
  while (connected.length < total) {
    const more = Math.min(connectingMax, total - connected.length);
    const dialed = Array.from({ length: more }, () => connect({ endpoints, timeoutMs: 120_000 }));
    connected.push(...(await Promise.all(dialed)));
  }
  return connected;
}

async function runJobs(total: number): Promise<void> {
  const [client] = await clients(1);
  const bench = client?.partition("bench");
  for (let job = 0; job < total; job += 1) {
    const run = await bench?.startJob(`job-${job}`, { queue: "bench" });
    if (run?.status !== "started") throw new Error(`job ${job} did not start`);
    run.signal.addEventListener("abort", () => {
      say({ kind: "aborted", job, at: String(process.hrtime.bigint()) });
    });
  }
}

async function watch(total: number): Promise<void> {
  let changes = 0;
  for (const client of await clients(total)) {
    const watching = client.watch();
    void (async () => {
      while ((await watching.next()).done !== true) changes += 1;
    })();
  }
  process.on("message", () => say({ kind: "told", changes }));
}

process.once("disconnect", () => process.exit(0));
if (role === "jobs") await runJobs(Number(count));
else if (role === "watchers") await watch(Number(count));
else await clients(Number(count));
say({ kind: "ready" });
// Idle sessions hold the process by their sockets; watchers and jobs, too.
