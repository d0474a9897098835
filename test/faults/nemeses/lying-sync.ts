// lying-sync.ts — the disk of one node says of each sync that all is safe, and does nothing; then the power is gone, and with it
// what the node has acknowledged. As it can't know, nobody depends on it any more when that happens (nobody-needs.ts). It
// starts without what is missing, or refuses (65) and is replaced.
import { killNode } from "./kill.ts";
import type { Nemesis } from "./nemesis.ts";
import { nobodyNeeds } from "./nobody-needs.ts";
import { tooFew } from "./too-few.ts";
import { drawMember } from "./whom.ts";

export const lyingSync: Nemesis = {
  name: "lying-sync",
  lastsMs: { from: 1_000, to: 8_000 },
  refusal(stage) {
    if (stage.shims === undefined) return "nothing can be preloaded here";
    if (stage.power === undefined) return "no file system can be mounted for the nodes here";
    return tooFew(stage, 3);
  },
  async strike(stage, dice) {
    const { cluster, power, shims } = stage;
    const node = await drawMember(stage, dice);
    await shims?.disk(node, { lies: true });
    const heal = async (): Promise<void> => {
      const { term } = await cluster.nodeStatus(node);
      await power?.cut(node);
      await killNode(stage, node);
      await nobodyNeeds(stage, { node, term });
      await shims?.disk(node, {});
      await power?.back(node);
      await stage.revive(node);
    };
    return { says: `the disk of ${node} lies, and then its power is cut`, whom: [node], heal };
  },
};
