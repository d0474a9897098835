// damaged-log.ts — after SIGKILL, the last segment of one node's log is cut short or rots. The node starts without what is
// missing, or refuses (65) and is replaced. As either may cost it what it has acknowledged, or a vote that it gave, nobody
// depends on these any more when it happens: no cluster survives the other thing, and none promises to.
import { eventually } from "../../processes/eventually.ts";
import type { Dice } from "../../simulation/dice.ts";
import { without } from "./disturbed-links.ts";
import { killNode } from "./kill.ts";
import type { Nemesis, Range, Stage, Strike } from "./nemesis.ts";
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
  const others = without(await stage.members(), node);
  await everyoneHasAll(stage, { others, fromTerm: term + 2 });
  const done = await how(cluster.dataDirectory(node), dice);
  return { says: `${node} killed, ${done}`, whom: [node], heal: () => stage.revive(node) };
}

/** All that was acknowledged with that node is applied by all others, who vote in no term that it may have voted in. */
async function everyoneHasAll(
  { cluster }: Stage,
  known: { readonly others: readonly string[]; readonly fromTerm: number },
): Promise<void> {
  const { others, fromTerm } = known;
  const dueAt = new Map<number, number>();
  await eventually(`${others.join(", ")} have all there is`, async () => {
    const all = await Promise.all(
      others.map(async (name) => ({ ...(await cluster.nodeStatus(name)), name })),
    );
    const leader = all.find(({ role }) => role === "leader");
    if (leader === undefined) return undefined;
    const { term } = leader;
    if (term < fromTerm) {
      await cluster.rogerctl("transfer-leader", "--to", nextTo(leader.name, others));
      return undefined;
    }
    const due = dueAt.get(term) ?? leader.lastIndex;
    dueAt.set(term, due);
    const isThere = all.every((each) => each.term === term && each.appliedIndex >= due);
    return isThere || undefined;
  });
}

function nextTo(leader: string, others: readonly string[]): string {
  return without(others, leader)[0] ?? leader;
}
