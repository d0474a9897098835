// fenced-worker.ts — a worker loses its key and does not notice; the table refuses what it writes then. The table
// stands for yours; a rule takes the key away after a second, as a lost lease would.
import { connect, type HeldKey, KeyLostError, type Partition } from "@rogerd/client";
import { endpoints } from "./endpoints.ts";

/** UPDATE report SET body = $body, fence = $token WHERE id = $id AND fence <= $token */
class ReportTable {
  readonly #rows = new Map([["7", { body: "", fence: 0 }]]);

  /** How many rows it has changed. */
  update(row: { readonly id: string; readonly body: string; readonly token: number }): number {
    const { id, body, token } = row;
    const found = this.#rows.get(id);
    if (found === undefined || found.fence > token) return 0;
    this.#rows.set(id, { body, fence: token });
    return 1;
  }
}

type Render = (key: HeldKey) => Promise<string>;

async function report(acme: Partition, owner: string, render: Render): Promise<string> {
  const waitTimeoutMs = 60_000;
  const acquired = await acme.acquireExecutionKey("report/7", { owner, waitTimeoutMs });
  if (acquired.status !== "held") return acquired.status; // timed_out, cancelled, …: not now
  await using key = acquired; // given back at the end of the block
  const body = await render(key); // hands key.signal on to what it calls
  const rows = table.update({ id: "7", body, token: key.token });
  return rows === 0 ? "refused, somebody else has the key" : "written";
}

const table = new ReportTable();
await using client = await connect({ endpoints, name: "fenced-worker" });
const acme = client.partition("reports");
await acme.start();
await acme.setExecutionKeyRules([{ prefix: "report/", limit: 1, maxHoldMs: 1_000 }]);

const slow = report(acme, "job-1", async (key) => {
  // It comes second, gets the key once that is taken from job-1, and is done before job-1 wakes up.
  console.log("job-2:", await report(acme, "job-2", async () => "what job-2 says"));
  const { reason } = key.signal;
  if (reason instanceof KeyLostError) console.log("job-1 could have known:", reason.why);
  return "what job-1 says";
});
console.log("job-1:", await slow);
await acme.setExecutionKeyRules([]);
