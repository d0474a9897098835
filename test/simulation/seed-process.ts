// seed-process.ts — a process of the search: is sent seeds, one after the other, and answers each with what
// came of it. All of a simulation is in one process, so seeds do not know of each other.
import { judgeSeed, type Shrinking } from "./judge-seed.ts";

export interface Asked {
  readonly seed: number;
  readonly shrinking: Shrinking;
}

// The search decides when it is over.
process.on("SIGINT", () => undefined);
process.on("message", ({ seed, shrinking }: Asked) => {
  void judgeSeed(seed, shrinking).then((judgement) => process.send?.(judgement));
});
