// wiped-disk.ts — a node dies and its disk is gone with it. What is started there is a new node: the old one is removed, and
// the new one let in under its name. Nobody may start the empty folder as if nothing had been.
import { emptyFolder, Entrance } from "./membership.ts";
import type { Nemesis } from "./nemesis.ts";
import { tooFew } from "./too-few.ts";
import { drawMember } from "./whom.ts";

export const wipedDisk: Nemesis = {
  name: "wiped-disk",
  lastsMs: { from: 500, to: 6_000 },
  refusal: (stage) => tooFew(stage, 3),
  async strike(stage, dice) {
    const { cluster } = stage;
    const node = await drawMember(stage, dice);
    await emptyFolder(cluster, node);
    const heal = (): Promise<void> => new Entrance(cluster, node).votes();
    return { says: `${node} killed, its folder removed`, whom: [node], heal };
  },
};
