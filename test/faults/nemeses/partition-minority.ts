// partition-minority.ts — less than half of the members are on their own, with or without the leader; clients' machines
// are on either side, or see both.
import { bothWays, cut, disturbLinks, without } from "./disturbed-links.ts";
import type { Nemesis } from "./nemesis.ts";
import { tooFew } from "./too-few.ts";
import { leaderOrAnyone, shuffled } from "./whom.ts";

export const partitionMinority: Nemesis = {
  name: "partition-minority",
  lastsMs: { from: 4_000, to: 12_000 },
  refusal: (stage) => tooFew(stage, 3),
  async strike(stage, dice) {
    const members = await stage.members();
    const size = 1 + dice.below(Math.max(1, (members.length - 1) >> 1));
    const leader = await leaderOrAnyone(stage, dice);
    const order = shuffled(dice, without(members, leader));
    const alone = dice.chance(0.5) ? [leader, ...order.slice(0, size - 1)] : order.slice(0, size);
    const rest = without(members, ...alone);
    const areDivided = dice.chance(0.5);
    const [near, far] = [[...alone], [...rest]];
    for (const client of areDivided ? stage.hosts.clients : []) {
      (dice.chance(0.5) ? near : far).push(client);
    }
    const says = `${near.join(", ")} and ${far.join(", ")} don't hear each other`;
    return disturbLinks(stage, { ways: bothWays(near, far), rule: cut, says, whom: alone });
  },
};
