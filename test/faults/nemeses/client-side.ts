// client-side.ts — the machine of some clients is cut off from the leader, or from all nodes: for less and for more than
// their leases, so that what they hold is kept for them, or taken away from them without their knowing.
import { bothWays, cut, disturbLinks } from "./disturbed-links.ts";
import type { Nemesis } from "./nemesis.ts";
import { drawOf, leaderOrAnyone } from "./whom.ts";

export const clientSide: Nemesis = {
  name: "client-side",
  lastsMs: { from: 2_000, to: 12_000 },
  refusal: ({ hosts }) =>
    hosts.clients.length === 0 ? "there are no clients' machines" : undefined,
  async strike(stage, dice) {
    const client = drawOf(dice, stage.hosts.clients);
    const leader = await leaderOrAnyone(stage, dice);
    const lost = dice.chance(0.5) ? [leader] : stage.cluster.names;
    const says = `clients on ${client} don't reach ${lost.join(", ")}`;
    return disturbLinks(stage, { ways: bothWays([client], lost), rule: cut, says, whom: [client] });
  },
};
