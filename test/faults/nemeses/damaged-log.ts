// damaged-log.ts — after SIGKILL, the last segment of one node's log is cut short or rots. The node starts without what is
// missing, or refuses (65) and is replaced. As either may cost it what it has acknowledged, or a vote that it gave, nobody
// depends on these any more when it happens: no cluster survives the other thing, and none promises to.
import type { Dice } from "../../simulation/dice.ts";
import { killNode } from "./kill.ts";
import type { Nemesis, Range, Stage, Strike } from "./nemesis.ts";
import { nobodyNeeds } from "./nobody-needs.ts";
import { tooFew } from "./too-few.ts";
import { cutTail, flipBit } from "./wal-damage.ts";
import { drawMember } from "./whom.ts";

const lastsMs: Range = { from: 0, to: 4_000 };

export const tornTail: Nemesis = {
  name: "torn-tail",
  lastsMs,
  refusal: (stage) => tooFew(stage, 3),
  strike: (stage, dice) => damage(stage, dice, cutTail),
};

export const bitRot: Nemesis = {
  name: "bit-rot",
  lastsMs,
  refusal: (stage) => tooFew(stage, 3),
  strike: (stage, dice) => damage(stage, dice, flipBit),
};

async function damage(
  stage: Stage,
  dice: Dice,
  how: (dataDirectory: string, dice: Dice) => Promise<string>,
): Promise<Strike> {
  const { cluster } = stage;
  const node = await drawMember(stage, dice);
  const { term } = await cluster.nodeStatus(node);
  await killNode(stage, node);
  await nobodyNeeds(stage, { node, term });
  const done = await how(cluster.dataDirectory(node), dice);
  return { says: `${node} killed, ${done}`, whom: [node], heal: () => stage.revive(node) };
}
