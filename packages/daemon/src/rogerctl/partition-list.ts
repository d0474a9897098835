// partition-list.ts — `partition list`: which partitions there are, which of them were stopped, and
// what limits they have of their own.
import { type CommandForm, optionText } from "./command-form.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import type { Invocation } from "./invocation.ts";
import { listAll } from "./list.ts";
import { settingsText } from "./partition-settings.ts";
import { renderTable, shownTime } from "./print.ts";
import { printRead, staleOption } from "./printed-read.ts";
import { objectAt, textAt, timeAt, type WireObject } from "./wire-value.ts";

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
  /** Of its own, as the cluster says them; absent: none. */
  readonly limits?: WireObject;
  readonly defaults?: WireObject;
}

function readPartition(item: WireObject): ListedPartition {
  const limits = objectAt(item, "limits");
  const defaults = objectAt(item, "defaults");
  return {
    partition: textAt(item, "partition") ?? "",
    started: item["started"] === true,
    since: timeAt(item, "since"),
    ...(limits === undefined ? {} : { limits }),
    ...(defaults === undefined ? {} : { defaults }),
  };
}

function byName(left: ListedPartition, right: ListedPartition): number {
  return left.partition < right.partition ? -1 : 1;
}

function table(partitions: readonly ListedPartition[]): string {
  return renderTable({
    head: ["PARTITION", "STATE", "SINCE", "LIMITS"],
    rows: partitions.map(({ partition, started, since, ...settings }) => [
      partition,
      started ? "started" : "stopped",
      shownTime(since),
      settingsText(settings),
    ]),
  });
}

export const partitionListCommand: CommandForm = {
  words: ["partition", "list"],
  summary: "list the partitions, those too that were stopped, with their own limits",
  options: [
    { flags: "--prefix <text>", description: "only partitions that begin so" },
    staleOption,
  ],
  examples: ["rogerctl partition list", "rogerctl partition list --prefix acme/ -o json"],
  scope: "cluster",
  run: (invocation, given) =>
    listPartitions(invocation, { prefix: optionText(given, "prefix") ?? "" }),
};
