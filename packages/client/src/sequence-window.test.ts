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

test("a number that is kept holds the floor until it is let go, once", () => {
  const window = new SequenceWindow(8);
  const [one, two] = [window.take() ?? 0, window.take() ?? 0];
  const letGo = window.keep(one);
  window.settle(two);
  const before = window.floor;

  letGo();
  const after = window.floor;
  window.take();
  letGo();

  expect([before, after, window.floor]).toEqual([1, 3, 3]);
});

test("kept numbers give way once half of the window waits behind them; open ones do not", () => {
  const window = new SequenceWindow(8);
  const letGo = window.keep(window.take() ?? 0);
  const open = window.take() ?? 0;
  for (let at = 0; at < 2; at += 1) window.settle(window.take() ?? 0);
  const before = [window.floor, window.take(), window.floor];

  const after = [1, 2, 3, 4, 5].map(() => window.take());
  letGo();

  expect(before).toEqual([1, 5, 2]);
  expect(after).toEqual([6, 7, 8, 9, undefined]);
  window.settle(open);
  expect(window.floor).toBe(5);
});
