import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Chain, readRecord, recordBytes, recordTypes, writeRecord } from "./record.ts";

const facts = { type: recordTypes.command, batch: 70_000, index: 2 ** 40 + 3, term: 7 };
const payload = Uint8Array.from({ length: 21 }, (_, at) => at);

function written(place = { segment: 3, offset: 4096 }): Uint8Array {
  const bytes = new Uint8Array(128);
  writeRecord({ bytes, at: 0, ...place }, facts, payload, new Chain({ a: 1, b: 2 }));
  return bytes;
}

function read(
  bytes: Uint8Array,
  changed: Partial<{ segment: number; offset: number; batch: number; chain: Chain }> = {},
): ReturnType<typeof readRecord> {
  const { segment = 3, offset = 4096, batch = 70_000 } = changed;
  const chain = changed.chain ?? new Chain({ a: 1, b: 2 });
  return readRecord({ bytes, at: 0, end: recordBytes(21), segment, offset, batch }, chain);
}

describe("a record", () => {
  test("is read as it was written", () => {
    expect(read(written())).toEqual({
      kind: "record",
      facts: { ...facts, batch: 70_000 % 65_536 },
      payload,
      next: 64,
    });
  });

  test.each([
    ["another segment", { segment: 4 }],
    ["another offset", { offset: 4104 }],
    ["another batch", { batch: 70_001 }],
    ["another history", { chain: new Chain({ a: 1, b: 3 }) }],
  ])("of %s does not check out", (_where, changed) => {
    expect(read(written(), changed).kind).toBe("bad");
  });

  test("whose header is moved along with its payload does not check out", () => {
    const moved = written({ segment: 3, offset: 8192 });

    expect(read(moved)).toMatchObject({ kind: "bad", index: undefined });
  });

  test("with a damaged payload still tells its index", () => {
    const bytes = written();
    bytes[45] = 0xff;

    expect(read(bytes)).toEqual({
      kind: "bad",
      what: "the checksum of a record's payload is wrong",
      index: facts.index,
      next: 64,
    });
  });

  test("does not check out with any bit flipped", () => {
    fc.assert(
      fc.property(fc.nat(40 * 8 + 21 * 8 - 1), (bit) => {
        const bytes = written();
        const at = Math.floor(bit / 8);
        bytes[at] = (bytes[at] ?? 0) ^ (1 << (bit % 8));

        expect(read(bytes).kind).toBe("bad");
      }),
    );
  });

  test("moves the chain the same way wherever it stands", () => {
    const [here, there] = [new Chain({ a: 1, b: 2 }), new Chain({ a: 1, b: 2 })];
    const bytes = new Uint8Array(128);
    writeRecord({ bytes, at: 0, segment: 1, offset: 512 }, facts, payload, here);
    writeRecord({ bytes, at: 0, segment: 9, offset: 1024 }, { ...facts, batch: 4 }, payload, there);

    expect(here.equals(there)).toBe(true);
  });
});
