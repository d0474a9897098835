// forgotten-vote.ts — a leader is elected, and before it can say a word to those who voted for it they die, all at once, and
// come back; it goes on alone with some of the clients. Who forgot his vote with his process would elect another one for
// the same term.
import { nowUs } from "../history/history-line.ts";
import { bothWays, cut, without } from "./disturbed-links.ts";
import type { Nemesis, Stage } from "./nemesis.ts";
import { cannotBe, tooFew } from "./too-few.ts";
import { drawOf, leaderOrAnyone } from "./whom.ts";

/** Of each word of the elected one: in between its voters can be killed. Less than the shortest time-out of an election. */
const delayMs = 150;
const electedWithinUs = 5_000_000;

export const forgottenVote: Nemesis = {
  name: "forgotten-vote",
  lastsMs: { from: 3_000, to: 6_000 },
  refusal: (stage) =>
    stage.hosts.clients.length < 2
      ? "there is one clients' machine"
      : (cannotBe(stage, "delayMs") ?? tooFew(stage, 3)),
  async strike(stage, dice) {
    const { cluster, hosts } = stage;
    const members = await stage.members();
    const elected = drawOf(dice, without(members, await leaderOrAnyone(stage, dice)));
    const client = drawOf(dice, hosts.clients);
    const voters = without(members, elected);
    const far = [...without(cluster.names, elected), ...without(hosts.clients, client)];
    await Promise.all(voters.map((to) => hosts.link({ from: elected, to }, { delayMs })));
    const isElected = await becomesLeader(stage, elected);
    const ways = bothWays([elected, client], far).filter(
      ({ from, to }) => hosts.nodes.has(from) || hosts.nodes.has(to),
    );
    await Promise.all(ways.map((way) => hosts.link(way, cut)));
    await Promise.all(voters.map((name) => cluster.process(name).kill()));
    for (const name of voters) await stage.revive(name);
    return {
      says: `${elected} ${isElected ? "is elected" : "is not elected"}, alone with ${client}; ${voters.join(", ")} killed`,
      whom: [...voters, elected, client],
      heal: async () => {
        await Promise.all(ways.map((way) => hosts.link(way, {})));
      },
    };
  },
};

/** False: another one was, or nobody in time. */
async function becomesLeader({ cluster }: Stage, name: string): Promise<boolean> {
  const transfer = cluster.rogerctl("transfer-leader", "--to", name, "--timeout", "3s");
  const giveUpAt = nowUs() + electedWithinUs;
  let role: string | undefined;
  while (role !== "leader" && nowUs() < giveUpAt) {
    role = (await cluster.nodeStatus(name).catch(() => undefined))?.role;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  // What it came to is seen at the node.
  void transfer;
  return role === "leader";
}
