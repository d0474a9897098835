// disk.ts — the disk of one node is slow, fails, hangs or is full (shims/disk-shim.c). Whoever can't write ends by itself
// (74), and is started again when its disk is well.
import type { Dice } from "../../simulation/dice.ts";
import { type DiskTrouble, errno } from "../shims/shims.ts";
import type { Nemesis, Stage, Strike } from "./nemesis.ts";
import { drawMember } from "./whom.ts";

function nemesis(name: string, drawTrouble: (dice: Dice) => DiskTrouble): Nemesis {
  return {
    name,
    lastsMs: { from: 1_000, to: 8_000 },
    refusal: ({ shims }) => (shims === undefined ? "nothing can be preloaded here" : undefined),
    strike: (stage, dice) => strike(stage, dice, { name, trouble: drawTrouble(dice) }),
  };
}

async function strike(
  stage: Stage,
  dice: Dice,
  what: { readonly name: string; readonly trouble: DiskTrouble },
): Promise<Strike> {
  const { shims } = stage;
  const node = await drawMember(stage, dice);
  await shims?.disk(node, what.trouble);
  return {
    says: `${what.name} ${node} ${JSON.stringify(what.trouble)}`,
    whom: [node],
    heal: async () => {
      await shims?.disk(node, {});
      await stage.revive(node);
    },
  };
}

export const slowDisk: Nemesis = nemesis("slow-disk", (dice) => ({
  syncLateMs: Math.round(dice.between({ from: 20, to: 400 })),
}));

export const failingDisk: Nemesis = nemesis("failing-disk", (dice) =>
  dice.chance(0.5) ? { syncErrno: errno.EIO } : { writeErrno: errno.EIO },
);

export const hungDisk: Nemesis = nemesis("hung-disk", () => ({ hangs: true }));

export const fullDisk: Nemesis = nemesis("full-disk", () => ({ writeErrno: errno.ENOSPC }));
