// partition.ts — the commands of one partition (SEMANTICS §3), one method each. A business outcome
// is what a method resolves to; it rejects only where nothing was decided or nothing is known.
import type {
  CancelMarkItem,
  ExecutionKeyItem,
  ListedItem,
  MarkedJob,
  PauseItem,
  QueueKeyItem,
} from "@rogerd/protocol";
import type { Reply } from "./call.ts";
import { type Caller, type CallOptions, type ReadOptions, unexpected } from "./caller.ts";

/** Whether the command changed anything, and the revision at which it was decided. */
export interface Changed {
  readonly changed: boolean;
  readonly revision: number;
}

export interface Page<Item> {
  readonly revision: number;
  readonly items: readonly Item[];
  /** Where the next page begins; undefined after the last. */
  readonly next: string | undefined;
}

/** What can be listed, by the name of its kind. */
export interface ItemOfKind {
  readonly cancelMarks: CancelMarkItem;
  readonly queueKeys: QueueKeyItem;
  readonly executionKeys: ExecutionKeyItem;
  readonly pauses: PauseItem;
}

export interface ListOptions extends ReadOptions {
  readonly prefix?: string;
  /** 1 to 1 000; default 100. */
  readonly limit?: number;
  readonly cursor?: string;
}

export interface Attribution {
  /** Default: the client's name. */
  readonly by?: string;
  readonly reason?: string;
}

const pageLimitDefault = 100;
const pageLimitMax = 1_000;

export class Partition {
  readonly id: string;
  readonly #caller: Caller;

  constructor(caller: Caller, parts: { readonly id: string }) {
    this.#caller = caller;
    this.id = parts.id;
  }

  /** Makes it answer; again is no change. */
  async start(options: CallOptions = {}): Promise<Changed> {
    return changedOf("partition.start", await this.#write("partition.start", {}, options));
  }

  /** Keeps its state; all its commands answer `not_started` until it is started again. */
  async stop(options: CallOptions = {}): Promise<Changed> {
    return changedOf("partition.stop", await this.#write("partition.stop", {}, options));
  }

  /** Marks jobs as cancelled, at most 1 000 at once; a mark lasts `ttlMs` (default 24 h). */
  async cancel(
    jobIds: string | readonly string[],
    options: CallOptions & Attribution & { readonly ttlMs?: number } = {},
  ): Promise<{ readonly jobs: readonly MarkedJob[]; readonly revision: number }> {
    const { ttlMs } = options;
    const ids = typeof jobIds === "string" ? [jobIds] : jobIds;
    const args = {
      jobIds: ids,
      ...this.#attribution(options),
      ...(ttlMs === undefined ? {} : { ttlMs }),
    };
    const reply = await this.#write("cancel.mark", args, options);
    const { result, revision } = reply;
    if (result.status !== "marked") throw unexpected("cancel.mark", reply);
    return { jobs: result.jobs, revision };
  }

  /** The job's cancel mark, or undefined; looking consumes nothing. */
  async cancelled(jobId: string, options: ReadOptions = {}): Promise<CancelMarkItem | undefined> {
    const reply = await this.#read("cancel.check", { jobId }, options);
    if (reply.result.status !== "checked") throw unexpected("cancel.check", reply);
    return reply.result.mark ?? undefined;
  }

  /** No new starts in this queue, or in all with `*`. */
  async pause(selector: string, options: CallOptions & Attribution = {}): Promise<Changed> {
    const args = { selector, ...this.#attribution(options) };
    return changedOf("queue.pause", await this.#write("queue.pause", args, options));
  }

  async resume(selector: string, options: CallOptions = {}): Promise<Changed> {
    return changedOf("queue.resume", await this.#write("queue.resume", { selector }, options));
  }

  /** All pauses in force, with who and why. */
  paused(options: ReadOptions = {}): Promise<readonly PauseItem[]> {
    return this.listAll("pauses", options);
  }

  /** One page of the objects whose name starts with `prefix`. */
  async list<Kind extends keyof ItemOfKind>(
    kind: Kind,
    options: ListOptions = {},
  ): Promise<Page<ItemOfKind[Kind]>> {
    const { prefix = "", limit = pageLimitDefault, cursor } = options;
    const args = { kind, prefix, limit, ...(cursor === undefined ? {} : { cursor }) };
    return pageOf(isOfKind[kind], "list", await this.#read("list", args, options));
  }

  /** All pages, one after the other; each shows the state at its own revision. */
  async listAll<Kind extends keyof ItemOfKind>(
    kind: Kind,
    options: ReadOptions & { readonly prefix?: string } = {},
  ): Promise<readonly ItemOfKind[Kind][]> {
    const items: ItemOfKind[Kind][] = [];
    let page = await this.list(kind, { ...options, limit: pageLimitMax });
    items.push(...page.items);
    while (page.next !== undefined) {
      page = await this.list(kind, { ...options, limit: pageLimitMax, cursor: page.next });
      items.push(...page.items);
    }
    return items;
  }

  #attribution({ by, reason }: Attribution): Attribution {
    const named = { by: by ?? this.#caller.name };
    return reason === undefined ? named : { ...named, reason };
  }

  #write(
    command: string,
    args: Readonly<Record<string, unknown>>,
    options: CallOptions,
  ): Promise<Reply> {
    return this.#caller.write({ command, partition: this.id, args }, options);
  }

  #read(
    command: string,
    args: Readonly<Record<string, unknown>>,
    options: ReadOptions,
  ): Promise<Reply> {
    return this.#caller.read({ command, partition: this.id, args }, options);
  }
}

function changedOf(command: string, reply: Reply): Changed {
  const { result, revision } = reply;
  if (result.status !== "changed") throw unexpected(command, reply);
  return { changed: result.changed, revision };
}

/** The field that only this kind has. */
const isOfKind: {
  readonly [Kind in keyof ItemOfKind]: (item: ListedItem) => item is ItemOfKind[Kind];
} = {
  cancelMarks: (item): item is CancelMarkItem => "jobId" in item,
  queueKeys: (item): item is QueueKeyItem => "key" in item && "owner" in item,
  executionKeys: (item): item is ExecutionKeyItem => "holders" in item,
  pauses: (item): item is PauseItem => "selector" in item,
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
