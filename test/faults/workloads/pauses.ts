// pauses.ts — workload: all queues of a partition are paused and resumed, and some by name, while jobs start, wait for a
// key and finish there. A new partition every few seconds: a resume of which nobody knows whether it was executed
// may be, for ever, and excuses every start there.
import { type JobStart, type JobStarted, type Run, StopWantedError } from "@rogerd/client";
import { epochNow, type JobsAsks } from "../history/calls.ts";
import { queues } from "./job-names.ts";
import { Lane, told, type Workload } from "./workload.ts";

const epochMs = 10_000;
const keys = [undefined, undefined, "run-1"] as const;
const waitMaxMs = 300;
const runsMs = 30;

abstract class PausesLane extends Lane {
  protected override partitionName = "paused";

  protected async follows(): Promise<void> {
    const partition = `paused-${epochNow(epochMs)}`;
    if (partition === this.partitionName) return;
    await this.starts(partition);
    this.partitionName = partition;
  }

  /** `thing`: `job j-1`, `queue mail`. */
  protected asks<Answer extends object>(
    thing: string,
    asks: JobsAsks,
    ask: () => Promise<Answer>,
  ): Promise<Answer | undefined> {
    const object = `${thing} of ${this.partitionName}`;
    return this.parts.teller.call({ workload: "pauses", object, asks }, ask, told);
  }
}

class PausingLane extends PausesLane {
  protected override readonly thinkMs = 300;

  protected override async step(): Promise<void> {
    await this.follows();
    const { dice } = this.parts;
    const selector = dice.pick(["*", "*", ...queues]);
    const mode = dice.pick(["drain", "stop"] as const);
    if (dice.chance(0.5)) {
      await this.asks(`queue ${selector}`, { form: "pause", mode }, () =>
        this.partition.pause(selector, { mode }),
      );
    } else {
      await this.asks(`queue ${selector}`, { form: "resume" }, () =>
        this.partition.resume(selector),
      );
    }
  }
}

class StartingLane extends PausesLane {
  protected override readonly thinkMs = 60;
  #made = 0;

  protected override async step(): Promise<void> {
    await this.follows();
    const { dice, who } = this.parts;
    this.#made += 1;
    const jobId = `${who}-${this.#made}`;
    const executionKey = dice.pick(keys);
    const start: JobStart = {
      queue: dice.pick(queues),
      ...(executionKey === undefined
        ? {}
        : { executionKey, waitTimeoutMs: 50 + dice.below(waitMaxMs) }),
    };
    const started = await this.asks<JobStarted>(`job ${jobId}`, { form: "start", ...start }, () =>
      this.partition.startJob(jobId, start),
    );
    if (started?.status === "started") await this.#runs(started);
  }

  /** To its end, though it is asked to stop: what runs on would be in the way of all that wait. */
  async #runs(run: Run): Promise<void> {
    const { jobId, signal, token } = run;
    await this.works(runsMs, signal);
    const asks = { form: "finish", token, outcome: "completed" } as const;
    await this.insists(
      () => signal.aborted && !(signal.reason instanceof StopWantedError),
      () => this.asks(`job ${jobId}`, asks, () => run.finish("completed")),
    );
  }
}

export const pausesWorkload: Workload = { name: "pauses", lanes: [PausingLane, StartingLane] };
