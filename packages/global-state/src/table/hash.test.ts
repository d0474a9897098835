import { describe, expect, test } from "vitest";
import { hashNumber, hashText, reversed } from "./hash.ts";

describe("the hash of a row", () => {
  test("is fixed for ever: it decides where rows lie in a snapshot", () => {
    expect([
      hashText(0, "acme"),
      hashText(1, "acme"),
      hashText(2, "acme"),
      hashText(1, ""),
      hashText(1, "é😀"),
      hashNumber(0, 1),
      hashNumber(1, 1),
      hashNumber(1, 2 ** 40 + 1),
    ]).toMatchInlineSnapshot(`
      [
        2019603394,
        306298987,
        -712150161,
        -2045192924,
        1156395010,
        90457223,
        -2099772498,
        -201026794,
      ]
    `);
  });

  test("tells partitions, keys and large numbers apart", () => {
    const hashes = new Set<number>();
    for (let scope = 0; scope < 100; scope++) {
      for (let at = 0; at < 100; at++) {
        hashes.add(hashText(scope, `key-${at}`));
        hashes.add(hashNumber(scope, at * 2 ** 32));
      }
    }
    expect(hashes.size).toBeGreaterThan(19_990);
  });

  test("spreads keys that differ little over the low bits evenly", () => {
    const counts = new Map<number, number>();
    for (let at = 0; at < 64_000; at++) {
      const place = hashText(7, `user/${at}`) & 63;
      counts.set(place, (counts.get(place) ?? 0) + 1);
    }
    expect(counts.size).toBe(64);
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(200);
  });

  test("reversing the bits twice is the hash again", () => {
    for (const hash of [0, 1, 2, 0x8000_0000, 0xdead_beef, 0xffff_ffff]) {
      expect(reversed(reversed(hash))).toBe(hash);
    }
    expect(reversed(1)).toBe(0x8000_0000);
    expect(reversed(0b1101)).toBe(0b1011 * 2 ** 28);
  });
});
