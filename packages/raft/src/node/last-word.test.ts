import { describe, expect, test } from "vitest";
import { type ForgottenLog, ForgottenLogError } from "../core/forgotten-log.ts";
import { logIndex, term } from "../core/ids.ts";
import { lastWord } from "./last-word.ts";

const found = { term: term(4), acknowledged: logIndex(9), lastIndex: logIndex(7) };

/** What happened, in order; the timer rings when it is told to. */
function aStage(condemn: (forgotten: ForgottenLog) => Promise<void>) {
  const happened: string[] = [];
  const timers: { readonly delayMs: number; readonly ring: () => void; isCancelled: boolean }[] =
    [];
  const done = lastWord(
    {
      storage: {
        condemn: (forgotten) => {
          happened.push(`condemn ${forgotten.acknowledged}`);
          return condemn(forgotten);
        },
      },
      platform: {
        setTimer: (delayMs, ring) => {
          const timer = { delayMs, ring, isCancelled: false };
          timers.push(timer);
          return {
            cancel: () => {
              timer.isCancelled = true;
            },
          };
        },
      },
      observer: {
        failed: (error) => happened.push(error instanceof Error ? error.name : "failed"),
        note: ({ fields, message }) => happened.push(`${message}: ${fields["reason"]}`),
      },
      withinMs: 10_000,
    },
    new ForgottenLogError(found),
  );
  return { happened, timers, done };
}

describe("the last word of a node whose log has lost what it acknowledged", () => {
  test("is on disk before anybody is told that it ends", async () => {
    let written: () => void = () => undefined;
    const { done, happened, timers } = aStage(() => new Promise((resolve) => (written = resolve)));
    const before = [...happened];

    written();
    await done;

    expect(before).toEqual(["condemn 9"]);
    expect(happened).toEqual(["condemn 9", "ForgottenLogError"]);
    expect(timers).toMatchObject([{ delayMs: 10_000, isCancelled: true }]);
  });

  test("a disk that fails or hangs keeps nobody from being told, and that too is told", async () => {
    const failing = aStage(() => Promise.reject(new Error("no space left")));
    const hanging = aStage(() => new Promise(() => undefined));
    hanging.timers[0]?.ring();
    await Promise.all([failing.done, hanging.done]);

    const told = "a restart will not know what the disk has lost";
    expect(failing.happened).toEqual(["condemn 9", `${told}: no space left`, "ForgottenLogError"]);
    expect(hanging.happened).toEqual([
      "condemn 9",
      `${told}: the write has not finished for 10000 ms`,
      "ForgottenLogError",
    ]);
  });
});
