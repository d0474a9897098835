// epoch-slices.ts — encodes an open epoch a few milliseconds at a time, with a turn of the loop in
// between (DESIGN §5: a snapshot never stops the loop). How many entries a slice takes follows from
// how long the last one took; what is encoded does not depend on it.
import type { Epoch } from "@rogerd/global-state";
import type { Platform } from "../platform.ts";

const sliceMsAim = 2;
const budgetMin = 16;
const budgetMax = 16_384;

export async function encodeInSlices(
  epoch: Pick<Epoch, "encodeSlice">,
  platform: Pick<Platform, "afterTurn" | "monotonicNow">,
): Promise<"done" | "given-up"> {
  let budget = 256;
  for (;;) {
    const startedAt = platform.monotonicNow();
    const outcome = epoch.encodeSlice(budget);
    if (outcome !== "more") return outcome;
    budget = nextBudget({ budget, tookMs: platform.monotonicNow() - startedAt });
    await new Promise<void>((resolve) => platform.afterTurn(resolve));
  }
}

/** At most twice as much as before: one quick slice of empty buckets proves little. */
export function nextBudget(last: { readonly budget: number; readonly tookMs: number }): number {
  const fitting = last.tookMs <= 0 ? budgetMax : (last.budget * sliceMsAim) / last.tookMs;
  return Math.round(Math.max(budgetMin, Math.min(budgetMax, last.budget * 2, fitting)));
}
