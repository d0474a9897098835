// nobody-needs.ts — before what one node has acknowledged is taken from its disk, the others get on without it: no cluster
// survives the other thing, and none promises to.
import { eventually } from "../../processes/eventually.ts";
import { without } from "./disturbed-links.ts";
import type { Stage } from "./nemesis.ts";

/** A node that is down: all others apply all that was acknowledged with it, and vote in no term that it may have voted in. */
export async function nobodyNeeds(
  stage: Stage,
  one: { readonly node: string /** Its last one that is known. */; readonly term: number },
): Promise<void> {
  const { cluster } = stage;
  const others = without(await stage.members(), one.node);
  const fromTerm = one.term + 2;
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
