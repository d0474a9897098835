// partition-list.ts — `partition list`: which partitions there are, and which of them were stopped.
import { type CommandForm, optionText } from "./command-form.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import type { Invocation } from "./invocation.ts";
import { listAll } from "./list.ts";
import { renderTable, shownTime } from "./print.ts";
import { printRead, staleOption } from "./printed-read.ts";
import { textAt, timeAt, type WireObject } from "./wire-value.ts";

export async function listPartitions(
  invocation: Invocation,
  { prefix }: { readonly prefix: string },
): Promise<ExitCode> {
  const listed = await listAll(invocation, { partition: undefined, kind: "partitions", prefix });
  if (listed.kind === "failed") return listed.exitCode;
  const { first, last } = listed.revisions;
  if (first !== last)
    invocation.surroundings.say("the state changed while it was listed: this is not one moment");
  const partitions = listed.items.map(readPartition).sort(byName);
  printRead(invocation, {
    revision: last,
    json: { revision: last, partitions },
    text: () => (partitions.length === 0 ? "no partitions\n" : table(partitions)),
  });
  return exitCodes.done;
}

interface ListedPartition {
  readonly partition: string;
  readonly started: boolean;
  /** Of the last start or stop. */
  readonly since: string | null;
}

function readPartition(item: WireObject): ListedPartition {
  return {
    partition: textAt(item, "partition") ?? "",
    started: item["started"] === true,
    since: timeAt(item, "since"),
  };
}

function byName(left: ListedPartition, right: ListedPartition): number {
  return left.partition < right.partition ? -1 : 1;
}

function table(partitions: readonly ListedPartition[]): string {
  return renderTable({
    head: ["PARTITION", "STATE", "SINCE"],
    rows: partitions.map(({ partition, started, since }) => [
      partition,
      started ? "started" : "stopped",
      shownTime(since),
    ]),
  });
}

export const partitionListCommand: CommandForm = {
  words: ["partition", "list"],
  summary: "list the partitions, those too that were stopped",
  options: [
    { flags: "--prefix <text>", description: "only partitions that begin so" },
    staleOption,
  ],
  examples: ["rogerctl partition list", "rogerctl partition list --prefix acme/ -o json"],
  scope: "cluster",
  run: (invocation, given) =>
    listPartitions(invocation, { prefix: optionText(given, "prefix") ?? "" }),
};
