// partition-bridge.ts — one member hears all, and is the only bridge between two halves.
import { bothWays, cut, disturbLinks } from "./disturbed-links.ts";
import type { Nemesis } from "./nemesis.ts";
import { tooFew } from "./too-few.ts";
import { shuffled } from "./whom.ts";

export const partitionBridge: Nemesis = {
  name: "partition-bridge",
  lastsMs: { from: 4_000, to: 12_000 },
  refusal: (stage) => tooFew(stage, 3),
  async strike(stage, dice) {
    const [bridge = "", ...others] = shuffled(dice, await stage.members());
    const half = others.length >> 1;
    const [here, there] = [others.slice(0, half), others.slice(half)];
    const says = `only ${bridge} hears both ${here.join(", ")} and ${there.join(", ")}`;
    return disturbLinks(stage, { ways: bothWays(here, there), rule: cut, says, whom: [bridge] });
  },
};
