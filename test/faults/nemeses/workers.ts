// workers.ts — a worker's process dies, or stands still for less or for more than its lease (5 s): its work is another's by
// then, and it does not know.
import type { Nemesis, Range } from "./nemesis.ts";
import { drawOf } from "./whom.ts";

export const workerKill: Nemesis = {
  name: "worker-kill",
  lastsMs: { from: 0, to: 1_000 },
  refusal: () => undefined,
  async strike({ workers }, dice) {
    if (workers.length === 0) return nobody;
    const worker = drawOf(dice, workers);
    await worker.kill();
    return { says: `${worker.name} killed`, whom: [worker.name], heal: nothing };
  },
};

export const workerFreeze: Nemesis = freezeOf("worker-freeze", { from: 500, to: 4_000 });
export const workerFreezeLong: Nemesis = freezeOf("worker-freeze-long", {
  from: 6_500,
  to: 12_000,
});

function freezeOf(name: string, lastsMs: Range): Nemesis {
  return {
    name,
    lastsMs,
    refusal: () => undefined,
    async strike({ workers }, dice) {
      if (workers.length === 0) return nobody;
      const worker = drawOf(dice, workers);
      worker.freeze();
      const heal = async (): Promise<void> => worker.thaw();
      return { says: `${worker.name} stands still`, whom: [worker.name], heal };
    },
  };
}

const nothing = (): Promise<void> => Promise.resolve();
const nobody = { says: "no worker was there", whom: [], heal: nothing };
