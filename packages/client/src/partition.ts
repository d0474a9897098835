// partition.ts — the commands of one partition (SEMANTICS §3), one method each. A business outcome
// is what a method resolves to; it rejects only where nothing was decided or nothing is known.
import type {
  CancelMarkItem,
  CancelRuleItem,
  ClearedJob,
  MarkedJob,
  PartitionDefault,
  PartitionLimit,
  PauseItem,
  QueueKeyStanding,
  SettingsChange,
} from "@rogerd/protocol";
import type { Reply } from "./call.ts";
import { type CallOptions, type PartitionCaller, type ReadOptions, unexpected } from "./caller.ts";
import type {
  ExecutionKeyAcquired,
  ExecutionKeyRule,
  ExecutionKeyWish,
  ExecutionKeyWithdrawn,
} from "./execution-key.ts";
import { checkObject, checkOptions, millisOf, ownedKey } from "./given.ts";
import type { KeyReleased } from "./held-key.ts";
import type { JobStart, JobStarted } from "./job.ts";
import { type ItemOfKind, type ListOptions, listPage, listPages, type Page } from "./list.ts";
import type { Watch, WatchOptions } from "./watch.ts";

/** Whether the command changed anything, and the revision at which it was decided. */
export interface Changed {
  readonly changed: boolean;
  readonly revision: number;
}

/** At least one of them; see `PartitionItem` for what a partition has. */
export interface PartitionUpdate {
  readonly limits?: SettingsChange<PartitionLimit>;
  readonly defaults?: SettingsChange<PartitionDefault>;
}

export interface Attribution {
  /** Default: the client's name. */
  readonly by?: string;
  readonly reason?: string;
}

/** At least one of the first three; a job must match all that is given. */
export interface CancelRuleMatch {
  readonly queue?: string;
  readonly jobIdPrefix?: string;
  readonly tag?: string;
  /** Only jobs whose start says that they were enqueued before. */
  readonly enqueuedBefore?: Date;
}

export interface PauseTerms {
  /** When it ends by itself; default: when it is resumed. */
  readonly until?: Date;
  /** `drain`, the default: what runs goes on. `stop`: it is told, and what waits leaves the line. */
  readonly mode?: "drain" | "stop";
}

export interface QueueKeyClaim {
  /** The job that is to own the key. */
  readonly owner: string;
  /** After so long the key is free again by itself; default: when it is released. */
  readonly ttlMs?: number;
  /**
   * For a claim before the job is queued: unless it is confirmed within so long, the key is free
   * again. `ttlMs` begins with the confirmation.
   */
  readonly provisionalMs?: number;
  /**
   * What happens to a key that another job owns: nothing (`reject`, the default), it changes hands
   * (`replace`), it changes hands and the other job is cancelled (`replaceAndCancel`), or the other job
   * keeps it for at least `ttlMs` from now (`extend`).
   */
  readonly onConflict?: "reject" | "replace" | "replaceAndCancel" | "extend";
}

/** Times are about when the key is free by itself, in milliseconds since 1970; null: never. */
export type QueueKeyClaimed =
  | { readonly status: "claimed"; readonly expiresAt: number | null; readonly revision: number }
  | ({ readonly status: "duplicate"; readonly revision: number } & QueueKeyStanding)
  | {
      readonly status: "replaced";
      readonly previous: QueueKeyStanding;
      readonly expiresAt: number | null;
      readonly revision: number;
    };

/** `not_owner`: nothing was changed; `claim` says whose the key is, null that it is free. */
export type QueueKeyDone =
  | { readonly status: "done"; readonly revision: number }
  | {
      readonly status: "not_owner";
      readonly claim: QueueKeyStanding | null;
      readonly revision: number;
    };

/**
 * The commands of one partition; from `RogerdClient.partition`. What was decided is what a call resolves to; it
 * rejects where nothing was, or nobody knows.
 */
export class Partition {
  readonly id: string;
  readonly #caller: PartitionCaller;

  constructor(caller: PartitionCaller, parts: { readonly id: string }) {
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

  /**
   * Changes what is named, and nothing else: how much the partition may hold, at most what the cluster allows,
   * and what its calls mean that do not say. Null takes back what was set. What is there already is never
   * taken away: only new things are refused.
   */
  async update(change: PartitionUpdate, options: CallOptions = {}): Promise<Changed> {
    const args = { ...checkObject("change", change) };
    const reply = await this.#write("partition.update", args, options);
    return changedOf("partition.update", reply);
  }

  /**
   * The partition is gone, with all that is in it: who waits, holds or runs there is told. It can't be taken back.
   * Started again at once, a large one is `overloaded` until it is emptied.
   */
  async drop(options: CallOptions = {}): Promise<Changed> {
    return changedOf("partition.drop", await this.#write("partition.drop", {}, options));
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

  /** The job's mark, or else a rule for such ids, or undefined; looking consumes nothing. */
  async cancelled(
    jobId: string,
    options: ReadOptions = {},
  ): Promise<CancelMarkItem | CancelRuleItem | undefined> {
    const reply = await this.#read("cancel.check", { jobId }, options);
    if (reply.result.status !== "checked") throw unexpected("cancel.check", reply);
    return reply.result.mark ?? reply.result.rule;
  }

  /** Takes the marks of these jobs away, at most 1 000 at once: they may start. */
  async uncancel(
    jobIds: string | readonly string[],
    options: CallOptions = {},
  ): Promise<{ readonly jobs: readonly ClearedJob[]; readonly revision: number }> {
    const args = { jobIds: typeof jobIds === "string" ? [jobIds] : jobIds };
    const reply = await this.#write("cancel.clear", args, options);
    const { result, revision } = reply;
    if (result.status !== "cleared") throw unexpected("cancel.clear", reply);
    return { jobs: result.jobs, revision };
  }

  /** Cancels the jobs that match, whoever knows their ids, for `ttlMs` (default 24 h); `rule` names it. */
  async addCancelRule(
    match: CancelRuleMatch,
    options: CallOptions & Attribution & { readonly ttlMs?: number } = {},
  ): Promise<{ readonly rule: string; readonly revision: number }> {
    checkObject("match", match);
    const { ttlMs } = options;
    const { enqueuedBefore, ...which } = match;
    const args = {
      ...which,
      ...(enqueuedBefore === undefined
        ? {}
        : { enqueuedBefore: millisOf("args.enqueuedBefore", enqueuedBefore) }),
      ...this.#attribution(options),
      ...(ttlMs === undefined ? {} : { ttlMs }),
    };
    const reply = await this.#write("cancel.addRule", args, options);
    const { result, revision } = reply;
    if (result.status !== "rule_added") throw unexpected("cancel.addRule", reply);
    return { rule: result.rule, revision };
  }

  /** Jobs that match may start again; those that it cancelled stay cancelled. */
  async removeCancelRule(rule: string, options: CallOptions = {}): Promise<Changed> {
    const reply = await this.#write("cancel.removeRule", { rule }, options);
    return changedOf("cancel.removeRule", reply);
  }

  /**
   * No new starts in this queue, or in all with `*`; what stands in line for its key already still starts, unless `mode` is
   * `stop`. Pausing again makes a pause longer, never shorter.
   */
  async pause(
    selector: string,
    options: CallOptions & Attribution & PauseTerms = {},
  ): Promise<Changed> {
    const { until, mode } = options;
    const args = {
      selector,
      ...this.#attribution(options),
      ...(until === undefined ? {} : { until: millisOf("args.until", until) }),
      ...(mode === undefined ? {} : { mode }),
    };
    return changedOf("queue.pause", await this.#write("queue.pause", args, options));
  }

  async resume(selector: string, options: CallOptions = {}): Promise<Changed> {
    return changedOf("queue.resume", await this.#write("queue.resume", { selector }, options));
  }

  /** Only the job that owns the key may be queued under it. Claiming again what one owns is no conflict. */
  async claimQueueKey(key: string, options: CallOptions & QueueKeyClaim): Promise<QueueKeyClaimed> {
    checkOptions(options);
    const { owner, ttlMs, provisionalMs, onConflict } = options;
    const args = {
      key,
      owner,
      ...(ttlMs === undefined ? {} : { ttlMs }),
      ...(provisionalMs === undefined ? {} : { provisionalMs }),
      ...(onConflict === undefined ? {} : { onConflict }),
    };
    const reply = await this.#write("queueKey.claim", args, options);
    const { result, revision } = reply;
    switch (result.status) {
      case "claimed":
      case "duplicate":
      case "replaced":
        return { ...result, revision };
      default:
        throw unexpected("queueKey.claim", reply);
    }
  }

  /** The owner's job is queued: a provisional claim stands from now on. */
  async confirmQueueKey(
    key: string,
    options: CallOptions & { readonly owner: string },
  ): Promise<QueueKeyDone> {
    const args = ownedKey(key, options);
    return doneOf("queueKey.confirm", await this.#write("queueKey.confirm", args, options));
  }

  /** The claim lasts for at least `ttlMs` from now; it never gets shorter. */
  async extendQueueKey(
    key: string,
    options: CallOptions & { readonly owner: string; readonly ttlMs: number },
  ): Promise<QueueKeyDone> {
    const args = { ...ownedKey(key, options), ttlMs: options.ttlMs };
    return doneOf("queueKey.extend", await this.#write("queueKey.extend", args, options));
  }

  /** Frees the key, if this job owns it. */
  async releaseQueueKey(
    key: string,
    options: CallOptions & { readonly owner: string },
  ): Promise<QueueKeyDone> {
    const args = ownedKey(key, options);
    return doneOf("queueKey.release", await this.#write("queueKey.release", args, options));
  }

  /**
   * Nobody else runs under the key while it is held (or as many as its rule lets). `timeoutMs` is for the answer,
   * `waitTimeoutMs` for the wait; who aborts does not hold it and waits no more.
   */
  async acquireExecutionKey(
    key: string,
    options: CallOptions & ExecutionKeyWish,
  ): Promise<ExecutionKeyAcquired> {
    checkOptions(options);
    const { owner, mode = "wait", waitTimeoutMs, ...others } = options;
    const asked = { partition: this.id, key, owner, mode, waitTimeoutMs };
    return this.#caller.keys().acquire(asked, others);
  }

  /** Ends the owner's wait, or gives back what a grant has given it meanwhile. */
  async withdrawExecutionKey(
    key: string,
    options: CallOptions & { readonly owner: string },
  ): Promise<ExecutionKeyWithdrawn> {
    checkOptions(options);
    const { owner, ...others } = options;
    return this.#caller.keys().withdraw({ partition: this.id, key, owner }, others);
  }

  /** Frees what was granted with this token; `HeldKey.release` does the same. */
  async releaseExecutionKey(
    key: string,
    options: CallOptions & { readonly owner: string; readonly token: number },
  ): Promise<KeyReleased> {
    checkOptions(options);
    const { owner, token, ...others } = options;
    return this.#caller.keys().release({ partition: this.id, key, owner, token }, others);
  }

  /** All rules of the partition, at most 100; of those that fit a key the one with the longest prefix holds. */
  async setExecutionKeyRules(
    rules: readonly ExecutionKeyRule[],
    options: CallOptions = {},
  ): Promise<Changed> {
    const reply = await this.#write("executionKey.setRules", { rules }, options);
    return changedOf("executionKey.setRules", reply);
  }

  /** What changes here from now on, or after `from`, in the order of the log; see `RogerdClient.watch`. */
  watch(options: WatchOptions = {}): Watch {
    return this.#caller.watch(this.id, options);
  }

  /**
   * Asks whether the job may run, and registers it: cancelled, paused, running already, its keys, all in one
   * step. A job that waits for its execution key resolves when that is decided.
   */
  async startJob(jobId: string, options: CallOptions & JobStart): Promise<JobStarted> {
    checkOptions(options);
    return this.#caller.jobs().start({ ...options, partition: this.id, jobId }, options);
  }

  /** All pauses in force, with who and why. */
  paused(options: ReadOptions = {}): Promise<readonly PauseItem[]> {
    return this.listAll("pauses", options);
  }

  /**
   * One page of the objects whose name starts with `prefix`. Further pages, by `cursor`, show the state of the first
   * one's revision; `CompactedError`: they can't be had any more, list again without a cursor.
   */
  list<Kind extends keyof ItemOfKind>(
    kind: Kind,
    options: ListOptions = {},
  ): Promise<Page<ItemOfKind[Kind]>> {
    return listPage(kind, options, (args, read) => this.#read("list", args, read));
  }

  /**
   * All pages, of one revision. Where the rest of a list is lost on the way (its node is gone, or leads no more)
   * it begins again, at a newer revision; where that happens time and again it fails with `CompactedError`.
   */
  listAll<Kind extends keyof ItemOfKind>(
    kind: Kind,
    options: ReadOptions & { readonly prefix?: string } = {},
  ): Promise<readonly ItemOfKind[Kind][]> {
    return listPages(kind, options, (args, read) => this.#read("list", args, read));
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

function doneOf(command: string, reply: Reply): QueueKeyDone {
  const { result, revision } = reply;
  if (result.status !== "done" && result.status !== "not_owner") throw unexpected(command, reply);
  return { ...result, revision };
}
