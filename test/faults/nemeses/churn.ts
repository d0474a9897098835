// churn.ts — a new node comes and an old one goes, while all goes on: in one step, or first the one and then the other, with
// a voter more in between. In the end there are as many voters as in the beginning, and a place to come to next time.
import { emptyFolder, Entrance, removeMember } from "./membership.ts";
import type { Nemesis } from "./nemesis.ts";
import { drawMember } from "./whom.ts";

export const churn: Nemesis = {
  name: "churn",
  lastsMs: { from: 500, to: 6_000 },
  refusal: ({ cluster }) =>
    cluster.names.length > cluster.founders.length ? undefined : "no node is there that could join",
  async strike(stage, dice) {
    const { cluster } = stage;
    const voters = await stage.members();
    const come = cluster.names.find((name) => !voters.includes(name) && !cluster.isRunning(name));
    if (come === undefined) throw new Error(`all nodes are in use, and ${voters.join(", ")} vote`);
    const gone = await drawMember(stage, dice);
    const isOneStep = dice.chance(0.5);
    const entrance = new Entrance(cluster, come);
    await emptyFolder(cluster, come);
    if (isOneStep) await entrance.joins();
    else await entrance.votes();
    const heal = async (): Promise<void> => {
      if (isOneStep) await entrance.replaces(gone);
      await removeMember(cluster, gone);
    };
    const says = `${come} ${isOneStep ? "learns" : "votes"}, and ${gone} goes`;
    return { says, whom: [come, gone], heal };
  },
};
