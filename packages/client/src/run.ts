// run.ts — a job that runs in this client's session: its token, a signal that says when it is to stop or is too
// late, and how it finishes. It never asks whether it still runs: who writes to a resource gives it the token.
import type { CallOptions } from "./caller.ts";
import { isStillToDo, JobCancelledError, LeaseLostError, StopWantedError } from "./errors.ts";
import type { JobFinishedAndStarted, NextJob } from "./finish-and-start.ts";

/** `retry`: it is to be started again. */
export type JobOutcome = "completed" | "cancelled" | "dead" | "retry";

export interface FinishOptions extends CallOptions {
  /** The queue key stays the job's: with `retry`, until it starts again. */
  readonly keepQueueKey?: boolean;
  /** For so long the job does not start again, however often its message comes; not with `retry`. */
  readonly rememberMs?: number;
}

export type JobFinished =
  | {
      readonly status: "finished";
      /** What became of a cancel of the job. */
      readonly cancel: "acknowledged" | "too_late" | "none";
      /** False: there was no room to remember it; undefined: that was not asked. */
      readonly remembered: boolean | undefined;
      readonly revision: number;
    }
  /** The run was this session's no more: what the job did then was too late. */
  | { readonly status: "not_running"; readonly revision: number };

export interface RunParts {
  readonly jobId: string;
  readonly queue: string;
  readonly token: number;
  readonly revision: number;
  readonly signal: AbortSignal;
  readonly finish: (outcome: JobOutcome, options: FinishOptions) => Promise<JobFinished>;
  readonly finishAndStart: (
    outcome: JobOutcome,
    next: NextJob,
    options: FinishOptions,
  ) => Promise<JobFinishedAndStarted>;
}

/**
 * A job that runs in this client's session; from `Partition.startJob`. Give the token to what it writes to: that
 * alone knows who comes too late.
 */
export class Run implements AsyncDisposable {
  readonly status = "started";
  readonly jobId: string;
  readonly queue: string;
  /** Grows with every grant: a resource that has seen a higher one refuses this one. */
  readonly token: number;
  /** At which it started, or at which this client was told so. */
  readonly revision: number;
  /**
   * Aborts when the job is to stop: with `JobCancelledError` or `QueuePausedError`, and it runs on until it
   * finishes; or when it is too late: with `LeaseLostError`, `RunFencedError`, `ClientClosedError`.
   */
  readonly signal: AbortSignal;
  readonly #finish: RunParts["finish"];
  readonly #finishAndStart: RunParts["finishAndStart"];
  #hasFinished = false;

  constructor(parts: RunParts) {
    this.jobId = parts.jobId;
    this.queue = parts.queue;
    this.token = parts.token;
    this.revision = parts.revision;
    this.signal = parts.signal;
    this.#finish = parts.finish;
    this.#finishAndStart = parts.finishAndStart;
  }

  /**
   * Its execution key is the next one's, its queue key is free. Rejects with `LeaseLostError` once its session is
   * lost: then it has ended without.
   */
  finish(outcome: JobOutcome, options: FinishOptions = {}): Promise<JobFinished> {
    return this.#last(() => this.#finish(outcome, options));
  }

  /**
   * Finishes, and asks in the same step whether the next job of this partition may run: whoever stands in line for
   * the key of this run comes before it. Resolves once the finish is known, which stands whatever the start comes
   * to; `timeoutMs` is for that answer. Who aborts does not get the next job; the finish is done all the same.
   */
  finishAndStart(
    outcome: JobOutcome,
    next: NextJob,
    options: FinishOptions = {},
  ): Promise<JobFinishedAndStarted> {
    return this.#last(() => this.#finishAndStart(outcome, next, options));
  }

  /** Refused as a whole, by what is wrong with it or with the start, it leaves the run to be given back. */
  async #last<Finished>(finish: () => Promise<Finished>): Promise<Finished> {
    this.#hasFinished = true;
    try {
      return await finish();
    } catch (error) {
      if (isStillToDo(error)) this.#hasFinished = false;
      throw error;
    }
  }

  /** Left without a word: cancelled, if that was wanted; else it is to be started again. */
  async [Symbol.asyncDispose](): Promise<void> {
    const { signal } = this;
    const isTooLate = signal.aborted && !(signal.reason instanceof StopWantedError);
    if (this.#hasFinished || isTooLate) return;
    const isCancelled = signal.reason instanceof JobCancelledError;
    try {
      await this.finish(
        isCancelled ? "cancelled" : "retry",
        isCancelled ? {} : { keepQueueKey: true },
      );
    } catch (error) {
      const isLost = signal.aborted && !(signal.reason instanceof StopWantedError);
      if (!isLost && !(error instanceof LeaseLostError)) throw error;
    }
  }
}
