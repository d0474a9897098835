// leader-alone.ts — the leader is cut off from all nodes, and not from its clients: whatever it would answer by itself is old.
import { bothWays, cut, disturbLinks, without } from "./disturbed-links.ts";
import type { Nemesis } from "./nemesis.ts";
import { tooFew } from "./too-few.ts";
import { leaderOrAnyone } from "./whom.ts";

export const leaderAlone: Nemesis = {
  name: "leader-alone",
  lastsMs: { from: 4_000, to: 12_000 },
  refusal: (stage) => tooFew(stage, 2),
  async strike(stage, dice) {
    const leader = await leaderOrAnyone(stage, dice);
    const others = without(stage.cluster.names, leader);
    const says = `${leader} leads and hears no other node`;
    return disturbLinks(stage, {
      ways: bothWays([leader], others),
      rule: cut,
      says,
      whom: [leader],
    });
  },
};
