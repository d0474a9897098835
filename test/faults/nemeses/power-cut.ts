// power-cut.ts — the power of one node, of a majority or of all is gone in the same moment, and comes back: what was
// acknowledged must be there (shims/power-supply.ts). SIGKILL alone would prove nothing: it leaves the page cache.
import type { Nemesis } from "./nemesis.ts";

export const powerCut: Nemesis = {
  name: "power-cut",
  refusal: ({ power }) =>
    power === undefined ? "no file system can be mounted for the nodes here" : undefined,
  async strike({ cluster, members, power, revive }, dice) {
    const names = await members();
    const leader = await cluster.leader();
    const others = names.filter((name) => name !== leader);
    const count = dice.pick([1, Math.floor(names.length / 2) + 1, names.length]);
    const struck = [leader, ...others].slice(0, count);
    await Promise.all(struck.map((node) => power?.cut(node)));
    await Promise.all(struck.map((node) => cluster.process(node).kill()));
    return {
      says: `power-cut ${struck.join(" ")}`,
      whom: struck,
      forMs: 300 + dice.around(1_500),
      heal: async () => {
        for (const node of struck) await power?.back(node);
        for (const node of struck) await revive(node);
      },
    };
  },
};
