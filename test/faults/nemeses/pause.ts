// pause.ts — a node stands still (SIGSTOP) for less, or for more, than the leases of its clients (5 s), and goes on as if
// nothing had been: whatever it believed of itself and of the time is wrong.
import type { Nemesis, Range, Stage } from "./nemesis.ts";
import { drawMember } from "./whom.ts";

export const pauseShort: Nemesis = pauseOf("pause-short", { from: 200, to: 3_500 });
export const pauseLong: Nemesis = pauseOf("pause-long", { from: 6_500, to: 9_000 });

function pauseOf(name: string, lastsMs: Range): Nemesis {
  return {
    name,
    lastsMs,
    refusal: () => undefined,
    async strike(stage, dice) {
      const node = await drawMember(stage, dice);
      freeze(stage, node);
      const says = `${node} stands still`;
      return { says, whom: [node], heal: () => thaw(stage, node) };
    },
  };
}

export function freeze({ cluster }: Stage, node: string): void {
  if (cluster.isRunning(node)) cluster.process(node).signal("SIGSTOP");
}

/** Whoever ended of it is started again. */
export async function thaw(stage: Stage, node: string): Promise<void> {
  const { cluster } = stage;
  if (cluster.isRunning(node)) cluster.process(node).signal("SIGCONT");
  await stage.revive(node);
}
