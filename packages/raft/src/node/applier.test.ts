import { describe, expect, test } from "vitest";
import type { Entry } from "../core/entry.ts";
import { logIndex, term, ZERO_INDEX, ZERO_TERM } from "../core/ids.ts";
import { Applier, type CommittedEntries } from "./applier.ts";
import type { Committed } from "./state-machine.ts";

const entry = (index: number): Entry => ({
  kind: "command",
  index: logIndex(index),
  term: term(1),
  payload: Uint8Array.of(index),
});

const aLog: CommittedEntries = ({ after, through }) => {
  const entries: Entry[] = [];
  for (let index = after + 1; index <= through; index += 1) entries.push(entry(index));
  return entries;
};

function anApplier() {
  const seen: number[] = [];
  const apply = (committed: readonly Committed[]): number[] => {
    seen.push(...committed.map(({ index }) => index));
    return committed.map(({ index }) => index * 10);
  };
  const applier = new Applier<number>({
    stateMachine: { apply },
    limits: { sliceEntriesMax: 3, sliceBytesMax: 10_000 },
    applied: { index: ZERO_INDEX, term: ZERO_TERM },
  });
  return { applier, seen };
}

describe("the applier", () => {
  test("a long backlog is applied in slices, in order, each entry once (V5)", () => {
    const { applier, seen } = anApplier();
    applier.commit(logIndex(7));

    const slices = [1, 2, 3, 4].map(() => applier.applySlice(aLog)?.results);

    expect(slices).toEqual([[10, 20, 30], [40, 50, 60], [70], undefined]);
    expect(seen).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(applier.hasWork).toBe(false);
  });

  test("while a snapshot is being restored nothing is applied, and then the entry after it (S5)", () => {
    const { applier, seen } = anApplier();
    applier.commit(logIndex(2));
    applier.restoring({ index: logIndex(5) });
    applier.commit(logIndex(6));
    expect(applier.applySlice(aLog)).toBeUndefined();

    applier.restored({ index: logIndex(5), term: term(1) });
    applier.applySlice(aLog);

    expect(seen).toEqual([6]);
  });

  test("a gap between what is applied and what the log gives is a bug", () => {
    const { applier } = anApplier();
    applier.commit(logIndex(2));

    expect(() => applier.applySlice(() => [entry(2)])).toThrow("without gaps");
  });

  test("entries that are not commands reach the state machine without a payload", () => {
    const seen: Committed[] = [];
    const applier = new Applier<number>({
      stateMachine: {
        apply: (committed) => {
          seen.push(...committed);
          return committed.map(() => undefined);
        },
      },
      limits: { sliceEntriesMax: 3, sliceBytesMax: 10_000 },
      applied: { index: ZERO_INDEX, term: ZERO_TERM },
    });
    applier.commit(logIndex(1));

    applier.applySlice(() => [{ kind: "noop", index: logIndex(1), term: term(4) }]);

    expect(seen).toEqual([{ index: logIndex(1), term: term(4), payload: undefined }]);
  });
});
