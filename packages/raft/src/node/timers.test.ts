import { describe, expect, test } from "vitest";
import { WakeTimer } from "./timers.ts";

/** A loop of one's own: timers and ends of turns happen when the test says so. */
function aLoop() {
  const timers: { delayMs: number; callback: () => void; isCancelled: boolean }[] = [];
  const afterTurn: (() => void)[] = [];
  const happened: string[] = [];
  const world = { now: 100 };
  const platform = {
    monotonicNow: () => world.now,
    setTimer: (delayMs: number, callback: () => void) => {
      const timer = { delayMs, callback, isCancelled: false };
      timers.push(timer);
      return {
        cancel: () => {
          timer.isCancelled = true;
        },
      };
    },
    afterTurn: (callback: () => void) => {
      afterTurn.push(callback);
    },
  };
  const timer = new WakeTimer({
    platform,
    rang: ({ lateMs }) => happened.push(`rang ${lateMs} late`),
  });
  return { timer, timers, afterTurn, happened, world };
}

describe("the wake timer", () => {
  test("when it rings the sockets are read before anything is decided (J5)", () => {
    const { timer, timers, afterTurn, happened } = aLoop();
    timer.arm(150);
    timers[0]?.callback();
    expect(happened).toEqual([]);

    happened.push("sockets were read");
    afterTurn[0]?.();

    expect(happened).toEqual(["sockets were read", "rang 0 late"]);
  });

  test("how late it rang is how long the process did nothing", () => {
    const { timer, timers, afterTurn, happened, world } = aLoop();
    timer.arm(150);
    world.now = 5_150;

    timers[0]?.callback();
    afterTurn[0]?.();

    expect(happened).toEqual(["rang 5000 late"]);
  });

  test("an earlier time takes the place of a later one, a later one changes nothing", () => {
    const { timer, timers } = aLoop();
    timer.arm(150);
    timer.arm(170);
    timer.arm(120);

    const armed = timers.map(({ delayMs, isCancelled }) => ({ delayMs, isCancelled }));
    expect(armed).toEqual([
      { delayMs: 50, isCancelled: true },
      { delayMs: 20, isCancelled: false },
    ]);
  });

  test("a time that has passed rings at once, and never is no time", () => {
    const { timer, timers } = aLoop();
    timer.arm(Number.POSITIVE_INFINITY);
    timer.arm(40);

    expect(timers.map(({ delayMs }) => delayMs)).toEqual([0]);
  });
});
