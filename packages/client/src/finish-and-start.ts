// finish-and-start.ts — `job.finishAndStart`, one call that ends a run and asks whether the next job may run
// (SEMANTICS §3): for the run it is what frees it, for the next job the first time that it asks. Who gives the start
// up does not give up the finish: as long as the call is not sent, the finish goes alone.
import type { Result } from "@rogerd/protocol";
import type { Acquisition, Freeing } from "./acquisition.ts";
import type { CallSpec, Reply, SentReply } from "./call.ts";
import { unexpected } from "./caller.ts";
import { QuotaExceededError, type RogerdError } from "./errors.ts";
import { heardToItsEnd } from "./freeings.ts";
import type { JobStart, JobStarted } from "./job.ts";
import type { JobFinished } from "./run.ts";

export interface NextJob extends JobStart {
  readonly jobId: string;
}

/** The finish stands, whatever the start comes to. */
export interface JobFinishedAndStarted {
  readonly finish: JobFinished;
  /** As of `Partition.startJob`: at once, or when its wait is over. It rejects where the start was refused or given up. */
  readonly start: Promise<JobStarted>;
}

export interface FinishAndStartParts {
  /** As it is sent alone. */
  readonly finish: Freeing;
  readonly next: Acquisition<JobStarted>;
  readonly issue: (spec: CallSpec) => Promise<Reply>;
  /** The run is no more, as of this instant. */
  readonly finished: (reply: Reply) => JobFinished;
}

type Refused = Extract<Extract<Result, { readonly status: "both" }>["start"], { code: unknown }>;

export class FinishAndStart {
  readonly #parts: FinishAndStartParts;
  #asked: { readonly spec: CallSpec; readonly reply: Promise<Reply> } | undefined;
  #finished: JobFinished | undefined;

  constructor(parts: FinishAndStartParts) {
    this.#parts = parts;
    // Where it is over before the finish is known, its user hears it from that.
    parts.next.promise.catch(heardElsewhere);
  }

  /** Resolves once it is known what the finish came to. */
  async send(): Promise<JobFinishedAndStarted> {
    const { next } = this.#parts;
    next.ask((spec) => this.#ask(spec));
    return { finish: await this.#hear(), start: next.promise };
  }

  #ask(spec: CallSpec): Promise<Reply> {
    const { finish, issue } = this.#parts;
    const reply = issue({
      ...spec,
      command: "job.finishAndStart",
      args: { finish: finish.args, start: spec.args },
      heard: (answer) => this.#heard(answer, spec),
    });
    this.#asked = { spec, reply };
    return reply;
  }

  /** In the instant of the answer, and the finish first: the next run may be of the same job. */
  #heard(answer: SentReply, { heard }: CallSpec): void {
    const { finished, next } = this.#parts;
    const { result } = answer;
    if (result.status !== "both") {
      answer.letGo();
      return next.fail(unexpected("job.finishAndStart", answer));
    }
    this.#finished = finished({ ...answer, result: result.finish });
    const { start } = result;
    if (!("code" in start)) return heard?.({ ...answer, result: start });
    answer.letGo();
    return next.fail(refusal(start, answer));
  }

  async #hear(): Promise<JobFinished> {
    if (this.#asked === undefined) return this.#finishAlone();
    const { spec, reply } = this.#asked;
    try {
      const answer = await reply;
      if (this.#finished === undefined) throw unexpected("job.finishAndStart", answer);
      return this.#finished;
    } catch (reason) {
      const isUnsent = spec.signal?.aborted === true && reason === spec.signal.reason;
      if (!isUnsent) throw reason;
      return this.#finishAlone();
    }
  }

  async #finishAlone(): Promise<JobFinished> {
    const { finish, finished, issue } = this.#parts;
    return finished(await issue(heardToItsEnd(finish)));
  }
}

function refusal(refused: Refused, answer: Reply): RogerdError {
  if (refused.code !== "quota_exceeded") return unexpected("job.finishAndStart", answer);
  const { limit, current } = refused;
  const message = `the job does not start: the limit ${limit} is reached: there are ${current}`;
  return new QuotaExceededError({ message, outcomeKnown: true, limit, current });
}

function heardElsewhere(_error: unknown): void {}
