// partition-ring.ts — every member hears a majority, and no two hear the same one: in a ring, each is linked with its
// neighbours only. Of three, where that would be all, each hears the next one and is heard by the one before.
import { cut, disturbLinks, oneWay, type Way } from "./disturbed-links.ts";
import type { Nemesis } from "./nemesis.ts";
import { tooFew } from "./too-few.ts";
import { shuffled } from "./whom.ts";

export const partitionRing: Nemesis = {
  name: "partition-ring",
  lastsMs: { from: 4_000, to: 12_000 },
  refusal: (stage) => tooFew(stage, 3),
  async strike(stage, dice) {
    const ring = shuffled(dice, await stage.members());
    const ways = cutsOfRing(ring);
    const says = `in the ring ${ring.join(", ")} each hears its neighbours only`;
    return disturbLinks(stage, { ways, rule: cut, says, whom: ring });
  },
};

export function cutsOfRing(ring: readonly string[]): readonly Way[] {
  const { length } = ring;
  if (length <= 3) {
    return ring.map((name, at) => ({ from: ring.at(at - 1) ?? name, to: name })).filter(isBetween);
  }
  const majority = (length >> 1) + 1;
  const reach = Math.ceil((majority - 1) / 2);
  return oneWay(ring, ring).filter(({ from, to }) => {
    const apart = Math.abs(ring.indexOf(from) - ring.indexOf(to));
    return Math.min(apart, length - apart) > reach;
  });
}

function isBetween({ from, to }: Way): boolean {
  return from !== to;
}
