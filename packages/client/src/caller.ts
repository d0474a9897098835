// caller.ts — what the objects that users hold need from the client: to ask, and to know what a
// refused or strange answer is. One place turns options into the terms of a call.
import type { Reply } from "./call.ts";
import { RogerdError } from "./errors.ts";
import type { ExecutionKeys } from "./execution-key.ts";
import type { Jobs } from "./job.ts";
import type { Watch, WatchOptions } from "./watch.ts";

/** On every call. */
export interface CallOptions {
  /** Rejects the call with the signal's reason. A call that was sent may still be executed. */
  readonly signal?: AbortSignal;
  /** With all retries; default: the client's. */
  readonly timeoutMs?: number;
}

/** On every call that changes nothing. */
export interface ReadOptions extends CallOptions {
  /**
   * True: an older state will do, though none older than this client was shown by any call, its own
   * writes among them. Any node that is connected answers, also while nobody leads; the leader is
   * asked where there is one, without a round to its followers. How old the answer is nobody says:
   * its `revision` says which state it shows. Default false: the newest state, which a majority stands
   * for. It fails as other reads do; where every node is behind what was seen, or none is reached,
   * with `DeadlineExceededError` after `timeoutMs` (milliseconds) and the last obstacle as its cause.
   */
  readonly stale?: boolean;
}

export interface Question {
  readonly command: string;
  readonly partition?: string;
  readonly args: Readonly<Record<string, unknown>>;
}

export interface Caller {
  /** Shown to operators as who did it. */
  readonly name: string;
  write(question: Question, options: CallOptions): Promise<Reply>;
  read(question: Question, options: ReadOptions): Promise<Reply>;
}

export interface PartitionCaller extends Caller {
  watch(partition: string, options: WatchOptions): Watch;
  keys(): ExecutionKeys;
  jobs(): Jobs;
}

/** The daemon answered a question that was not asked: it is newer, or broken. */
export function unexpected(question: string, reply: Reply): RogerdError {
  const message = `${question} was answered with "${reply.result.status}", which this client does not understand`;
  return new RogerdError("version_mismatch", { message, outcomeKnown: false });
}
