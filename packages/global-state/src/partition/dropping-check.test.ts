import { describe, expect, test } from "vitest";
import { smallLimits, startWallMs, writes } from "../../test/world.ts";
import { apply } from "../apply.ts";
import type { Write } from "../command.ts";
import { key, logTimeMs, partitionId, revision } from "../ids.ts";
import { checkState } from "../invariants.ts";
import { DamagedSnapshotError } from "../snapshot/damaged-snapshot.ts";
import { Reader } from "../snapshot/reader.ts";
import { Writer } from "../snapshot/writer.ts";
import { emptyState, type State } from "../state.ts";
import { reversed } from "../table/hash.ts";
import { dropSections, newDropping } from "./dropping.ts";
import { nameIn, newPartition, type Partition, partitionSpec } from "./partition.ts";

const acme = partitionId("acme");

/** Of a hundred keys some are left, so that the walk stands somewhere in their table. */
function aStateThatIsEmptied(): State {
  const state = emptyState(smallLimits({ workMax: 60, dueMax: 60 }));
  const starting: Write = { name: "partition.start", partition: acme, args: {} };
  const dropping: Write = { name: "partition.drop", partition: acme, args: {} };
  const raising: Write = { name: "admin.raiseFeatureLevel", args: { level: 2 } };
  const keys = Array.from({ length: 100 }, (_, at) => writes.addQueued(`key-${at}`));
  const all = [raising, starting, ...keys, writes.pause("mail"), dropping];
  for (const [at, write] of all.entries()) {
    const submissions = [{ origin: { kind: "none" } as const, write }];
    const times = { logTime: logTimeMs(5), wallMs: startWallMs };
    apply(state, { revision: revision(at + 1), term: 1, ...times, submissions });
  }
  return state;
}

function partitionOf(state: State): Partition {
  for (const partition of state.partitions.rows()) return partition;
  throw new Error("it is still there");
}

function droppingOf(state: State): NonNullable<Partition["dropping"]> {
  const { dropping } = partitionOf(state);
  if (dropping === undefined) throw new Error("it is dropped");
  return dropping;
}

describe("a dropped partition that is emptied", () => {
  test("breaks no rule while it is", () => {
    const state = aStateThatIsEmptied();

    expect(state.queueKeys.count).toBe(40);
    expect(() => checkState(state)).not.toThrow();
  });

  test.each<[string, (state: State) => void]>([
    ["answers nothing", (state) => void (partitionOf(state).isStarted = true)],
    ["waits for its turn", (state) => state.droppings.remove(droppingOf(state))],
    ["is due at once", (state) => void (droppingOf(state).expiresAt = logTimeMs(9))],
    ["without anything is gone", (state) => void (droppingOf(state).section = dropSections.length)],
    [
      "a section that was emptied stays empty",
      (state) => void (droppingOf(state).section = dropSections.indexOf("pauses")),
    ],
    ["behind the walk there is nothing", (state) => void (droppingOf(state).from = 2 ** 32 - 1)],
    [
      "queue keys are counted",
      (state) => {
        const row = nameIn(partitionOf(state), "late");
        state.queueKeys.insert({ ...row, key: key("late"), claim: null, sinceWallMs: 0 });
      },
    ],
  ])("it is noticed where it is not so: %s", (claim, breakRule) => {
    const state = aStateThatIsEmptied();

    breakRule(state);

    expect(() => checkState(state)).toThrow(claim);
  });

  test("its walk has passed some of the table, and none of its keys", () => {
    const state = aStateThatIsEmptied();
    const { from } = droppingOf(state);

    expect(from).toBeGreaterThan(0);
    for (const { hash } of state.queueKeys.rows()) {
      expect(reversed(hash)).toBeGreaterThanOrEqual(from);
    }
  });
});

describe("the record of a partition", () => {
  const plain = { id: acme, number: 1, isStarted: false, sinceWallMs: 7 };

  function bytesOf(row: Partition): Uint8Array {
    const writer = new Writer();
    writer.reset(0);
    partitionSpec.codec.write(row, writer);
    return writer.take();
  }

  test("is read as it was written, dropped or not, with settings or without", () => {
    const settings = { limits: { runs: 4 }, defaults: {} };
    const dropped = newPartition({ ...plain, settings });
    dropped.dropping = newDropping(dropped, { section: 3, from: 2 ** 31 });

    for (const row of [newPartition(plain), newPartition({ ...plain, isStarted: true }), dropped]) {
      expect(partitionSpec.codec.read(new Reader(bytesOf(row)))).toEqual(row);
    }
  });

  test("is damaged with bits that are not known, or that say two things at once, or nothing", () => {
    const bytes = bytesOf(newPartition(plain));
    const at = bytes.length - 2;
    expect(bytes[at]).toBe(0);
    const withBits = (bits: number, ...more: number[]): Reader =>
      new Reader(Uint8Array.from([...bytes.subarray(0, at), bits, 7, ...more]));

    for (const reader of [withBits(8), withBits(5, 0, 0), withBits(2, 0, 0)]) {
      expect(() => partitionSpec.codec.read(reader)).toThrow(DamagedSnapshotError);
    }
    expect(() => partitionSpec.codec.read(withBits(4, dropSections.length, 0))).toThrow(
      "where there is nothing",
    );
  });
});
