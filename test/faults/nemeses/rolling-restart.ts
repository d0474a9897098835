// rolling-restart.ts — as for an upgrade: one node after the other is stopped in order (SIGTERM) and started again, the
// leader where it comes in the row.
import { goOn } from "./going-on.ts";
import type { Nemesis } from "./nemesis.ts";
import { shuffled } from "./whom.ts";

export const rollingRestart: Nemesis = {
  name: "rolling-restart",
  lastsMs: { from: 8_000, to: 15_000 },
  refusal: () => undefined,
  async strike(stage, dice) {
    const { cluster } = stage;
    const whom = shuffled(dice, await stage.members());
    const left = [...whom];
    const restarts = goOn(async (rest) => {
      const node = left.shift();
      if (node === undefined) return rest(60_000);
      if (cluster.isRunning(node)) await cluster.process(node).stop();
      await rest(dice.between({ from: 0, to: 1_500 }));
      await stage.revive(node);
      await rest(dice.between({ from: 500, to: 3_000 }));
    });
    const says = `${whom.join(", ")} restarted in a row, as far as there is time`;
    return { says, whom, heal: () => restarts.stop() };
  },
};
