// power-cut.ts — the power of one node, of a majority or of all is gone in the same moment, and comes back: what was
// acknowledged must be there (shims/power-supply.ts). SIGKILL alone would prove nothing: it leaves the page cache.
import type { Nemesis } from "./nemesis.ts";
import { leaderOrAnyone } from "./whom.ts";

export const powerCut: Nemesis = {
  name: "power-cut",
  lastsMs: { from: 300, to: 4_000 },
  refusal: ({ power }) =>
    power === undefined ? "no file system can be mounted for the nodes here" : undefined,
  async strike(stage, dice) {
    const { cluster, power } = stage;
    const names = await stage.members();
    const leader = await leaderOrAnyone(stage, dice);
    const others = names.filter((name) => name !== leader);
    const count = dice.pick([1, Math.floor(names.length / 2) + 1, names.length]);
    const struck = [leader, ...others].slice(0, count);
    await Promise.all(struck.map(async (node) => power?.cut(node)));
    await Promise.all(struck.map((node) => cluster.process(node).kill()));
    return {
      says: `power-cut ${struck.join(" ")}`,
      whom: struck,
      heal: async () => {
        for (const node of struck) await power?.back(node);
        await Promise.all(struck.map((node) => stage.revive(node)));
      },
    };
  },
};
