// deaf-leader.ts — the leader is heard by all and hears nobody: who does not notice leads for ever, and does nothing.
import { cut, disturbLinks, oneWay, without } from "./disturbed-links.ts";
import type { Nemesis } from "./nemesis.ts";
import { tooFew } from "./too-few.ts";
import { leaderOrAnyone } from "./whom.ts";

export const deafLeader: Nemesis = {
  name: "deaf-leader",
  lastsMs: { from: 4_000, to: 12_000 },
  refusal: (stage) => tooFew(stage, 3),
  async strike(stage, dice) {
    const leader = await leaderOrAnyone(stage, dice);
    const others = without(await stage.members(), leader);
    const isDeafToAll = dice.chance(0.5);
    const unheard = isDeafToAll ? [...others, ...stage.hosts.clients] : others;
    const says = `${leader} hears no ${isDeafToAll ? "nodes and no clients" : "nodes"}, and is heard`;
    return disturbLinks(stage, {
      ways: oneWay(unheard, [leader]),
      rule: cut,
      says,
      whom: [leader],
    });
  },
};
