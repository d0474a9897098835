import { describe, expect, test } from "vitest";
import { EMPTY_CONFIGURATION } from "../core/configuration.ts";
import { logIndex, term } from "../core/ids.ts";
import type { SnapshotMeta } from "../core/message.ts";
import { Restoring } from "./restoring.ts";

const meta = (index: number): SnapshotMeta => ({
  index: logIndex(index),
  term: term(1),
  configuration: EMPTY_CONFIGURATION,
  hash: "aa",
});

/** Restores end when the test says so. */
function aRestoring() {
  const happened: string[] = [];
  const ends: { resolve: () => void; reject: (cause: Error) => void }[] = [];
  const restoring = new Restoring({
    restore: ({ index }) => {
      happened.push(`restore ${index}`);
      return new Promise((resolve, reject) => {
        ends.push({ resolve, reject });
      });
    },
    done: ({ index }) => happened.push(`done ${index}`),
    failed: (cause) => happened.push(String(cause)),
  });
  const finish = async (position: number): Promise<void> => {
    ends[position]?.resolve();
    await settle();
  };
  return { restoring, happened, ends, finish };
}

async function settle(): Promise<void> {
  for (let n = 0; n < 20; n += 1) await Promise.resolve();
}

describe("restoring an installed snapshot", () => {
  test("begins only when its mark is on disk", async () => {
    const { restoring, happened, finish } = aRestoring();
    restoring.want(meta(10));
    await settle();
    expect(happened).toEqual([]);

    const isInstalled = restoring.marked(meta(10));
    await finish(0);

    expect(isInstalled).toBe(true);
    expect(happened).toEqual(["restore 10", "done 10"]);
  });

  test("the mark of a snapshot of our own restores nothing", () => {
    const { restoring, happened } = aRestoring();

    expect(restoring.marked(meta(10))).toBe(false);
    expect(happened).toEqual([]);
  });

  test("a newer one takes the place of one that is being restored", async () => {
    const { restoring, happened, finish } = aRestoring();
    restoring.want(meta(10));
    restoring.marked(meta(10));
    restoring.want(meta(20));
    restoring.marked(meta(20));

    await finish(0);
    await finish(1);

    expect(happened).toEqual(["restore 10", "restore 20", "done 20"]);
  });

  test("a newer one whose mark comes later is restored then, and only it is told", async () => {
    const { restoring, happened, finish } = aRestoring();
    restoring.want(meta(10));
    restoring.marked(meta(10));
    restoring.want(meta(20));
    await finish(0);
    expect(happened).toEqual(["restore 10"]);

    restoring.marked(meta(20));
    await finish(1);

    expect(happened).toEqual(["restore 10", "restore 20", "done 20"]);
  });

  test("one that fails ends the node", async () => {
    const { restoring, happened, ends } = aRestoring();
    restoring.want(meta(10));
    restoring.marked(meta(10));

    ends[0]?.reject(new Error("damaged"));
    await settle();

    expect(happened).toEqual(["restore 10", "Error: damaged"]);
  });

  test("after the end nothing is told, and the end waits for what is under way", async () => {
    const { restoring, happened, finish } = aRestoring();
    restoring.want(meta(10));
    restoring.marked(meta(10));

    const end = restoring.end().then(() => happened.push("ended"));
    await settle();
    expect(happened).toEqual(["restore 10"]);
    await finish(0);
    await end;

    expect(happened).toEqual(["restore 10", "ended"]);
  });
});
