// kill.ts — SIGKILL for one node, for a majority, or for all at once; and their start. What a process had not written down
// is gone, and all connections with it.
import type { Nemesis, Range, Stage } from "./nemesis.ts";
import { tooFew } from "./too-few.ts";
import { drawMember, shuffled } from "./whom.ts";

const lastsMs: Range = { from: 500, to: 8_000 };

export const killOne: Nemesis = {
  name: "kill-one",
  lastsMs,
  refusal: () => undefined,
  strike: async (stage, dice) => killAndRevive(stage, [await drawMember(stage, dice)]),
};

export const killMajority: Nemesis = {
  name: "kill-majority",
  lastsMs: { from: 500, to: 5_000 },
  refusal: (stage) => tooFew(stage, 3),
  async strike(stage, dice) {
    const members = shuffled(dice, await stage.members());
    return killAndRevive(stage, members.slice(0, (members.length >> 1) + 1));
  },
};

export const killAll: Nemesis = {
  name: "kill-all",
  lastsMs: { from: 0, to: 3_000 },
  refusal: () => undefined,
  strike: async (stage) => killAndRevive(stage, await stage.members()),
};

async function killAndRevive(stage: Stage, whom: readonly string[]) {
  await Promise.all(whom.map((node) => killNode(stage, node)));
  const heal = async (): Promise<void> => {
    await Promise.all(whom.map((node) => stage.revive(node)));
  };
  return { says: `${whom.join(", ")} killed`, whom, heal };
}

export async function killNode({ cluster }: Stage, node: string): Promise<void> {
  if (cluster.isRunning(node)) await cluster.process(node).kill();
}
