// list.ts — all pages of one kind of object, in order. Every page names its own revision: a list that was
// changed while it was read says so through `revisions`, it does not pretend to be one moment.
import {
  type CommandOutcome,
  type Invocation,
  runCommand,
  statusOf,
  unreadable,
} from "./invocation.ts";
import { objectsAt, textAt, type WireObject } from "./wire-value.ts";

const pageItemsMax = 1_000;

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

export async function listAll(invocation: Invocation, asked: ListAsked): Promise<Listed> {
  const { partition, prefix } = asked;
  const command = asked.partition === undefined ? groupCommands[asked.kind] : "list";
  const items: WireObject[] = [];
  let first: number | undefined;
  let cursor: string | undefined;
  for (;;) {
    const args = {
      ...(partition === undefined ? {} : { kind: asked.kind }),
      prefix,
      limit: pageItemsMax,
      ...(cursor === undefined ? {} : { cursor }),
    };
    const page = await runCommand(invocation, {
      command,
      partition,
      args,
      repetition: "read",
    });
    if (page.kind === "failed") return page;
    if (statusOf(page.result) !== "list") return unreadable(invocation, command);
    items.push(...objectsAt(page.result, "items"));
    first ??= page.revision;
    cursor = textAt(page.result, "next");
    if (cursor === undefined)
      return { kind: "listed", items, revisions: { first, last: page.revision } };
  }
}
