// list.ts — what a partition holds, page by page (SEMANTICS §3). All pages of a list are at one
// revision, as long as the node that gave the first one keeps the rest.
import type {
  CancelMarkItem,
  CancelRuleItem,
  ExecutionKeyItem,
  FinishedJobItem,
  ListedItem,
  PauseItem,
  QueueKeyItem,
  RunItem,
} from "@rogerd/protocol";
import type { Reply } from "./call.ts";
import { type ReadOptions, unexpected } from "./caller.ts";
import { CompactedError } from "./errors.ts";

export interface Page<Item> {
  readonly revision: number;
  readonly items: readonly Item[];
  /**
   * Where the next page begins; undefined after the last. All pages of a list are at the first one's revision, which
   * the node that gave it keeps for a minute; once it is lost the next page fails with `CompactedError`: begin
   * again without a cursor.
   */
  readonly next: string | undefined;
}

/** What can be listed, by the name of its kind. */
export interface ItemOfKind {
  readonly cancelMarks: CancelMarkItem;
  readonly queueKeys: QueueKeyItem;
  readonly executionKeys: ExecutionKeyItem;
  readonly pauses: PauseItem;
  readonly cancelRules: CancelRuleItem;
  readonly runs: RunItem;
  readonly finishedJobs: FinishedJobItem;
}

export interface ListOptions extends ReadOptions {
  readonly prefix?: string;
  /** 1 to 1 000; default 100. */
  readonly limit?: number;
  /** The `next` of the page before, of the same list. */
  readonly cursor?: string;
}

const pageLimitDefault = 100;
const pageLimitMax = 1_000;
/** So often a list is begun whose rest was lost. */
const beginsMax = 4;

type AskForPage = (args: Readonly<Record<string, unknown>>, options: ReadOptions) => Promise<Reply>;

export async function listPage<Kind extends keyof ItemOfKind>(
  kind: Kind,
  options: ListOptions,
  ask: AskForPage,
): Promise<Page<ItemOfKind[Kind]>> {
  const { prefix = "", limit = pageLimitDefault, cursor } = options;
  const args = { kind, prefix, limit, ...(cursor === undefined ? {} : { cursor }) };
  return pageOf(isOfKind[kind], "list", await ask(args, options));
}

export async function listPages<Kind extends keyof ItemOfKind>(
  kind: Kind,
  options: ReadOptions & { readonly prefix?: string },
  ask: AskForPage,
): Promise<readonly ItemOfKind[Kind][]> {
  for (let begun = 1; ; begun++) {
    try {
      return await pagesOnce(kind, options, ask);
    } catch (error) {
      if (!(error instanceof CompactedError) || begun >= beginsMax) throw error;
    }
  }
}

async function pagesOnce<Kind extends keyof ItemOfKind>(
  kind: Kind,
  options: ReadOptions & { readonly prefix?: string },
  ask: AskForPage,
): Promise<readonly ItemOfKind[Kind][]> {
  const items: ItemOfKind[Kind][] = [];
  let page = await listPage(kind, { ...options, limit: pageLimitMax }, ask);
  items.push(...page.items);
  while (page.next !== undefined) {
    page = await listPage(kind, { ...options, limit: pageLimitMax, cursor: page.next }, ask);
    items.push(...page.items);
  }
  return items;
}

/** By the fields that only this kind has. */
const isOfKind: {
  readonly [Kind in keyof ItemOfKind]: (item: ListedItem) => item is ItemOfKind[Kind];
} = {
  cancelMarks: (item): item is CancelMarkItem => "jobId" in item && "state" in item,
  queueKeys: (item): item is QueueKeyItem => "key" in item && "owner" in item,
  executionKeys: (item): item is ExecutionKeyItem => "holders" in item,
  pauses: (item): item is PauseItem => "selector" in item,
  cancelRules: (item): item is CancelRuleItem => "rule" in item,
  runs: (item): item is RunItem => "jobId" in item && "token" in item,
  finishedJobs: (item): item is FinishedJobItem => "jobId" in item && "outcome" in item,
};

export function pageOf<Item extends ListedItem>(
  isItem: (item: ListedItem) => item is Item,
  command: string,
  reply: Reply,
): Page<Item> {
  const { result, revision } = reply;
  if (result.status !== "list" || !result.items.every(isItem)) throw unexpected(command, reply);
  return { revision, items: result.items, next: result.next ?? undefined };
}
