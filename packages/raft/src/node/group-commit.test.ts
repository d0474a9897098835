import { describe, expect, test } from "vitest";
import { type Persist, pledge } from "../core/effect.ts";
import { logIndex, nodeId, persistSequence, term } from "../core/ids.ts";
import type { WalBatch } from "../storage/storage.ts";
import { GroupCommit, type Synced } from "./group-commit.ts";

const one = nodeId("1".repeat(32));
const two = nodeId("2".repeat(32));

function persist(fields: { sequence: number; term?: number; index?: number }): Persist {
  const index = fields.index;
  const at = term(fields.term ?? 1);
  return {
    kind: "persist",
    sequence: persistSequence(fields.sequence),
    term: at,
    hardState: undefined,
    truncateFrom: undefined,
    entries: index === undefined ? [] : [{ kind: "noop", index: logIndex(index), term: at }],
    snapshotMark: undefined,
    release: [
      pledge({
        kind: "append-accepted",
        from: one,
        to: two,
        term: at,
        matchIndex: logIndex(index ?? 0),
      }),
    ],
  };
}

/** A storage whose writes end when the test says so. */
function aStorage() {
  const writes: { batch: WalBatch; resolve: () => void; reject: (cause: unknown) => void }[] = [];
  const append = (batch: WalBatch): Promise<void> =>
    new Promise((resolve, reject) => {
      writes.push({ batch, resolve, reject });
    });
  return { append, writes };
}

function aGroupCommit() {
  const storage = aStorage();
  const synced: Synced[] = [];
  const failures: unknown[] = [];
  let now = 0;
  const groupCommit = new GroupCommit({
    storage,
    monotonicNow: () => now,
    synced: (batch) => synced.push(batch),
    failed: (cause) => failures.push(cause),
  });
  const flush = (): void => groupCommit.flush({ commitIndex: logIndex(0) });
  const advanceTo = (at: number): void => {
    now = at;
  };
  return { groupCommit, storage, synced, failures, flush, advanceTo };
}

const matches = (batch: Synced | undefined): unknown[] =>
  (batch?.release ?? []).map((message) => "matchIndex" in message && message.matchIndex);

describe("group commit", () => {
  test("while one write is in flight the next gathers, and is written as one batch in order", async () => {
    const { groupCommit, storage, synced, flush } = aGroupCommit();
    groupCommit.gather(persist({ sequence: 1, index: 1 }));
    flush();
    groupCommit.gather(persist({ sequence: 2, index: 2 }));
    flush();
    groupCommit.gather(persist({ sequence: 3, index: 3 }));
    flush();
    expect(storage.writes).toHaveLength(1);

    storage.writes[0]?.resolve();
    await Promise.resolve();
    await Promise.resolve();
    flush();

    const second = storage.writes[1]?.batch.records.map(
      (record) => record.kind === "entry" && record.entry.index,
    );
    expect(second).toEqual([2, 3]);
    expect(synced.map((batch) => batch.sequence)).toEqual([1]);
  });

  test("a pledge leaves only after the sync of its batch (§3.8)", async () => {
    const { groupCommit, storage, synced, flush } = aGroupCommit();
    groupCommit.gather(persist({ sequence: 1, index: 7 }));
    flush();
    await Promise.resolve();
    expect(synced).toEqual([]);

    storage.writes[0]?.resolve();
    await Promise.resolve();
    await Promise.resolve();

    expect(matches(synced[0])).toEqual([7]);
  });

  test("a rejected write is final: its pledges never leave and nothing is written again", async () => {
    const { groupCommit, storage, synced, failures, flush } = aGroupCommit();
    groupCommit.gather(persist({ sequence: 1, index: 1 }));
    flush();
    groupCommit.gather(persist({ sequence: 2, index: 2 }));
    storage.writes[0]?.reject(new Error("input/output error"));
    await Promise.resolve();
    await Promise.resolve();

    flush();

    expect(failures).toEqual([new Error("input/output error")]);
    expect(synced).toEqual([]);
    expect(groupCommit.takeSettled()).toBeUndefined();
    expect(storage.writes).toHaveLength(1);
  });

  test("a persist that changes nothing waits for the writes before it and needs none of its own", async () => {
    const { groupCommit, storage, flush } = aGroupCommit();
    groupCommit.gather(persist({ sequence: 1, index: 4 }));
    flush();
    groupCommit.gather(persist({ sequence: 2 }));
    expect(groupCommit.takeSettled()).toBeUndefined();

    storage.writes[0]?.resolve();
    await Promise.resolve();
    await Promise.resolve();

    expect(groupCommit.takeSettled()?.sequence).toBe(2);
    flush();
    expect(storage.writes).toHaveLength(1);
  });

  test("a persist that changes nothing does not overtake one that is still to be written", () => {
    const { groupCommit } = aGroupCommit();
    groupCommit.gather(persist({ sequence: 1, index: 4 }));
    groupCommit.gather(persist({ sequence: 2 }));

    expect(groupCommit.takeSettled()).toBeUndefined();
  });

  test("a pledge of a term that its own batch already leaves is not sent", async () => {
    const { groupCommit, storage, synced, flush } = aGroupCommit();
    groupCommit.gather(persist({ sequence: 1, term: 1, index: 9 }));
    groupCommit.gather(persist({ sequence: 2, term: 2, index: 8 }));
    flush();

    storage.writes[0]?.resolve();
    await Promise.resolve();
    await Promise.resolve();

    expect(matches(synced[0])).toEqual([8]);
  });

  test("completions after the end are not listened to (J4)", async () => {
    const { groupCommit, storage, synced, flush } = aGroupCommit();
    groupCommit.gather(persist({ sequence: 1, index: 1 }));
    flush();

    const ended = groupCommit.end();
    storage.writes[0]?.resolve();
    await ended;

    expect(synced).toEqual([]);
  });

  test("the age of the write under way is known until it ends", async () => {
    const { groupCommit, storage, flush, advanceTo } = aGroupCommit();
    advanceTo(5);
    groupCommit.gather(persist({ sequence: 1, index: 1 }));
    flush();
    expect(groupCommit.writingSince).toBe(5);

    storage.writes[0]?.resolve();
    await Promise.resolve();
    await Promise.resolve();

    expect(groupCommit.writingSince).toBeUndefined();
  });
});
