// poor-links.ts — links that are slow, lose packets, are narrow, or bring messages twice and out of order: all of them,
// or those of one member. Each goes from what is hardly felt to what makes elections fail.
import type { Dice } from "../../simulation/dice.ts";
import type { LinkRule } from "../hosts/hosts.ts";
import { bothWays, disturbLinks, oneWay, without } from "./disturbed-links.ts";
import type { Nemesis, Stage, Strike } from "./nemesis.ts";
import { cannotBe } from "./too-few.ts";
import { drawMember } from "./whom.ts";

const lastsMs = { from: 5_000, to: 12_000 };

export const slowLinks: Nemesis = {
  name: "slow-links",
  lastsMs,
  refusal: (stage) => cannotBe(stage, "delayMs", "jitterMs"),
  strike(stage, dice) {
    const delayMs = Math.round(dice.between({ from: 5, to: dice.chance(0.5) ? 40 : 250 }));
    const jitterMs = Math.round(delayMs * dice.share());
    const says = `${delayMs} ms late and up to ${jitterMs} ms more`;
    return disturb(stage, { dice, rule: { delayMs, jitterMs }, says });
  },
};

export const lossyLinks: Nemesis = {
  name: "lossy-links",
  lastsMs,
  refusal: (stage) => cannotBe(stage, "loss"),
  strike(stage, dice) {
    const loss = dice.between({ from: 0.01, to: dice.chance(0.5) ? 0.05 : 0.3 });
    return disturb(stage, { dice, rule: { loss }, says: `lose ${(loss * 100).toFixed(1)} %` });
  },
};

export const narrowLinks: Nemesis = {
  name: "narrow-links",
  lastsMs,
  refusal: (stage) => cannotBe(stage, "bytesPerSecond"),
  strike(stage, dice) {
    const bytesPerSecond = Math.round(dice.between({ from: 10, to: 300 })) * 1_000;
    const says = `carry ${bytesPerSecond / 1_000} kB/s`;
    return disturb(stage, { dice, rule: { bytesPerSecond }, says });
  },
};

export const disorderedLinks: Nemesis = {
  name: "disordered-links",
  lastsMs,
  refusal: (stage) => cannotBe(stage, "repeats", "reorders"),
  strike(stage, dice) {
    const [repeats, reorders] = [dice.between({ from: 0.02, to: 0.3 }), dice.share() * 0.3];
    const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
    const says = `repeat ${percent(repeats)} of what nodes say, and bring ${percent(reorders)} late`;
    return disturb(stage, { dice, rule: { repeats, reorders }, says });
  },
};

async function disturb(
  stage: Stage,
  trouble: { readonly dice: Dice; readonly rule: LinkRule; readonly says: string },
): Promise<Strike> {
  const { dice, rule } = trouble;
  const { names } = stage.cluster;
  if (dice.chance(0.5)) {
    const all = [...names, ...(dice.chance(0.5) ? stage.hosts.clients : [])];
    const says = `all links ${trouble.says}`;
    return disturbLinks(stage, {
      ways: oneWay(all, all),
      rule,
      says,
      whom: all,
    });
  }
  const member = await drawMember(stage, dice);
  const ways = bothWays([member], without(names, member));
  return disturbLinks(stage, {
    ways,
    rule,
    says: `links of ${member} ${trouble.says}`,
    whom: [member],
  });
}
