import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  aStartedPartition,
  bodyOf,
  encodeAll,
  inSession,
  member,
  reads,
  restored,
  start,
  World,
  writes,
} from "../../test/world.ts";
import { GlobalState } from "../global-state.ts";
import { DamagedSnapshotError } from "./damaged-snapshot.ts";

function aWorld(): World {
  const world = aStartedPartition();
  const session = world.open(1);
  world.write(writes.mark(["job-1", "job-2"]), inSession(session, 3));
  world.write(writes.addExecuting("key"), inSession(session, 200, 3));
  world.write(writes.addQueued("schlüssel/😀"), { kind: "request", requestId: "curl-1" });
  world.write(writes.pause("*"));
  return world;
}

describe("a restored state", () => {
  test("is the state that was encoded: same hash, same answers, same counters", () => {
    const world = aWorld();
    const { root, chunks } = encodeAll(world.state);

    const copy = restored(undefined, chunks);

    copy.checkInvariants();
    expect(encodeAll(copy)).toEqual({ root, chunks });
    expect([copy.revision, copy.term, copy.logTime, copy.nextDeadline()]).toEqual([
      world.state.revision,
      world.state.term,
      world.state.logTime,
      world.state.nextDeadline(),
    ]);
    expect([...copy.sessions()]).toEqual([...world.state.sessions()]);
    expect(copy.read(reads.list("executionKeys"))).toEqual(
      world.state.read(reads.list("executionKeys")),
    );
  });

  test("answers a retry as the old one did", () => {
    const world = aWorld();
    const before = world.outcome(writes.addExecuting("key"), inSession(1, 200, 3));
    world.state = restored(undefined, encodeAll(world.state).chunks);

    const after = world.outcome(writes.addExecuting("key"), inSession(1, 200, 3));

    expect(after).toEqual(before);
    expect(bodyOf(after)).toEqual(member(false));
  });

  test("an empty state can be restored, too", () => {
    const { root, chunks } = encodeAll(new World().state);

    expect(encodeAll(restored(undefined, chunks)).root).toBe(root);
  });

  test("replaces everything that was there before, and only when all of it is good", () => {
    const target = aStartedPartition();
    target.write(writes.addQueued("old"));
    const oldHash = target.hash();
    const { root, chunks } = encodeAll(aWorld().state);

    const damaged = target.state.beginRestore();
    for (const chunk of chunks) damaged.add(chunk.subarray(0, chunk.length - 1));
    expect(() => damaged.finish()).toThrow(DamagedSnapshotError);
    expect(target.hash()).toBe(oldHash);

    const whole = target.state.beginRestore();
    for (const chunk of chunks) whole.add(chunk);
    expect(whole.finish()).toBe(root);
    expect(target.hash()).toBe(root);
    expect(target.read(reads.isQueued("old"))).toEqual(member(false));
  });
});

describe("a damaged snapshot", () => {
  const whole = Buffer.concat(encodeAll(aWorld().state).chunks);

  test("is refused with its own error, whichever byte is wrong", () => {
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const damaged = Uint8Array.from(whole);
        damaged[at] = (damaged[at] ?? 0) ^ flip;
        expect(() => restored(undefined, [damaged])).toThrow(DamagedSnapshotError);
      }),
      { numRuns: 2_000 },
    );
  });

  test("is refused wherever it ends too early, and when anything follows it", () => {
    for (let length = 0; length < whole.length; length++) {
      expect(() => restored(undefined, [whole.subarray(0, length)])).toThrow(DamagedSnapshotError);
    }
    const longer = Buffer.concat([whole, Buffer.from([0])]);
    expect(() => restored(undefined, [longer])).toThrow(DamagedSnapshotError);
    const doubled = Buffer.concat([whole, Buffer.from([1, 0, 0, 0, 0])]);
    expect(() => restored(undefined, [doubled])).toThrow(DamagedSnapshotError);
  });

  test("that is no snapshot at all is refused", () => {
    const noise = Buffer.from("\x0c\0\0\0\x0bhello world");
    expect(() => restored(undefined, [noise])).toThrow(DamagedSnapshotError);
  });

  /** Whoever makes a wrong content with a right root does not get past the checks of each row. */
  test("whose content contradicts itself is refused, though its root is right", () => {
    const digest = trusting;
    const world = new World();
    world.state = new GlobalState({ digest });
    world.write(start);
    world.write(writes.mark(Array.from({ length: 100 }, (_, at) => `job-${at}`)));
    const bytes = Buffer.concat(encodeAll(world.state).chunks);
    expect(() => GlobalState.restore({ digest }, [bytes])).not.toThrow();

    bytes.write("job-x", bytes.indexOf("job-1"));

    expect(() => GlobalState.restore({ digest }, [bytes])).toThrow(DamagedSnapshotError);
  });
});

function trusting(): Uint8Array {
  return new Uint8Array(32);
}
