import { describe, expect, test } from "vitest";
import {
  dice,
  difference,
  found,
  type Limits,
  type Moment,
  randomWorkload,
  runWorkload,
  type Workload,
} from "../../../test/storage/crash-points.ts";
import { command, inTerm, openOn } from "../../../test/storage/situations.ts";
import { incarnation } from "../../core/ids.ts";
import type { MemoryDisk } from "../memory-disk.ts";
import type { Recovered } from "../storage.ts";
import { LogReader } from "./log-reader.ts";

const limits: Limits = { segmentBytes: 4096, reserveBytes: 1024 };

/** The batch in flight may be there or not; everything else must. */
function mustBeAllowed(state: Recovered, workload: Workload, moment: Moment, how: string): number {
  const problems: string[] = [];
  for (let count = moment.begun; count >= moment.acknowledged; count -= 1) {
    const expected = workload.states[count];
    if (expected === undefined) continue;
    const problem = difference(state, expected, moment.dropped);
    if (problem === undefined) return count;
    problems.push(`after batch ${count}: ${problem}`);
  }
  throw new Error(`${how} before ${moment.operation}: ${problems.join("; ")}`);
}

/** After the crash the log must also go on, and survive the next crash. */
async function goesOn(disk: MemoryDisk, how: string, roll: () => number): Promise<void> {
  const log = await openOn(disk, { limits, incarnation: incarnation(3) });
  const last = log.recovered.entries.at(-1)?.index ?? log.recovered.base.index;
  const ofTerm = log.recovered.hardState.term + 1;
  const bytes = Math.floor(roll() * 1500);
  const records = [inTerm(ofTerm), command(last + 1, { term: ofTerm, bytes })];
  await log.append({ records, commitIndex: log.recovered.commitIndex });
  const torn = disk.afterCrash({ keep: () => roll() < 0.5 });
  for (const left of [torn, disk.afterCrash({ keep: "nothing" })]) {
    const state = await found(left, limits, 4);
    expect(state.entries.at(-1)?.index, how).toBe(last + 1);
    expect(state.hardState.term, how).toBe(ofTerm);
  }
}

describe("a crash at any step of the log's I/O", () => {
  for (const seed of [1, 2, 3]) {
    test(`finds what was synced, or that and the batch in flight (seed ${seed})`, async () => {
      const workload = randomWorkload({ seed, steps: 20 });
      const roll = dice(seed);
      let crashes = 0;
      await runWorkload(workload, limits, async (moment) => {
        const keeps = ["nothing", "everything", () => roll() < 0.5, () => roll() < 0.2] as const;
        for (const [way, keep] of keeps.entries()) {
          const how = `seed ${seed}, way ${way}`;
          const left = moment.disk.afterCrash({ keep });
          mustBeAllowed(await found(left.copy(), limits), workload, moment, how);
          if (crashes % 5 === 0) await goesOn(left, `${how} before ${moment.operation}`, roll);
          crashes += 1;
        }
      });

      expect(crashes).toBeGreaterThan(300);
    });
  }

  test("every subset of the sectors of a batch leaves the batch whole or gone", async () => {
    const workload = randomWorkload({ seed: 5, steps: 14 });
    const outcomes = new Set<string>();
    await runWorkload(workload, limits, async (moment) => {
      if (!moment.operation.includes("sync-data") || moment.begun === moment.acknowledged) return;
      for (let subset = 0; subset < 32; subset += 1) {
        const keep = (unit: { readonly number: number; readonly kind: string }): boolean =>
          unit.kind !== "sector" || ((subset >> (unit.number % 5)) & 1) === 1;
        const left = moment.disk.afterCrash({ keep });
        const count = mustBeAllowed(
          await found(left, limits),
          workload,
          moment,
          `subset ${subset}`,
        );
        outcomes.add(count === moment.begun ? "whole" : "gone");
      }
    });

    expect([...outcomes].toSorted()).toEqual(["gone", "whole"]);
  });

  test("what a start finds after a kill is durable before anything rests on it", async () => {
    const workload = randomWorkload({ seed: 6, steps: 22 });
    await runWorkload(workload, limits, async (moment) => {
      const killed = moment.disk.copy();
      const first = await found(killed, limits);
      mustBeAllowed(first, workload, moment, "kill");
      killed.crash({ keep: "nothing" });

      expect(difference(await found(killed, limits, 3), first, moment.dropped)).toBeUndefined();
    });
  });

  test("a crash during the repair of a torn batch is repaired by the next start", async () => {
    const workload = randomWorkload({ seed: 7, steps: 12 });
    const roll = dice(7);
    await runWorkload(workload, limits, async (moment) => {
      if (!moment.operation.includes("sync-data")) return;
      const torn = moment.disk.afterCrash({ keep: () => roll() < 0.5 });
      const after: MemoryDisk[] = [];
      torn.watch({
        before: ({ kind }) => {
          if (kind !== "read") after.push(torn.afterCrash({ keep: () => roll() < 0.5 }));
          return undefined;
        },
      });
      await found(torn, limits);
      for (const left of after) {
        mustBeAllowed(await found(left, limits, 3), workload, moment, "a crash in the repair");
      }
    });
  });
});

/** A log that was closed in order, and which bytes of it are used. */
async function aClosedLog(seed: number): Promise<{
  readonly disk: MemoryDisk;
  readonly state: Recovered;
  readonly used: readonly { readonly path: string; readonly bytes: number }[];
  readonly lastBatchAt: number;
}> {
  const workload = randomWorkload({ seed, steps: 24 });
  const disk = await runWorkload(workload, limits, async () => undefined);
  const state = await found(disk.copy(), limits);
  const reader = new LogReader({ disk, directory: "/data/group-0/wal", owner: undefined });
  const used = new Map<string, number>();
  let lastBatchAt = 0;
  for await (const event of reader.events()) {
    if (event.kind !== "batch") continue;
    used.set(event.file.path, event.offset + event.head.bytes);
    lastBatchAt = event.offset;
  }
  const files = [...used].map(([path, bytes]) => ({ path, bytes }));
  return { disk, state, used: files, lastBatchAt };
}

describe("damage to what was synced", () => {
  const seeds = [11, 12, 13];

  test.each(seeds)("a flipped bit refuses the start, wherever it is (seed %i)", async (seed) => {
    const { disk, used } = await aClosedLog(seed);
    const roll = dice(seed);
    expect(used.length).toBeGreaterThan(1);
    for (const { path, bytes } of used) {
      for (let tries = 0; tries < 60; tries += 1) {
        const rotten = disk.copy();
        const at = tries < 20 ? tries * 8 : Math.floor(roll() * bytes);
        rotten.flipBit({ path, at: Math.min(at, bytes - 1), bit: Math.floor(roll() * 8) });

        await expect(found(rotten, limits), `${path} byte ${at}`).rejects.toThrow(
          /can't be used: .* run: rogerd recover|has format/,
        );
      }
    }
  });

  test.each(seeds)(
    "a synced sector that is zeros again refuses the start, but in the last batch (seed %i)",
    async (seed) => {
      const { disk, used, lastBatchAt } = await aClosedLog(seed);
      for (const [number, { path, bytes }] of used.entries()) {
        for (let at = 0; at < bytes; at += 512) {
          const rotten = disk.copy();
          rotten.damage({ path, at, bytes: new Uint8Array(512) });
          const isLast = number === used.length - 1 && (at >= lastBatchAt || lastBatchAt === 512);
          if (isLast) continue;

          await expect(found(rotten, limits), `${path} byte ${at}`).rejects.toThrow(
            /can't be used: .* run: rogerd recover/,
          );
        }
      }
    },
  );

  test.each(seeds)(
    "a segment that is gone refuses the start, unless a snapshot covers it (seed %i)",
    async (seed) => {
      const { disk, used, state } = await aClosedLog(seed);
      let refused = 0;
      for (const { path } of used) {
        const rotten = disk.copy();
        await rotten.remove(path);
        const outcome = await found(rotten, limits).catch((error: unknown) => String(error));
        if (typeof outcome === "string") {
          expect(outcome).toMatch(/can't be used: .* run: rogerd recover/);
          refused += 1;
          continue;
        }
        const covered = state.snapshot?.index ?? 0;
        expect(difference(outcome, state, covered), path).toBeUndefined();
      }

      expect(refused).toBeGreaterThan(0);
    },
  );
});
