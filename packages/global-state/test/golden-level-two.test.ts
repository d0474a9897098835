// The same for the second feature level: what owners, leases, waits, runs and rules leave in the state. Where
// golden.test.ts has format 1 as every rogerd reads it, this has what only those of the second level write.
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DamagedSnapshotError } from "../src/index.ts";
import { fixture, type GoldenCase, hexOf, type Played, playCases } from "./golden.ts";
import { finishOf, jobWrites, type StartHow, startOf } from "./jobs.ts";
import {
  aSecondLevel,
  cancels,
  claims,
  drop,
  encodeAll,
  inSession,
  keyWrites,
  openWrite,
  other,
  restored,
  rule,
  start,
  startWallMs,
  update,
  writes,
} from "./world.ts";

const { hold, wait, withdraw, release, setRules } = keyWrites;
const { start: startJob, finish, finishAndStart } = jobWrites;
const k: StartHow = { key: "k" };
const remember = { rememberMs: 3_600_000 };

/** In three sessions; the second one asks for a delay, the third one ends. */
let sequence = 0;
function by(session: number): Pick<GoldenCase, "origin"> {
  sequence += 1;
  return { origin: inSession(session, sequence) };
}

/** Each table has a row of each form at the end, each answer is kept, each ending is remembered. */
function cases(): readonly GoldenCase[] {
  sequence = 0;
  return [
    ...[{ write: openWrite(1) }, { write: openWrite(2, { keyDelayMs: 60_000 }) }],
    ...[{ write: openWrite(3) }, { write: setRules([rule("wide/", 2), rule("k", 1)]) }],
    // Keys by themselves.
    { write: hold("plain", "job-a"), ...by(1) },
    { write: hold("plain", "job-b"), ...by(1) },
    { write: wait("plain", "job-c", 700_000), ...by(2) },
    { write: hold("wide/1", "job-a"), ...by(1) },
    { write: hold("wide/1", "job-b"), ...by(2) },
    { write: release("wide/1", "job-a", 9), ...by(1) },
    { write: withdraw("wide/1", "job-z"), ...by(1) },
    { write: writes.addExecuting("schlüssel/😀") },
    // Queue keys that jobs own, with ends and without.
    { write: claims.claim("q/1", "job-1"), ...by(1) },
    { write: claims.claim("q/2", "job-2", { ttlMs: 3_600_000 }), ...by(1) },
    { write: claims.claim("q/3", "job-3", { provisionalMs: 60_000, ttlMs: 3_600_000 }) },
    { write: claims.claim("q/1", "job-9"), ...by(1) },
    { write: claims.release("q/1", "job-9"), ...by(1) },
    // Jobs that run, wait, are cancelled, paused, taken over.
    { write: startJob("job-1", { ...k, queueKey: "q/1", tags: ["a", "ö"] }), ...by(1) },
    { write: startJob("job-2", { ...k, queueKey: "q/2", uniqueUntil: "start" }), ...by(2) },
    {
      write: startJob("job-3", { ...k, enqueuedAt: startWallMs, waitTimeoutMs: 900_000 }),
      ...by(3),
    },
    { write: startJob("job-3", k), ...by(1) },
    { write: startJob("job-3", { ...k, takeover: true, tags: ["t"] }), ...by(2) },
    { write: startJob("job-1"), ...by(2) },
    { write: startJob("job-4", { ...k, onBusy: "reject" }), ...by(2) },
    { write: startJob("job-4", { queue: "images", queueKey: "none" }), ...by(2) },
    { write: startJob("job-5", { key: "delayed" }), ...by(2) },
    { write: startJob("job-5", { key: "delayed", takeover: true }), ...by(1) },
    { write: writes.mark(["job-4", "job-7", "job-c"]), ...by(1) },
    { write: writes.mark(["job-4"]), ...by(1) },
    { write: startJob("job-7"), ...by(1) },
    { write: startJob("job-8", { queue: "reports" }), ...by(1) },
    { write: startJob("job-9", { key: "wide/2" }), ...by(3) },
    { write: finish("job-8", "completed", remember), ...by(1) },
    { write: startJob("job-8"), ...by(1) },
    { write: finish("job-8"), ...by(1) },
    { write: release("k", "job-1", 5), ...by(1) },
    { write: finishAndStart(finishOf("job-x"), startOf("job-10", { key: "wide/2" })), ...by(1) },
    { write: finishAndStart(finishOf("job-10", "dead", remember), startOf("job-11", k)), ...by(1) },
    { write: withdraw("k", "job-11"), ...by(1) },
    { write: writes.pause("reports", { mode: "stop" }), ...by(1) },
    { write: writes.pause("images", { until: startWallMs + 9_000_000 }) },
    { write: startJob("job-12", { queue: "images" }), ...by(1) },
    { write: cancels.addRule({ queue: "mail", tag: "t", enqueuedBefore: 7 }), ...by(1) },
    { write: cancels.addRule({ jobIdPrefix: "old/" }), ...by(1) },
    { write: cancels.removeRule("46.1"), ...by(1) },
    { write: cancels.clear(["job-7", "job-0"]), ...by(1) },
    { write: cancels.addRule({ jobIdPrefix: "old/" }), ...by(1) },
    { write: startJob("old/1"), ...by(1) },
    { write: writes.expire(3, 1) },
    { write: writes.removeExecuted("plain"), waitMs: 1_000 },
    { write: finish("job-4", "cancelled"), ...by(2) },
    {
      write: update({ limits: { runs: 9, pauses: 2 }, defaults: { markTtlMs: 60_000 } }),
      ...by(1),
    },
    { write: update({ limits: { pauses: null } }), ...by(1) },
    { write: writes.mark(["job-20"]) },
    { write: { ...drop, partition: other }, ...by(1) },
    { write: { ...start, partition: other } },
    { write: { ...writes.addQueued("k"), partition: other } },
    { write: { ...drop, partition: other }, ...by(1) },
  ];
}

const playAll = (): Played => playCases(aSecondLevel(), cases());

describe("the fixtures of the second feature level", () => {
  test("each command answers as it did, and the state hash after it is the same", () => {
    const { lines } = playAll();

    const stored = fixture("commands-level-2.jsonl", () => `${lines.join("\n")}\n`);

    expect(lines).toEqual(stored.trimEnd().split("\n"));
  });

  test("the state after them has a row in each table, and is written to the same bytes", () => {
    const { state } = playAll().world;
    const hex = hexOf(encodeAll(state).chunks);

    expect(hex).toBe(fixture("snapshot-level-2.hex", () => hex));
    const { requests: _, ...counts } = state.counts();
    for (const count of Object.values(counts)) expect(count).toBeGreaterThan(0);
  });

  test("the stored snapshot is restored to that state", () => {
    const { world } = playAll();
    const stored = fixture("snapshot-level-2.hex", () => hexOf(encodeAll(world.state).chunks));

    const state = restored(undefined, [bytesOf(stored)]);

    state.checkInvariants();
    expect(encodeAll(state).root).toBe(world.hash());
  });

  test("the stored snapshot is refused with its own error, whichever byte is wrong (property)", () => {
    const hex = (): string => hexOf(encodeAll(playAll().world.state).chunks);
    const whole = bytesOf(fixture("snapshot-level-2.hex", hex));

    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const damaged = whole.slice();
        damaged[at] = (damaged[at] ?? 0) ^ flip;
        expect(() => restored(undefined, [damaged])).toThrow(DamagedSnapshotError);
      }),
      { numRuns: 2_000 },
    );
  });
});

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex.replaceAll("\n", ""), "hex"));
}
