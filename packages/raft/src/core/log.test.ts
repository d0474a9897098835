import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Entry, entryBytes } from "./entry.ts";
import { logIndex, term, ZERO_INDEX, ZERO_TERM } from "./ids.ts";
import { Log } from "./log.ts";

const zero = { index: ZERO_INDEX, term: ZERO_TERM };

/** Entries from `from` on with these terms; each as long as its index, so that bytes differ. */
function entriesOf(terms: readonly number[], from = 1): Entry[] {
  return terms.map((entryTerm, place) => ({
    kind: "command",
    index: logIndex(from + place),
    term: term(entryTerm),
    payload: new Uint8Array(from + place),
  }));
}

const logOf = (...terms: readonly number[]): Log => new Log(zero, entriesOf(terms));

const position = (index: number, entryTerm: number) => ({
  index: logIndex(index),
  term: term(entryTerm),
});

const all = { bytesMax: Number.MAX_SAFE_INTEGER };

describe("the log", () => {
  test("knows the term at every index that it holds, at its base, and nowhere else", () => {
    const log = new Log(position(4, 2), entriesOf([2, 3], 5));

    expect([3, 4, 5, 6, 7].map((index) => log.termAt(logIndex(index)))).toEqual([
      undefined,
      2,
      2,
      3,
      undefined,
    ]);
    expect([log.lastIndex, log.lastTerm]).toEqual([6, 3]);
  });

  test("refuses a gap, and a term that goes down", () => {
    expect(() => logOf(1).append(entriesOf([1], 3))).toThrow("without a gap");
    expect(() => logOf(1, 3).append(entriesOf([2], 3))).toThrow("terms never go down");
  });

  test("never removes its base, nor what is not there", () => {
    const log = new Log(position(4, 2), entriesOf([2], 5));

    expect(() => log.truncate(logIndex(4))).toThrow("never removed as a conflict");
    expect(() => log.truncate(logIndex(6))).toThrow("only what is there");
  });

  test("knows from where on what it holds has at most so many bytes", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(300), { maxLength: 40 }), fc.nat(4000), (sizes, bytesMax) => {
        const base = position(7, 1);
        const log = new Log(base, []);
        for (const size of sizes) {
          const index = logIndex(log.lastIndex + 1);
          const payload = new Uint8Array(size);
          log.append([{ kind: "command", index, term: term(1), payload }]);
        }
        const through = log.lastIndex;

        const after = log.indexWithin({ through, bytesMax });

        const bytesAfter = (index: number) => log.bytesBetween({ after: logIndex(index), through });
        expect(bytesAfter(after)).toBeLessThanOrEqual(bytesMax);
        if (after > base.index) expect(bytesAfter(after - 1)).toBeGreaterThan(bytesMax);
      }),
    );
    expect(new Log(position(7, 1), []).indexWithin({ through: logIndex(5), bytesMax: 0 })).toBe(5);
  });

  test("gives the first entry whatever its size, and more while they fit", () => {
    const log = logOf(1, 1, 1, 1);
    const range = { after: logIndex(1), through: logIndex(4) };
    const sizeOfTwo = log.bytesBetween({ after: logIndex(1), through: logIndex(3) });
    const indexes = (bytesMax: number) =>
      log.entriesBetween({ ...range, bytesMax }).map(({ index }) => index);

    expect(indexes(1)).toEqual([2]);
    expect(indexes(sizeOfTwo - 1)).toEqual([2]);
    expect(indexes(sizeOfTwo)).toEqual([2, 3]);
    expect(indexes(1_000_000)).toEqual([2, 3, 4]);
  });

  test.each([
    { last: [3, 2], isAtMost: true },
    { last: [2, 2], isAtMost: false },
    { last: [4, 2], isAtMost: true },
    { last: [9, 1], isAtMost: false },
    { last: [1, 3], isAtMost: true },
  ] as const)(
    "that ends at 3@2 is at most as up to date as $last: $isAtMost (§3.6.1, E5)",
    (row) => {
      const log = logOf(1, 1, 2);

      expect(log.isAtMostAsUpToDateAs(position(row.last[0], row.last[1]))).toBe(row.isAtMost);
    },
  );

  test("counts how many of the given entries it has already", () => {
    const log = logOf(1, 1, 2);

    expect(log.countMatching(entriesOf([1, 2], 2))).toBe(2);
    expect(log.countMatching(entriesOf([1, 3], 2))).toBe(1);
    expect(log.countMatching(entriesOf([2, 2], 3))).toBe(1);
    expect(log.countMatching([])).toBe(0);
  });

  test("starts anew after a snapshot took its place", () => {
    const log = logOf(1, 1, 2);

    log.restart(position(9, 4));
    log.append(entriesOf([4], 10));

    expect([log.base, log.lastIndex]).toEqual([position(9, 4), 10]);
    log.check();
  });
});

/** What can be done to a log; `at` chooses among what is possible. */
interface Change {
  readonly kind: "append" | "truncate" | "compact";
  readonly at: number;
}

const change: fc.Arbitrary<Change> = fc.record({
  kind: fc.constantFrom("append", "append", "append", "truncate", "compact"),
  at: fc.nat(400),
});

/** The naive log: an array of all entries ever, and where it was cut. */
class NaiveLog {
  entries: Entry[] = [];
  base = 0;

  get last(): number {
    return this.entries.length;
  }

  termAt(index: number): number | undefined {
    if (index < this.base || index > this.last) return undefined;
    return index === 0 ? 0 : this.entries[index - 1]?.term;
  }

  lastPositionAtMost(index: number, entryTerm: number): number | undefined {
    for (let at = Math.min(index, this.last); at >= this.base; at--) {
      if ((this.termAt(at) ?? 0) <= entryTerm) return at;
    }
    return undefined;
  }
}

function apply(log: Log, naive: NaiveLog, { at, kind }: Change): void {
  if (kind === "append") {
    const lastTerm = naive.entries.at(-1)?.term ?? 0;
    const terms = Array.from(
      { length: at % 90 },
      (_, place) => lastTerm + ((place + at) % 7 === 0 ? 1 : 0),
    );
    const rising = terms.map((value, place) => Math.max(value, ...terms.slice(0, place)));
    const entries = entriesOf(rising, naive.last + 1);
    log.append(entries);
    naive.entries.push(...entries);
    return;
  }
  const living = naive.last - naive.base;
  if (living === 0) return;
  const index = naive.base + 1 + (at % living);
  if (kind === "compact") {
    log.compact(logIndex(index));
    naive.base = index;
    return;
  }
  log.truncate(logIndex(index));
  naive.entries = naive.entries.slice(0, index - 1);
}

test("the log is what the naive log is, whatever is done to it", () => {
  fc.assert(
    fc.property(
      fc.array(change, { maxLength: 40 }),
      fc.nat(3000),
      fc.nat(20),
      (changes, at, entryTerm) => {
        const log = logOf();
        const naive = new NaiveLog();
        for (const one of changes) apply(log, naive, one);

        log.check();
        const index = naive.base + (at % (naive.last - naive.base + 2));
        const wanted = { index: logIndex(index), term: term(entryTerm) };
        expect([log.base.index, log.lastIndex]).toEqual([naive.base, naive.last]);
        expect(log.termAt(logIndex(index))).toBe(naive.termAt(index));
        expect(log.lastPositionAtMost(wanted)?.index).toBe(
          naive.lastPositionAtMost(index, entryTerm),
        );
        const after = logIndex(naive.base);
        const through = log.lastIndex;
        const living = naive.entries.slice(naive.base);
        expect(log.entriesBetween({ after, through, ...all })).toEqual(living);
        const bytes = living.reduce((sum, entry) => sum + entryBytes(entry), 0);
        expect(log.bytesBetween({ after, through })).toBe(bytes);
      },
    ),
  );
});
