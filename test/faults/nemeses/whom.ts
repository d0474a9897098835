// whom.ts — who is struck: the leader, as long as there is one, or members as the dice fall.
import type { Dice } from "../../simulation/dice.ts";
import type { Stage } from "./nemesis.ts";

/** In an order of the dice. */
export function shuffled<Item>(dice: Dice, items: readonly Item[]): readonly Item[] {
  const left = [...items];
  const drawn: Item[] = [];
  while (left.length > 0) drawn.push(...left.splice(dice.below(left.length), 1));
  return drawn;
}

export function drawOf<Item>(dice: Dice, items: readonly Item[]): Item {
  const item = items[dice.below(items.length)];
  if (item === undefined) throw new Error("there is nobody to draw");
  return item;
}

/** Who leads in the highest term, of those who answer now. */
export async function leaderNow({ cluster }: Pick<Stage, "cluster">): Promise<string | undefined> {
  const claims = await Promise.all(
    cluster.names
      .filter((name) => cluster.isRunning(name))
      .map(async (name) => {
        // Who is frozen, or cut off, or is just ending, does not answer.
        const status = await cluster.nodeStatus(name).catch(() => undefined);
        return status?.role === "leader" ? { name, term: status.term } : undefined;
      }),
  );
  const leading = claims.filter((claim) => claim !== undefined);
  return leading.toSorted((one, other) => other.term - one.term)[0]?.name;
}

/** A member, where another strike has left nobody to lead. */
export async function leaderOrAnyone(stage: Stage, dice: Dice): Promise<string> {
  const anyone = drawOf(dice, await stage.members());
  return (await leaderNow(stage)) ?? anyone;
}

/** Every other time the leader: who leads has most to lose. */
export async function drawMember(stage: Stage, dice: Dice): Promise<string> {
  const wantsLeader = dice.chance(0.5);
  const leader = await leaderOrAnyone(stage, dice);
  const member = drawOf(dice, await stage.members());
  return wantsLeader ? leader : member;
}
