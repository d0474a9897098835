// list.ts — all pages of one kind of object, in order. They are of one revision; of a daemon that does not keep
// it yet each has its own, which `revisions` says: such a list does not pretend to be one moment.
import {
  askCluster,
  type Command,
  type CommandOutcome,
  type Invocation,
  settle,
  statusOf,
  unreadable,
} from "./invocation.ts";
import { objectsAt, textAt, type WireObject } from "./wire-value.ts";

const pageItemsMax = 1_000;
const beginsMax = 4;

export type Listed =
  | {
      readonly kind: "listed";
      readonly items: readonly WireObject[];
      /** Of the first and of the last page. */
      readonly revisions: { readonly first: number; readonly last: number };
    }
  | Extract<CommandOutcome, { kind: "failed" }>;

/** What is in a partition, or the partitions themselves, or the sessions. */
export type ListAsked = { readonly prefix: string } & (
  | { readonly partition: string; readonly kind: string }
  | { readonly partition: undefined; readonly kind: "partitions" | "sessions" }
);

const groupCommands = { partitions: "partition.list", sessions: "session.list" } as const;

/** One whose rest was lost (`compacted`) is begun again, a few times. */
export async function listAll(invocation: Invocation, asked: ListAsked): Promise<Listed> {
  for (let begun = 1; ; begun += 1) {
    const listed = await listOnce(invocation, asked, { isLast: begun >= beginsMax });
    if (listed !== "lost") return listed;
  }
}

async function listOnce(
  invocation: Invocation,
  asked: ListAsked,
  attempt: { readonly isLast: boolean },
): Promise<Listed | "lost"> {
  const items: WireObject[] = [];
  let first: number | undefined;
  let cursor: string | undefined;
  for (;;) {
    const command = pageOf(asked, cursor);
    const outcome = await askCluster(invocation, command);
    const isLost = outcome.kind === "refused" && outcome.error.code === "compacted";
    if (isLost && !attempt.isLast) return "lost";
    const page = settle(invocation, command, outcome);
    if (page.kind === "failed") return page;
    if (statusOf(page.result) !== "list") return unreadable(invocation, command.command);
    items.push(...objectsAt(page.result, "items"));
    first ??= page.revision;
    cursor = textAt(page.result, "next");
    if (cursor === undefined)
      return { kind: "listed", items, revisions: { first, last: page.revision } };
  }
}

function pageOf(asked: ListAsked, cursor: string | undefined): Command {
  const { partition, prefix } = asked;
  return {
    command: asked.partition === undefined ? groupCommands[asked.kind] : "list",
    partition,
    args: {
      ...(partition === undefined ? {} : { kind: asked.kind }),
      prefix,
      limit: pageItemsMax,
      ...(cursor === undefined ? {} : { cursor }),
    },
    repetition: "read",
  };
}
