import * as fc from "fast-check";
import { expect, test } from "vitest";
import { SequenceWindow } from "./sequence-window.ts";

test("the floor is the lowest open number, and no number is given twice or beyond the window", () => {
  const size = 8;
  fc.assert(
    fc.property(fc.array(fc.nat(), { maxLength: 200 }), (dice) => {
      const window = new SequenceWindow(size);
      const open = new Set<number>();
      let last = 0;
      for (const die of dice) {
        if (die % 3 > 0) {
          const sequence = window.take();
          const lowest = Math.min(...open, last + 1);
          expect(sequence).toBe(last + 1 - lowest < size ? last + 1 : undefined);
          if (sequence === undefined) continue;
          open.add((last = sequence));
        } else {
          const settled = [...open][die % Math.max(1, open.size)];
          if (settled === undefined) continue;
          open.delete(settled);
          window.settle(settled);
        }
        expect(window.floor).toBe(Math.min(...open, last + 1));
      }
    }),
    { numRuns: 500 },
  );
});
