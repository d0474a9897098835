// roger.ts — workload: Roger's calls, drawn at random, in a partition that all workers share; each of its answers is to
// be explained by Roger's model. A new partition every few seconds: a call of which nobody knows whether it
// was executed may be, for ever, and its judge must think of all that may.
import { drawCall, makeCall } from "../../e2e/random-calls.ts";
import { epochNow, rogerObject } from "../history/calls.ts";
import { Lane, type Workload } from "./workload.ts";

const namesPerSet = 12;
const epochMs = 15_000;

class RogerLane extends Lane {
  protected override partitionName = "shared";
  protected override readonly thinkMs = 15;

  protected override async step(): Promise<void> {
    await this.#follows();
    const { client, dice, teller } = this.parts;
    const partition = this.partitionName;
    const call = drawCall((sides) => dice.below(sides), namesPerSet);
    const told = { workload: "roger", object: rogerObject(partition, call), asks: call } as const;
    const roger = client.roger();
    await teller.call(
      told,
      () => makeCall(roger, { partition, call }),
      (answer) => ({ answer }),
    );
  }

  async #follows(): Promise<void> {
    const partition = `shared-${epochNow(epochMs)}`;
    if (partition === this.partitionName) return;
    await this.starts(partition);
    this.partitionName = partition;
  }
}

export const rogerWorkload: Workload = { name: "roger", lanes: [RogerLane, RogerLane, RogerLane] };
