// caller.ts — what the objects that users hold need from the client: to ask, and to know what a
// refused or strange answer is. One place turns options into the terms of a call.
import type { Reply } from "./call.ts";
import { RogerdError } from "./errors.ts";

/** On every call. */
export interface CallOptions {
  /** Rejects the call with the signal's reason. A call that was sent may still be executed. */
  readonly signal?: AbortSignal;
  /** With all retries; default: the client's. */
  readonly timeoutMs?: number;
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
  read(question: Question, options: CallOptions): Promise<Reply>;
}

/** The daemon answered a question that was not asked: it is newer, or broken. */
export function unexpected(question: string, reply: Reply): RogerdError {
  const message = `${question} was answered with "${reply.result.status}", which this client does not understand`;
  return new RogerdError("version_mismatch", { message, outcomeKnown: false });
}
