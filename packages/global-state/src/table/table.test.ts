import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Writer } from "../snapshot/writer.ts";
import { hashText, reversed } from "./hash.ts";
import type { Row } from "./row.ts";
import { Table, type TableSpec } from "./table.ts";

interface Named extends Row {
  readonly key: string;
}

const spec: TableSpec<Named> = {
  name: "named",
  version: 1,
  codec: {
    write: (row, writer) => {
      writer.count(row.scope);
      writer.text(row.key);
    },
    read: (reader) => named(reader.text(), reader.count()),
  },
};

function named(key: string, scope = 1): Named {
  return { hash: hashText(scope, key), scope, key };
}

function aTable(buckets = 1): Table<Named> {
  return new Table(spec, { writer: new Writer(), buckets });
}

function check(table: Table<Named>): void {
  let count = 0;
  for (let address = 0; address < table.bucketCount; address++) {
    const { rows } = table.bucket(address);
    expect(rows.filter((row) => table.addressOf(row.hash) !== address)).toEqual([]);
    count += rows.length;
  }
  expect(count).toBe(table.count);
}

describe("a table", () => {
  test("any sequence of inserting and removing leaves what a Map would have", () => {
    const steps = fc.array(fc.tuple(fc.boolean(), fc.nat(300), fc.nat(2)), { maxLength: 2_000 });
    fc.assert(
      fc.property(steps, (all) => {
        const table = aTable();
        const model = new Map<string, Named>();
        for (const [isAdd, which, scope] of all) {
          const row = named(`k${which}`, scope);
          const known = model.get(`${scope}/${row.key}`);
          expect(table.find(row)).toBe(known);
          if (known !== undefined && !isAdd) {
            table.remove(row);
            model.delete(`${scope}/${row.key}`);
          } else if (known === undefined && isAdd) {
            table.insert(row);
            model.set(`${scope}/${row.key}`, row);
          }
        }
        check(table);
        expect(new Set(table.rows())).toEqual(new Set(model.values()));
      }),
      { numRuns: 40 },
    );
  });

  test("the number of buckets follows the number of rows, one at a time, there and back", () => {
    const table = aTable();
    let largestStep = 0;
    const measured = (act: () => void): void => {
      const before = table.bucketCount;
      act();
      largestStep = Math.max(largestStep, Math.abs(table.bucketCount - before));
    };

    for (let at = 0; at < 10_000; at++) measured(() => table.insert(named(`k${at}`)));
    expect(table.bucketCount).toBe(Math.ceil(10_000 / 32));
    check(table);

    for (let at = 0; at < 5_000; at++) measured(() => table.remove(named(`k${at}`)));
    check(table);
    for (let at = 5_000; at < 10_000; at++) measured(() => table.remove(named(`k${at}`)));
    expect(table.bucketCount).toBe(1);
    expect(largestStep).toBe(1);
  });

  test("no bucket is ever looked through for long, at thirty thousand rows", () => {
    const table = aTable();
    for (let at = 0; at < 30_000; at++) table.insert(named(`job/${at}`));

    let longest = 0;
    for (let address = 0; address < table.bucketCount; address++) {
      longest = Math.max(longest, table.bucket(address).rows.length);
    }

    expect(longest).toBeLessThan(128);
  });

  test.each([1, 2, 3, 4, 5, 7, 8, 9, 63, 64, 65])(
    "%i buckets are as many ranges of the reversed hashes, without gap or overlap",
    (buckets) => {
      const table = aTable(buckets);
      const ends: number[] = [];
      let from = 0;
      while (from < 2 ** 32) {
        const address = table.addressOf(reversed(from));
        const width = 2 ** (32 - table.layout.bitsOf(address));
        expect(from % width).toBe(0);
        expect(table.addressOf(reversed(from + width - 1))).toBe(address);
        from += width;
        ends.push(address);
      }
      expect(from).toBe(2 ** 32);
      expect(ends.toSorted((a, b) => a - b)).toEqual(
        Array.from({ length: buckets }, (_, at) => at),
      );
    },
  );

  test("rows come out the same whatever the order they went in", () => {
    const keys = Array.from({ length: 30 }, (_, at) => `k${at}`);
    const forwards = aTable();
    const backwards = aTable();
    for (const key of keys) forwards.insert(named(key));
    for (const key of keys.toReversed()) backwards.insert(named(key));
    backwards.remove(named("k7"));
    backwards.insert(named("k7"));

    expect(backwards.image(0).bytes).toEqual(forwards.image(0).bytes);
  });

  test("an unchanged bucket keeps its image, a changed one gets a new one", () => {
    const table = aTable();
    const row = named("a");
    table.insert(row);
    const image = table.image(0);

    expect(table.image(0)).toBe(image);
    table.touch(row);
    expect(table.image(0)).not.toBe(image);
    expect(table.image(0).bytes).toEqual(image.bytes);
  });

  test("removing what is not there is a bug", () => {
    expect(() => aTable().remove(named("a"))).toThrow("was in its table");
  });
});
