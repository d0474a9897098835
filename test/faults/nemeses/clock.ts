// clock.ts — the wall clock of a node jumps, or all its clocks go fast or slow (shims/clock-shim.c). What the cluster
// promises rests on no wall clock, and on monotonic ones only as far as their rates are about the same.
import type { Nemesis } from "./nemesis.ts";
import { leaderOrAnyone } from "./whom.ts";

const hourMs = 3_600_000;
/** SEMANTICS §4.10: leases have a margin of 10 %. */
const driftMax = 0.05;

const refusal: Nemesis["refusal"] = ({ shims }) =>
  shims === undefined ? "nothing can be preloaded here" : undefined;

export const wallJump: Nemesis = {
  name: "wall-jump",
  lastsMs: { from: 500, to: 6_000 },
  refusal,
  async strike(stage, dice) {
    const { shims } = stage;
    const node = await leaderOrAnyone(stage, dice);
    const wallOffMs = Math.round(dice.between({ from: -24 * hourMs, to: 24 * hourMs }));
    await shims?.clock(node, { wallOffMs });
    return {
      says: `wall-jump ${node} by ${wallOffMs} ms`,
      whom: [node],
      heal: async () => {
        await shims?.clock(node, {});
      },
    };
  },
};

export const clockDrift: Nemesis = {
  name: "clock-drift",
  lastsMs: { from: 4_000, to: 12_000 },
  refusal,
  async strike(stage, dice) {
    const { shims } = stage;
    const drifts = (await stage.members()).map((node) => {
      const rate = 1 + dice.between({ from: -driftMax, to: driftMax });
      return { node, rate: Math.round(rate * 1_000) / 1_000 };
    });
    for (const { node, rate } of drifts) await shims?.clock(node, { rate });
    return {
      says: `clock-drift ${drifts.map(({ node, rate }) => `${node} ×${rate}`).join(" ")}`,
      whom: drifts.map(({ node }) => node),
      heal: async () => {
        for (const { node } of drifts) await shims?.clock(node, {});
      },
    };
  },
};
