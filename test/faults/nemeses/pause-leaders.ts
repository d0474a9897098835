// pause-leaders.ts — a storm of leaderships: whoever leads stands still for a while, mostly until another leads; again and again.
import { goOn } from "./going-on.ts";
import type { Nemesis } from "./nemesis.ts";
import { freeze, thaw } from "./pause.ts";
import { tooFew } from "./too-few.ts";
import { leaderNow } from "./whom.ts";

const pauseMs = { from: 400, to: 2_500 };

export const pauseLeaders: Nemesis = {
  name: "pause-leaders",
  lastsMs: { from: 6_000, to: 14_000 },
  refusal: (stage) => tooFew(stage, 3),
  async strike(stage, dice) {
    const whom: string[] = [];
    const storm = goOn(async (rest) => {
      const leader = await leaderNow(stage);
      if (leader === undefined) return rest(100);
      if (!whom.includes(leader)) whom.push(leader);
      freeze(stage, leader);
      await rest(dice.between(pauseMs));
      await thaw(stage, leader);
      await rest(dice.between({ from: 0, to: 500 }));
    });
    return { says: "whoever leads stands still", whom, heal: () => storm.stop() };
  },
};
