import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InvariantViolation } from "../assert.ts";
import { DamagedSnapshotError } from "./damaged-snapshot.ts";
import { Reader } from "./reader.ts";
import { utf8Length, Writer } from "./writer.ts";

function written(write: (writer: Writer) => void): Uint8Array {
  const writer = new Writer();
  writer.reset(0);
  write(writer);
  return writer.take();
}

const text = fc.string({ unit: "grapheme", maxLength: 200 });

describe("writer and reader", () => {
  test("whole numbers come back, up to the largest", () => {
    const edges = [0, 1, 127, 128, 16_383, 16_384, 2 ** 31, 2 ** 32 + 5, Number.MAX_SAFE_INTEGER];
    for (const value of edges) {
      const reader = new Reader(written((writer) => writer.count(value)));
      expect(reader.count()).toBe(value);
      expect(reader.isAtEnd).toBe(true);
    }
    fc.assert(
      fc.property(fc.maxSafeNat(), (value) => {
        expect(new Reader(written((writer) => writer.count(value))).count()).toBe(value);
      }),
    );
  });

  test("text comes back, in the platform's UTF-8", () => {
    fc.assert(
      fc.property(text, (value) => {
        const bytes = written((writer) => writer.text(value));
        const utf8 = new TextEncoder().encode(value);
        expect(new Reader(bytes).text()).toBe(value);
        expect(bytes.slice(bytes.length - utf8.length)).toEqual(utf8);
        expect(utf8Length(value)).toBe(utf8.length);
      }),
    );
  });

  test("a mark of byte order at the front of a text is kept", () => {
    expect(new Reader(written((writer) => writer.text("\ufeffa"))).text()).toBe("\ufeffa");
  });

  test("absence is told from emptiness and from a name", () => {
    const bytes = written((writer) => {
      writer.optionalText(null);
      writer.optionalText("a");
    });
    const reader = new Reader(bytes);
    expect([reader.optionalName(), reader.optionalName(), reader.isAtEnd]).toEqual([
      null,
      "a",
      true,
    ]);
  });

  test("what is reserved in front is zero, also in a writer that was used before", () => {
    const writer = new Writer();
    writer.reset(0);
    writer.text("something longer");
    writer.reset(3);
    writer.byte(7);
    expect(writer.take()).toEqual(new Uint8Array([0, 0, 0, 7]));
  });

  test("a writer grows with what is written", () => {
    const long = "x".repeat(100_000);
    expect(new Reader(written((writer) => writer.text(long))).text()).toBe(long);
  });

  test("what can't be read again is not written", () => {
    for (const wrong of [-1, 0.5, Number.NaN, 2 ** 53]) {
      expect(() => written((writer) => writer.count(wrong))).toThrow(InvariantViolation);
    }
    expect(() => written((writer) => writer.text("\ud800"))).toThrow(InvariantViolation);
  });

  test.each([
    ["an end too early", [], (reader: Reader) => reader.byte()],
    ["a number that does not end", [0x80, 0x80], (reader: Reader) => reader.count()],
    ["a padded number", [0x81, 0x00], (reader: Reader) => reader.count()],
    [
      "a number past 2^53",
      [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f],
      (reader: Reader) => reader.count(),
    ],
    ["a number of nine bytes", Array(9).fill(0x80), (reader: Reader) => reader.count()],
    ["a text longer than the bytes", [5, 0x61], (reader: Reader) => reader.text()],
    ["a text that is not UTF-8", [1, 0xff], (reader: Reader) => reader.text()],
    ["an overlong character", [2, 0xc1, 0x81], (reader: Reader) => reader.text()],
    ["half of a pair", [3, 0xed, 0xa0, 0x80], (reader: Reader) => reader.text()],
    ["an empty name", [0], (reader: Reader) => reader.name()],
    ["a flag that is neither", [2], (reader: Reader) => reader.flag()],
  ])("%s is damage", (_what, bytes, read) => {
    expect(() => read(new Reader(new Uint8Array(bytes)))).toThrow(DamagedSnapshotError);
  });
});
