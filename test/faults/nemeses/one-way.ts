// one-way.ts — a member is not heard by one other, but hears it; every other time it is about the leader.
import { cut, disturbLinks, without } from "./disturbed-links.ts";
import type { Nemesis } from "./nemesis.ts";
import { tooFew } from "./too-few.ts";
import { drawMember, drawOf } from "./whom.ts";

export const oneWayCut: Nemesis = {
  name: "one-way",
  lastsMs: { from: 4_000, to: 12_000 },
  refusal: (stage) => tooFew(stage, 2),
  async strike(stage, dice) {
    const one = await drawMember(stage, dice);
    const other = drawOf(dice, without(await stage.members(), one));
    const [from, to] = dice.chance(0.5) ? [one, other] : [other, one];
    const says = `${to} does not hear ${from}`;
    return disturbLinks(stage, { ways: [{ from, to }], rule: cut, says, whom: [from, to] });
  },
};
