// roger.ts — Roger's twelve call forms by their old names (SEMANTICS §1), exact: each answers what
// `Roger.Partition.Global` answers. A partition that is not started is thrown
// (PartitionNotStartedError), never returned, so that it can't be taken for a yes.
import type { Reply } from "./call.ts";
import { type Caller, type CallOptions, type ReadOptions, unexpected } from "./caller.ts";
import { InvalidArgumentError } from "./errors.ts";

type Args = Readonly<Record<string, unknown>>;

/**
 * Roger's twelve call forms by their old names, each with the answer of `Roger.Partition.Global`; from
 * `RogerdClient.roger`. A partition that is not started is thrown.
 */
export class RogerGlobal {
  readonly #caller: Caller;

  constructor(caller: Caller) {
    this.#caller = caller;
  }

  /** Idempotent. */
  async startPartition(partition: string, options: CallOptions = {}): Promise<void> {
    await this.#caller.write({ command: "partition.start", partition, args: {} }, options);
  }

  /** Keeps the state. */
  async stopPartition(partition: string, options: CallOptions = {}): Promise<void> {
    await this.#caller.write({ command: "partition.stop", partition, args: {} }, options);
  }

  /** Form 1: whether the job exists is not asked. */
  cancelJob(partition: string, jobId: string, options: CallOptions = {}): Promise<void> {
    return this.#settle("roger.cancelJob", { partition, args: { jobId } }, options);
  }

  /** Forms 2 and 3: with `remove` the mark is deleted, and the answer is whether it was there. */
  isCancelled(
    partition: string,
    jobId: string,
    options: ReadOptions & { readonly remove?: boolean } = {},
  ): Promise<boolean> {
    const command = "roger.isCancelled";
    if (options.remove !== true) return this.#ask(command, { partition, args: { jobId } }, options);
    return this.#change(command, { partition, args: { jobId, remove: true } }, options);
  }

  /** Forms 4 and 5: with `add`, false means that the key is yours now, true that it was taken. */
  isQueued(
    partition: string,
    key: string,
    options: ReadOptions & { readonly add?: boolean } = {},
  ): Promise<boolean> {
    const command = "roger.isQueued";
    if (options.add !== true) return this.#ask(command, { partition, args: { key } }, options);
    return this.#change(command, { partition, args: { key, add: true } }, options);
  }

  /** Form 6: present or not. */
  removeQueued(partition: string, key: string, options: CallOptions = {}): Promise<void> {
    return this.#settle("roger.removeQueued", { partition, args: { key } }, options);
  }

  /** Forms 7 and 8: with `add`, false means acquired, true busy; not re-entrant. */
  isExecuting(
    partition: string,
    key: string,
    options: ReadOptions & { readonly add?: boolean } = {},
  ): Promise<boolean> {
    const command = "roger.isExecuting";
    if (options.add !== true) return this.#ask(command, { partition, args: { key } }, options);
    return this.#change(command, { partition, args: { key, add: true } }, options);
  }

  /** Form 9: held or not. */
  removeExecuted(partition: string, key: string, options: CallOptions = {}): Promise<void> {
    return this.#settle("roger.removeExecuted", { partition, args: { key } }, options);
  }

  /** Form 10: an unknown queue is accepted and remembered. */
  queuePause(partition: string, queue: string, options: CallOptions = {}): Promise<void> {
    return this.#settle("roger.queuePause", { partition, args: { queue } }, options);
  }

  /** Form 11: also when it is not paused. */
  queueResume(partition: string, queue: string, options: CallOptions = {}): Promise<void> {
    return this.#settle("roger.queueResume", { partition, args: { queue } }, options);
  }

  /** Form 12. */
  async queueGetPaused(partition: string, options: ReadOptions = {}): Promise<ReadonlySet<string>> {
    const command = "roger.queueGetPaused";
    const reply = await this.#caller.read({ command, partition, args: {} }, options);
    if (reply.result.status !== "paused") throw unexpected(command, reply);
    return new Set(reply.result.queues);
  }

  async #settle(
    command: string,
    about: { readonly partition: string; readonly args: Args },
    options: CallOptions,
  ): Promise<void> {
    const reply = await this.#caller.write({ command, ...about }, options);
    if (reply.result.status !== "ok") throw unexpected(command, reply);
  }

  async #ask(
    command: string,
    about: { readonly partition: string; readonly args: Args },
    options: ReadOptions,
  ): Promise<boolean> {
    return memberOf(command, await this.#caller.read({ command, ...about }, options));
  }

  async #change(
    command: string,
    about: { readonly partition: string; readonly args: Args },
    options: ReadOptions,
  ): Promise<boolean> {
    if (options.stale === true) {
      const message = `stale is for reads, and this ${command} is a write`;
      throw new InvalidArgumentError({ message, path: "stale" });
    }
    return memberOf(command, await this.#caller.write({ command, ...about }, options));
  }
}

function memberOf(command: string, reply: Reply): boolean {
  if (reply.result.status !== "member") throw unexpected(command, reply);
  return reply.result.before;
}
