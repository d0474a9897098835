// leader-with-clients.ts — the network falls apart, and the leader is with the smaller part of the nodes, but with some of the
// clients: they believe it, while the others write elsewhere. What it answered them by itself would be old.
import { bothWays, cut, disturbLinks, without } from "./disturbed-links.ts";
import type { Nemesis } from "./nemesis.ts";
import { tooFew } from "./too-few.ts";
import { drawOf, leaderOrAnyone } from "./whom.ts";

export const leaderWithClients: Nemesis = {
  name: "leader-with-clients",
  lastsMs: { from: 3_000, to: 10_000 },
  refusal: (stage) =>
    stage.hosts.clients.length < 2 ? "there is one clients' machine" : tooFew(stage, 2),
  async strike(stage, dice) {
    const { cluster, hosts } = stage;
    const client = drawOf(dice, hosts.clients);
    const leader = await leaderOrAnyone(stage, dice);
    const others = [...without(cluster.names, leader), ...without(hosts.clients, client)];
    return disturbLinks(stage, {
      ways: bothWays([leader, client], others),
      rule: cut,
      says: `${leader} leads and is alone with ${client}`,
      whom: [leader, client],
    });
  },
};
