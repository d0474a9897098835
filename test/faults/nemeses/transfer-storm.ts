// transfer-storm.ts — leadership is handed over again and again, to this one and that, faster than it is of any use.
import { goOn } from "./going-on.ts";
import type { Nemesis } from "./nemesis.ts";
import { tooFew } from "./too-few.ts";
import { drawOf } from "./whom.ts";

export const transferStorm: Nemesis = {
  name: "transfer-storm",
  lastsMs: { from: 4_000, to: 10_000 },
  refusal: (stage) => tooFew(stage, 2),
  async strike(stage, dice) {
    const whom = await stage.members();
    const storm = goOn(async (rest) => {
      // Declined, or not known, is as good: the next one comes.
      await stage.cluster.rogerctl(
        "transfer-leader",
        "--to",
        drawOf(dice, whom),
        "--timeout",
        "2s",
      );
      await rest(dice.around(300));
    });
    return { says: "leadership is handed on and on", whom, heal: () => storm.stop() };
  },
};
