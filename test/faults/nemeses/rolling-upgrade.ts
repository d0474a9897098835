// rolling-upgrade.ts — one node after the other is stopped in order and started as the version of this tree, while clients
// go on; for runs that began with a former version. Once all are there, the feature level rises by itself.
import { projectRoot } from "../../project-root.ts";
import type { Nemesis } from "./nemesis.ts";
import { shuffled } from "./whom.ts";

export const rollingUpgrade: Nemesis = {
  name: "rolling-upgrade",
  lastsMs: { from: 1_000, to: 3_000 },
  refusal: ({ cluster }) =>
    cluster.product === projectRoot ? "all nodes are of this version already" : undefined,
  async strike(stage, dice) {
    const { cluster } = stage;
    const whom = shuffled(dice, await stage.members());
    const upgrade = async (): Promise<void> => {
      for (const node of whom) {
        if (cluster.isRunning(node)) await cluster.process(node).stop();
        cluster.setups.set(node, { ...cluster.setups.get(node), product: projectRoot });
        await stage.revive(node);
      }
    };
    await upgrade();
    return { says: `${whom.join(", ")} upgraded in a row`, whom, heal: async () => undefined };
  },
};
