import * as fc from "fast-check";
import { Packr } from "msgpackr";
import { expect, test } from "vitest";
import { frameContainersMax, frameKeysMax } from "./limits.ts";
import { msgpackProblem } from "./msgpack-scan.ts";
import { clientFrameBounds, daemonFrameBounds } from "./scan-bounds.ts";

const packr = new Packr({ useRecords: false });

test("what the encoder makes of plain values passes", () => {
  const plain = fc.jsonValue({ maxDepth: 5, noUnicodeString: false });
  fc.assert(
    fc.property(plain, (value) => {
      const hasProto = JSON.stringify(value).includes('"__proto__":');

      expect(hasProto ? undefined : msgpackProblem(packr.pack(value), daemonFrameBounds)).toBe(
        undefined,
      );
    }),
    { numRuns: 1_000 },
  );
});

const refused: readonly [string, readonly number[], RegExp][] = [
  ["nothing at all", [], /end inside/],
  ["a second value behind the first", [0xc0, 0xc0], /follow/],
  ["a text longer than the bytes", [0xa2, 0x61], /end inside/],
  ["a list that promises four billion elements", [0xdd, 0xff, 0xff, 0xff, 0xff], /end inside/],
  ["a map that promises four billion entries", [0xdf, 0xff, 0xff, 0xff, 0xff], /end inside/],
  ["a text that promises four gigabytes", [0xdb, 0xff, 0xff, 0xff, 0xff], /end inside/],
  ["an extension", [0xd4, 0x00, 0x00], /not used/],
  [
    "a record definition, an extension of the encoder",
    [0xd4, 0x72, 0x40, 0x91, 0xa1, 0x61],
    /not used/,
  ],
  ["a timestamp", [0xd6, 0xff, 0, 0, 0, 0], /not used/],
  ["binary", [0xc4, 0x01, 0x00], /not used/],
  ["the byte that is never used", [0xc1], /not used/],
  ["a number as a key", [0x81, 0x01, 0x02], /not text/],
  ["nil as a key", [0x81, 0xc0, 0x02], /not text/],
  ["a whole number beyond 2^53", [0xcf, 0x00, 0x20, 0, 0, 0, 0, 0, 0], /2\^53/],
  [
    "a negative number beyond 2^53",
    [0xd3, 0xff, 0xdf, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
    /2\^53/,
  ],
  ["lists nested two hundred deep", Array.from({ length: 200 }, () => 0x91), /nested/],
  [
    "maps nested two hundred deep",
    Array.from({ length: 200 }, () => [0x81, 0xa1, 0x61]).flat(),
    /nested/,
  ],
  [
    "a key __proto__ in a long form",
    [0x81, 0xd9, 9, ...new TextEncoder().encode("__proto__"), 0xc0],
    /__proto__/,
  ],
];

test.each(refused)("%s is refused before it is decoded", (_name, bytes, problem) => {
  expect(msgpackProblem(Uint8Array.from(bytes), clientFrameBounds)).toMatch(problem);
});

test("numbers that other languages write as 64 bits pass up to 2^53", () => {
  expect(
    msgpackProblem(
      Uint8Array.from([0xcf, 0x00, 0x1f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
      clientFrameBounds,
    ),
  ).toBe(undefined);
  expect(
    msgpackProblem(
      Uint8Array.from([0xd3, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
      clientFrameBounds,
    ),
  ).toBe(undefined);
});

test("as many lists and maps as a client frame may have pass, one more does not", () => {
  const list = (count: number): Uint8Array =>
    Uint8Array.from([0xdc, count >> 8, count & 0xff, ...Array.from({ length: count }, () => 0x80)]);

  expect(msgpackProblem(list(frameContainersMax - 1), clientFrameBounds)).toBe(undefined);
  expect(msgpackProblem(list(frameContainersMax), clientFrameBounds)).toMatch(/too many lists/);
  expect(msgpackProblem(list(frameContainersMax), daemonFrameBounds)).toBe(undefined);
});

test("as many keys as a client frame may have pass, one more does not", () => {
  const map = (count: number): Uint8Array => {
    const bytes = new Uint8Array(5 + count * 2).fill(0xa0);
    bytes[0] = 0xdf;
    new DataView(bytes.buffer).setUint32(1, count);
    return bytes;
  };

  expect(msgpackProblem(map(frameKeysMax), clientFrameBounds)).toBe(undefined);
  expect(msgpackProblem(map(frameKeysMax + 1), clientFrameBounds)).toMatch(/too many keys/);
});
