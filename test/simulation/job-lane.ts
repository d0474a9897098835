// job-lane.ts — one worker of a client's process: starts jobs that others want to run, too, with and without keys,
// stops when it is told to, finishes, and hears now and then that it is too late.
import { JobCancelledError, type JobStart, type Run, StopWantedError } from "@rogerd/client";
import { Lane } from "./lane.ts";

/** `taken-…`: whoever wants such a job takes it over from whoever has it. */
export const sharedJobs = ["j-0", "j-1", "j-2", "j-3", "taken-0"] as const;
export const queues = ["mail", "web"] as const;
const keys = [undefined, "k1", "k2", "kept-1"] as const;
const keyOfTaken = "taken";

export class JobLane extends Lane {
  #made = 0;

  protected async step(): Promise<void> {
    const { dice, who } = this.parts;
    this.#made += 1;
    const jobId = dice.chance(0.7) ? dice.pick(sharedJobs) : `${who}-${this.#made}`;
    const start = this.#drawStart(jobId);
    const signal = this.drawPatience();
    try {
      const started = await this.partition.startJob(jobId, { ...start, signal });
      if (started.status === "started") await this.#runs(started, start);
    } catch (error) {
      this.failed("startJob", error);
    }
  }

  #drawStart(jobId: string): JobStart {
    const { dice } = this.parts;
    const queue = dice.pick(queues);
    const isTakeover = jobId.startsWith("taken");
    const executionKey = isTakeover ? keyOfTaken : dice.pick(keys);
    const hasQueueKey = dice.chance(0.3);
    return {
      queue,
      onBusy: dice.chance(0.75) ? "wait" : "reject",
      ...(executionKey === undefined ? {} : { executionKey, waitTimeoutMs: this.drawWaitMs() }),
      ...(isTakeover ? { takeover: dice.chance(0.5) } : {}),
      ...(hasQueueKey ? { queueKey: `q-${jobId}` } : {}),
      ...(hasQueueKey ? { uniqueUntil: dice.pick(["start", "finish"] as const) } : {}),
      ...(dice.chance(0.3) ? { tags: ["tagged"] } : {}),
    };
  }

  async #runs(run: Run, { executionKey }: JobStart): Promise<void> {
    const { checks, process, thinkMs, who } = this.parts;
    const { jobId, revision, signal, token } = run;
    const things = [`job ${jobId}`, ...(executionKey === undefined ? [] : [`key ${executionKey}`])];
    const leave = checks.believes({ who, process, things, token, revision, signal });
    const isLost = (): boolean => signal.aborted && !(signal.reason instanceof StopWantedError);
    signal.addEventListener("abort", () => {
      if (!isLost()) {
        checks.stopped += 1;
        return;
      }
      leave();
      checks.lost += 1;
    });
    await this.works(2 * thinkMs, signal);
    leave();
    await this.#finish(run, isLost);
  }

  async #finish(run: Run, isLost: () => boolean): Promise<void> {
    const { checks, dice, isOver, who } = this.parts;
    const isCancelled = run.signal.reason instanceof JobCancelledError;
    const outcome = isCancelled ? "cancelled" : dice.pick(["completed", "dead", "retry"] as const);
    const isToRemember = outcome !== "retry" && dice.chance(0.2);
    const options = isToRemember ? { rememberMs: 1_000 } : { keepQueueKey: outcome === "retry" };
    for (let isFirst = true; !isLost(); isFirst = false) {
      try {
        const { status } = await run.finish(outcome, options);
        // A second finish may come after the first, of which it never heard.
        if (status === "not_running" && isFirst && !isLost()) checks.wasNotRunning(who, run);
        return;
      } catch (error) {
        this.failed("finish", error);
        if (isOver()) return;
        await this.wait(50);
      }
    }
  }
}
