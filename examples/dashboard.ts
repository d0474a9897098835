// dashboard.ts — shows the pauses also while nobody leads: an older state will do. Other examples start the partition.
import { connect } from "@rogerd/client";
import { endpoints } from "./endpoints.ts";

async function show(partition: string): Promise<string> {
  await using client = await connect({ endpoints, until: "node" }); // any node will do
  const { items, revision } = await client.partition(partition).list("pauses", { stale: true });
  return `${items.length} queues are paused, as of revision ${revision}`;
}

console.log(await show("acme"));
