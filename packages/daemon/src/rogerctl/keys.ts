// keys.ts — `keys`: the queue keys that are taken and the execution keys that are held, all pages.
import { type CommandForm, optionText } from "./command-form.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import type { Invocation } from "./invocation.ts";
import { type ExecutionKey, type QueueKey, readExecutionKey, readQueueKey } from "./key-item.ts";
import { listAll } from "./list.ts";
import { type Cell, renderTable, shownTime } from "./print.ts";
import { printRead, staleOption } from "./printed-read.ts";

export const keyKinds = ["queue", "execution"] as const;
export type KeyKind = (typeof keyKinds)[number];

export async function keys(
  invocation: Invocation,
  asked: {
    readonly partition: string;
    readonly prefix: string;
    readonly kinds: readonly KeyKind[];
  },
): Promise<ExitCode> {
  const { partition, prefix, kinds } = asked;
  const found: KeyItem[] = [];
  const revisions = new Set<number>();
  for (const kind of kinds) {
    const listed = await listAll(invocation, { partition, prefix, kind: listKinds[kind] });
    if (listed.kind === "failed") return listed.exitCode;
    for (const item of listed.items)
      found.push(kind === "queue" ? readQueueKey(item) : readExecutionKey(item));
    revisions.add(listed.revisions.first).add(listed.revisions.last);
  }
  if (revisions.size > 1) {
    invocation.surroundings.say("the state changed while it was listed: this is not one moment");
  }
  const revision = Math.max(...revisions);
  printRead(invocation, {
    revision,
    json: { partition, revision, keys: found },
    text: () => (found.length === 0 ? "no keys\n" : table(found)),
  });
  return exitCodes.done;
}

const listKinds = { queue: "queueKeys", execution: "executionKeys" } as const satisfies Record<
  KeyKind,
  string
>;

type KeyItem = QueueKey | ExecutionKey;

function table(items: readonly KeyItem[]): string {
  return renderTable({
    head: ["KIND", "KEY", "OWNER", "SESSION", "TOKEN", "SINCE", "UNTIL", "IN LINE"],
    rows: items.flatMap(rowsOf),
  });
}

/** One row a holder: what has many holders has many owners. */
function rowsOf(item: KeyItem): readonly (readonly Cell[])[] {
  if (item.kind === "queue") {
    const until = `${shownTime(item.expiresAt)}${item.provisional ? " unless confirmed" : ""}`;
    return [["queue", item.key, item.owner, null, null, shownTime(item.since), until, null]];
  }
  const { key, waiters } = item;
  const inLine = waiters === 0 ? null : waiters;
  if (item.holders.length === 0) return [["execution", key, null, null, null, null, null, inLine]];
  return item.holders.map(({ owner, session, token, since }) => {
    const held: readonly Cell[] = ["execution", key, owner, session, token, shownTime(since)];
    return [...held, null, inLine];
  });
}

export const keysCommand: CommandForm = {
  words: ["keys"],
  summary: "list the queue keys that are taken and the execution keys that are held",
  options: [
    { flags: "--prefix <text>", description: "only keys that begin so" },
    { flags: "--kind <kind>", description: "only keys of this kind", choices: keyKinds },
    staleOption,
  ],
  examples: [
    "rogerctl keys --partition acme",
    "rogerctl keys --partition acme --kind execution --prefix invoice/ -o json",
  ],
  scope: "partition",
  run: (invocation, given) => {
    const wanted = optionText(given, "kind");
    return keys(invocation, {
      partition: given.partition,
      prefix: optionText(given, "prefix") ?? "",
      kinds: keyKinds.filter((kind) => wanted === undefined || kind === wanted),
    });
  },
};
