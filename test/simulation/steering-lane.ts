// steering-lane.ts — what people do to the jobs that others run: cancel them, one by one and by rule, take that back,
// pause queues and resume them.
import type { CancelRuleMatch } from "@rogerd/client";
import { queues, sharedJobs } from "./job-lane.ts";
import { Lane } from "./lane.ts";

/** Longer ones would leave nothing to run. */
const marksLastMs = 2_000;
const matches: readonly [CancelRuleMatch, ...CancelRuleMatch[]] = [
  { tag: "tagged" },
  { jobIdPrefix: "j-1" },
  { queue: "web" },
];

export class SteeringLane extends Lane {
  protected async step(): Promise<void> {
    try {
      await this.#steer();
    } catch (error) {
      this.failed("steering", error);
    }
  }

  async #steer(): Promise<unknown> {
    const { dice, thinkMs } = this.parts;
    const { partition } = this;
    switch (dice.below(6)) {
      case 0:
      case 1:
        return partition.cancel(dice.pick(sharedJobs), { ttlMs: marksLastMs });
      case 2:
        return partition.uncancel(sharedJobs);
      case 3: {
        const match = dice.pick(matches);
        const { rule } = await partition.addCancelRule(match, { ttlMs: marksLastMs });
        await this.works(2 * thinkMs);
        return partition.removeCancelRule(rule);
      }
      case 4: {
        const queue = dice.pick(["*", ...queues]);
        await partition.pause(queue, { mode: dice.pick(["drain", "stop"] as const) });
        await this.works(2 * thinkMs);
        return partition.resume(queue);
      }
      default:
        return partition.resume(dice.pick(["*", ...queues]));
    }
  }
}
