// Bytes that must never change: a stored snapshot of format 1 stays readable, and every command has
// the effect it had. `UPDATE_FIXTURES=1` rewrites the fixtures, to be read as a diff; a fixture of a
// format that was once released is never rewritten, a new one is added.
import { describe, expect, test } from "vitest";
import type { Origin } from "../src/index.ts";
import { fixture, type GoldenCase, hexOf, type Played, playCases } from "./golden.ts";
import {
  encodeAll,
  inSession,
  openWrite,
  other,
  restored,
  start,
  stop,
  World,
  writes,
} from "./world.ts";

const request: Origin = { kind: "request", requestId: "curl/1" };

/** Each command with an effect and without, each kind of origin, each kept answer, a due mark. */
const cases: readonly GoldenCase[] = [
  { write: writes.addQueued("k") },
  { write: start },
  { write: start },
  { write: { ...start, partition: other } },
  { write: openWrite(1) },
  { write: openWrite(1) },
  { write: openWrite(2, { ttlMs: 600_000 }) },
  { write: writes.addQueued("k"), origin: inSession(1, 1) },
  { write: writes.addQueued("k"), origin: inSession(1, 2) },
  { write: writes.addQueued("schlüssel/😀"), origin: inSession(1, 2) },
  { write: writes.removeQueued("none"), origin: inSession(1, 3, 2) },
  { write: writes.addExecuting("k"), origin: inSession(1, 200, 2) },
  { write: writes.addExecuting("k"), origin: request },
  { write: writes.addExecuting("schlüssel/😀"), origin: request },
  { write: writes.removeExecuted("k"), origin: inSession(1, 201, 2) },
  { write: writes.addExecuting("k"), origin: inSession(1, 202, 2) },
  { write: writes.cancelJob("job-1") },
  { write: writes.mark(["job-1", "job-2"], 60_000), origin: inSession(1, 203, 2) },
  { write: writes.mark(["job-3"], 1_000), origin: inSession(2, 0) },
  { write: writes.consume("job-1") },
  { write: writes.consume("job-9") },
  { write: writes.rogerPause("mail") },
  { write: writes.pause("mail"), origin: inSession(1, 204, 2) },
  { write: writes.pause("*"), origin: inSession(1, 205, 2) },
  { write: writes.rogerPause("images") },
  { write: writes.rogerResume("images") },
  { write: writes.resume("images"), origin: inSession(1, 206, 2) },
  { write: writes.addQueued("k"), origin: inSession(1, 1, 2) },
  { write: writes.addQueued("k"), origin: inSession(1, 5_000, 2) },
  { write: writes.close },
  { write: writes.close, origin: inSession(2, 1) },
  { write: writes.addQueued("k"), origin: inSession(2, 2) },
  { write: openWrite(3) },
  { write: writes.expire(3, 1), isNewTerm: true },
  { write: writes.expire(3, 2) },
  { write: writes.removeQueued("k"), waitMs: 1_500 },
  { write: writes.addQueued("left/😀") },
  { write: writes.mark(Array.from({ length: 70 }, (_, at) => `many-${at}`)) },
  { write: { ...stop, partition: other } },
  { write: { ...writes.addQueued("k"), partition: other }, origin: inSession(1, 207, 2) },
];

const playAll = (): Played => playCases(new World(), cases);

describe("the fixtures of format 1", () => {
  test("each command answers as it did, and the state hash after it is the same", () => {
    const { lines } = playAll();

    const stored = fixture("commands-v1.jsonl", () => `${lines.join("\n")}\n`);

    expect(lines).toEqual(stored.trimEnd().split("\n"));
  });

  test("the state after them is written to the same bytes", () => {
    const hex = hexOf(encodeAll(playAll().world.state).chunks);

    expect(hex).toBe(fixture("snapshot-v1.hex", () => hex));
  });

  test("the stored snapshot is restored to that state", () => {
    const { world } = playAll();
    const stored = fixture("snapshot-v1.hex", () => hexOf(encodeAll(world.state).chunks));
    const bytes = Uint8Array.from(Buffer.from(stored.replaceAll("\n", ""), "hex"));

    const state = restored(undefined, [bytes]);

    state.checkInvariants();
    expect(encodeAll(state).root).toBe(world.hash());
  });
});
