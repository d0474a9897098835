// steering.ts — what people do to the jobs that others run: cancel them, before they start or while they run or wait,
// take that back now and then, pause queues and resume them. All queues at once are paused in pauses.ts.
import type { JobsAsks } from "../history/calls.ts";
import { drawCancelledJob, drawQueue } from "./job-names.ts";
import { Lane, told } from "./workload.ts";

/** Longer than ids are in use: none ends by its time before that. */
const marksLastMs = 600_000;
const pausedMs = 150;

export class SteeringLane extends Lane {
  protected override readonly partitionName = "jobs";
  protected override readonly thinkMs = 600;

  protected override async step(): Promise<void> {
    const { dice } = this.parts;
    const deed = dice.below(20);
    if (deed < 8) return this.#cancels(drawCancelledJob(dice, dice.pick(["now", "soon"])));
    if (deed < 11) return this.#clears(drawCancelledJob(dice));
    const selector = drawQueue(dice);
    if (deed < 15) await this.#pauses(selector);
    // Whoever paused it may be dead.
    await this.#resumes(selector);
  }

  async #cancels(jobId: string): Promise<void> {
    const ttlMs = marksLastMs;
    await this.#asks(`job ${jobId}`, { form: "cancel", ttlMs }, async () => {
      const { jobs, revision } = await this.partition.cancel(jobId, { ttlMs });
      return { ...jobs[0], revision };
    });
  }

  async #clears(jobId: string): Promise<void> {
    await this.#asks(`job ${jobId}`, { form: "clear" }, async () => {
      const { jobs, revision } = await this.partition.uncancel(jobId);
      return { ...jobs[0], revision };
    });
  }

  async #pauses(selector: string): Promise<void> {
    const mode = this.parts.dice.pick(["drain", "stop"] as const);
    await this.#asks(`queue ${selector}`, { form: "pause", mode }, () =>
      this.partition.pause(selector, { mode }),
    );
    await this.works(pausedMs);
  }

  async #resumes(selector: string): Promise<void> {
    await this.insists(
      () => false,
      () =>
        this.#asks(`queue ${selector}`, { form: "resume" }, () => this.partition.resume(selector)),
    );
  }

  #asks<Answer extends object>(
    object: string,
    asks: JobsAsks,
    ask: () => Promise<Answer>,
  ): Promise<Answer | undefined> {
    return this.parts.teller.call({ workload: "jobs", object, asks }, ask, told);
  }
}
