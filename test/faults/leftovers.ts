// leftovers.ts — what is still held when all workers have ended: those who ended in order gave theirs back, and the leases
// of the others run out. A key that nobody gets any more (V23) is found here, whatever refused calls looked like.
import { connect, type Partition, type RogerdClient } from "@rogerd/client";
import { eventually } from "../processes/eventually.ts";

/** Of these workloads nothing is held without a session. */
const partitions = ["keys", "jobs"];
const lists = ["executionKeys", "runs"] as const;
const lookEveryMs = 200;

/** Throws if something is left after that time; what it was is the cause. */
export async function nothingIsHeld(
  endpoints: readonly string[],
  options: { readonly withinMs: number },
): Promise<void> {
  await using client = await connect({ endpoints });
  await eventually(
    "all workers have ended, and nothing is held any more (V23)",
    async () => {
      const held = await heldNow(client);
      if (held.length === 0) return true;
      throw new Error(`held: ${held.map((item) => JSON.stringify(item)).join("\n")}`);
    },
    { ...options, everyMs: lookEveryMs },
  );
}

async function heldNow(client: RogerdClient): Promise<readonly unknown[]> {
  const all = partitions.flatMap((name) =>
    lists.map((list) => itemsOf(client.partition(name), list)),
  );
  return (await Promise.all(all)).flat();
}

/** The first page says enough. */
async function itemsOf(
  partition: Partition,
  list: (typeof lists)[number],
): Promise<readonly unknown[]> {
  const { items } = await partition.list(list, { limit: 20 });
  return items;
}
