// keys.ts — `keys`: the queue keys that are taken and the execution keys that are held, all pages.
import { type CommandForm, optionText } from "./command-form.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import type { Invocation } from "./invocation.ts";
import { listAll } from "./list.ts";
import { type Cell, renderTable, shownTime } from "./print.ts";
import { printRead, staleOption } from "./printed-read.ts";
import { numberAt, objectsAt, textAt, timeAt, type WireObject } from "./wire-value.ts";

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

interface Holder {
  readonly owner: string | null;
  readonly token: number | null;
  readonly since: string | null;
}

type KeyItem =
  | {
      readonly kind: "queue";
      readonly key: string;
      readonly owner: string | null;
      readonly since: string | null;
      /** When it is free by itself; null: it waits for its owner. */
      readonly expiresAt: string | null;
      readonly provisional: boolean;
    }
  | {
      readonly kind: "execution";
      readonly key: string;
      readonly limit: number | null;
      readonly holders: readonly Holder[];
    };

function readQueueKey(item: WireObject): KeyItem {
  const key = textAt(item, "key") ?? "";
  return {
    kind: "queue",
    key,
    owner: textAt(item, "owner") ?? null,
    since: timeAt(item, "since"),
    expiresAt: timeAt(item, "expiresAt"),
    provisional: item["provisional"] === true,
  };
}

function readExecutionKey(item: WireObject): KeyItem {
  const holders = objectsAt(item, "holders").map((holder) => ({
    owner: textAt(holder, "owner") ?? null,
    token: numberAt(holder, "token") ?? null,
    since: timeAt(holder, "since"),
  }));
  return {
    kind: "execution",
    key: textAt(item, "key") ?? "",
    limit: numberAt(item, "limit") ?? null,
    holders,
  };
}

function table(items: readonly KeyItem[]): string {
  return renderTable({
    head: ["KIND", "KEY", "OWNER", "TOKEN", "SINCE", "UNTIL"],
    rows: items.flatMap(rowsOf),
  });
}

/** One row a holder: what has many holders has many owners. */
function rowsOf(item: KeyItem): readonly (readonly Cell[])[] {
  if (item.kind === "queue") {
    const until = `${shownTime(item.expiresAt)}${item.provisional ? " unless confirmed" : ""}`;
    return [["queue", item.key, item.owner, null, shownTime(item.since), until]];
  }
  if (item.holders.length === 0) return [["execution", item.key, null, null, null, null]];
  return item.holders.map((holder) => [
    "execution",
    item.key,
    holder.owner,
    holder.token,
    shownTime(holder.since),
    null,
  ]);
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
