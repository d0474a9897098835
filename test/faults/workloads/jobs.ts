// jobs.ts — workload: workers start jobs that others want, too, with and without keys, run them, and finish them in all
// ways; some are told to stop, some hear that they are too late. Who cancels and pauses is steering.ts.
import {
  JobCancelledError,
  type JobOutcome,
  type JobStart,
  type JobStarted,
  LeaseLostError,
  type Run,
} from "@rogerd/client";
import type { JobsAsks } from "../history/calls.ts";
import { Holding } from "./holding.ts";
import { drawQueue, drawSharedJob } from "./job-names.ts";
import { writeOutside } from "./outside.ts";
import { SteeringLane } from "./steering.ts";
import { Lane, told, type Workload } from "./workload.ts";

const keys = [undefined, "run-1", "run-2", "run-3"] as const;
/** Of jobs that are taken over, which is safe only where the resource looks at tokens. */
const keyOfTaken = "taken-key";
const runsMs = 60;
const takenRunsMs = 400;
const waitMaxMs = 2_500;
/** Longer than ids are in use. */
const rememberMs = 120_000;

class JobLane extends Lane {
  protected override readonly partitionName = "jobs";
  protected override readonly thinkMs = 30;
  #made = 0;

  protected override async step(): Promise<void> {
    const { dice, who } = this.parts;
    this.#made += 1;
    const jobId = dice.chance(0.7) ? drawSharedJob(dice) : `${who}-${this.#made}`;
    const start = this.#drawStart(jobId);
    const signal = this.drawPatience();
    const started = await this.#asks<JobStarted>(jobId, { form: "start", ...start }, () =>
      this.partition.startJob(jobId, { ...start, signal }),
    );
    if (started?.status === "started") await this.#runs(started, start);
  }

  #drawStart(jobId: string): JobStart {
    const { dice } = this.parts;
    const isTakenOver = jobId.startsWith("taken");
    const executionKey = isTakenOver ? keyOfTaken : dice.pick(keys);
    const hasQueueKey = dice.chance(0.3);
    return {
      queue: drawQueue(dice),
      ...this.#drawWant(executionKey),
      ...(isTakenOver ? { takeover: dice.chance(0.5) } : {}),
      ...(hasQueueKey ? { queueKey: `q-${jobId}` } : {}),
      ...(hasQueueKey ? { uniqueUntil: dice.pick(["start", "finish"] as const) } : {}),
    };
  }

  #drawWant(executionKey: string | undefined): Partial<JobStart> {
    const { dice } = this.parts;
    if (executionKey === undefined) return {};
    if (dice.chance(0.25)) return { executionKey, onBusy: "reject" };
    return { executionKey, onBusy: "wait", waitTimeoutMs: 50 + dice.below(waitMaxMs) };
  }

  async #runs(run: Run, { executionKey }: JobStart): Promise<void> {
    const { teller, who: owner } = this.parts;
    const { jobId, revision, signal, token } = run;
    const key = executionKey === undefined ? [] : [`key ${executionKey}`];
    const things = [`job ${jobId}`, ...key];
    const holding = new Holding(teller, { owner, things, token, revision, signal });
    for (const thing of key) await this.#writes(run, thing);
    await this.works(executionKey === keyOfTaken ? takenRunsMs : runsMs, signal);
    for (const thing of key) await this.#writes(run, thing);
    holding.givesBack();
    await this.#finishes(run, holding);
  }

  async #writes({ token }: Run, thing: string): Promise<void> {
    const { resource, who: owner } = this.parts;
    await writeOutside(resource, { thing, owner, token });
  }

  async #finishes(run: Run, holding: Holding): Promise<void> {
    const { dice } = this.parts;
    const { jobId, signal, token } = run;
    const isCancelled = signal.reason instanceof JobCancelledError;
    const outcome: JobOutcome = isCancelled
      ? "cancelled"
      : dice.pick(["completed", "completed", "dead", "retry", "cancelled"] as const);
    const isRemembered = outcome !== "retry" && dice.chance(0.2);
    const options = isRemembered ? { rememberMs } : { keepQueueKey: outcome === "retry" };
    // Of a run that was told to stop before, the signal says nothing of that.
    let isOver = false;
    const finish = () =>
      run.finish(outcome, options).catch((error: unknown) => {
        isOver = error instanceof LeaseLostError;
        throw error;
      });
    await this.insists(
      () => holding.isLost || isOver,
      () => this.#asks(jobId, { form: "finish", token, outcome, ...options }, finish),
    );
  }

  #asks<Answer extends object>(
    jobId: string,
    asks: JobsAsks,
    ask: () => Promise<Answer>,
  ): Promise<Answer | undefined> {
    const call = { workload: "jobs", object: `job ${jobId}`, asks } as const;
    return this.parts.teller.call(call, ask, told);
  }
}

export const jobsWorkload: Workload = {
  name: "jobs",
  lanes: [JobLane, JobLane, JobLane, SteeringLane],
};
