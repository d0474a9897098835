// job-lane.ts — one worker of a client's process: starts jobs that others want to run, too, with and without keys,
// stops when it is told to, finishes, now and then together with the start of the next one, and hears now and then that
// it is too late.
import {
  type FinishOptions,
  JobCancelledError,
  type JobOutcome,
  type JobStarted,
  LeaseLostError,
  type JobStart,
  type NextJob,
  type Run,
  StopWantedError,
} from "@rogerd/client";
import { Lane } from "./lane.ts";

/** `taken-…`: whoever wants such a job takes it over from whoever has it. */
export const sharedJobs = ["j-0", "j-1", "j-2", "j-3", "taken-0"] as const;
export const queues = ["mail", "web"] as const;
const keys = [undefined, "k1", "k2", "kept-1"] as const;
const keyOfTaken = "taken";
/** Who gives up so soon does it while the call is on its way. */
const hastyMs = 10;

interface Begun {
  readonly start: NextJob;
  readonly started: Promise<JobStarted>;
}

interface Ending {
  readonly outcome: JobOutcome;
  readonly options: FinishOptions;
}

export class JobLane extends Lane {
  readonly #ofNext = this.parts.dice.fork("next");
  #made = 0;

  protected async step(): Promise<void> {
    const start = this.#drawStart(this.#drawJobId());
    const signal = this.drawPatience();
    const started = this.partition.startJob(start.jobId, { ...start, signal });
    let begun: Begun | undefined = { start, started };
    while (begun !== undefined) begun = await this.#runs(begun);
  }

  #drawJobId(): string {
    const { dice, who } = this.parts;
    this.#made += 1;
    return dice.chance(0.7) ? dice.pick(sharedJobs) : `${who}-${this.#made}`;
  }

  #drawStart(jobId: string): NextJob {
    const { dice } = this.parts;
    const queue = dice.pick(queues);
    const isTakeover = jobId.startsWith("taken");
    const executionKey = isTakeover ? keyOfTaken : dice.pick(keys);
    const hasQueueKey = dice.chance(0.3);
    return {
      jobId,
      queue,
      ...this.#drawWant(executionKey),
      ...(isTakeover ? { takeover: dice.chance(0.5) } : {}),
      ...(hasQueueKey ? { queueKey: `q-${jobId}` } : {}),
      ...(hasQueueKey ? { uniqueUntil: dice.pick(["start", "finish"] as const) } : {}),
      ...(dice.chance(0.3) ? { tags: ["tagged"] } : {}),
    };
  }

  /** Drawn alike whatever it comes to, so that seeds stay what they were. */
  #drawWant(executionKey: string | undefined): Partial<JobStart> {
    const onBusy = this.parts.dice.chance(0.75) ? "wait" : "reject";
    if (executionKey === undefined) return {};
    const waitTimeoutMs = this.drawWaitMs();
    return { executionKey, onBusy, ...(onBusy === "wait" ? { waitTimeoutMs } : {}) };
  }

  /** If it starts; then perhaps another one is begun with its finish. */
  async #runs({ start, started }: Begun): Promise<Begun | undefined> {
    try {
      const run = await started;
      return run.status === "started" ? await this.#runThrough(run, start) : undefined;
    } catch (error) {
      this.failed("startJob", error);
      return undefined;
    }
  }

  async #runThrough(run: Run, { executionKey }: JobStart): Promise<Begun | undefined> {
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
    return this.#finish(run, isLost);
  }

  async #finish(run: Run, isLost: () => boolean): Promise<Begun | undefined> {
    const { checks, isOver, who } = this.parts;
    const ending = this.#drawEnding(run);
    for (let isFirst = true; !isLost(); isFirst = false) {
      const isWithNext = isFirst && !isOver() && this.#ofNext.chance(0.5);
      try {
        const { status, begun } = isWithNext
          ? await this.#finishAndStart(run, ending)
          : { ...(await run.finish(ending.outcome, ending.options)), begun: undefined };
        // A second finish may come after the first, of which it never heard.
        if (status === "not_running" && isFirst && !isLost()) checks.wasNotRunning(who, run);
        return begun;
      } catch (error) {
        this.failed(isWithNext ? "finishAndStart" : "finish", error);
        // Told to stop before, its signal says nothing of that.
        if (isOver() || error instanceof LeaseLostError) return undefined;
        await this.wait(50);
      }
    }
    return undefined;
  }

  async #finishAndStart(run: Run, { outcome, options }: Ending) {
    const start = this.#drawStart(this.#drawJobId());
    const signal = this.drawPatience(hastyMs);
    const { finish, start: started } = await run.finishAndStart(outcome, start, {
      ...options,
      signal,
    });
    return { status: finish.status, begun: { start, started } };
  }

  #drawEnding(run: Run): Ending {
    const { dice } = this.parts;
    const isCancelled = run.signal.reason instanceof JobCancelledError;
    const outcome = isCancelled ? "cancelled" : dice.pick(["completed", "dead", "retry"] as const);
    const isToRemember = outcome !== "retry" && dice.chance(0.2);
    const options = isToRemember ? { rememberMs: 1_000 } : { keepQueueKey: outcome === "retry" };
    return { outcome, options };
  }
}
