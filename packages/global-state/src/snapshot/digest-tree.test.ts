import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { DigestTree, toHex } from "./digest-tree.ts";

const digest = (bytes: Uint8Array): Uint8Array => createHash("sha256").update(bytes).digest();

/** The same in one go: groups of 256, digested until one is left. */
function naiveRoot(leaves: readonly Uint8Array[]): Uint8Array {
  let level = leaves;
  do {
    const next: Uint8Array[] = [];
    for (let at = 0; at < level.length; at += 256) {
      next.push(digest(Buffer.concat(level.slice(at, at + 256))));
    }
    level = next;
  } while (level.length > 1);
  return level[0] ?? new Uint8Array(0);
}

describe("the digest tree", () => {
  test.each([1, 2, 255, 256, 257, 511, 512, 65_536, 65_537])(
    "the root over %i digests is that of the definition",
    (count) => {
      const leaves = Array.from({ length: count }, (_, at) => Buffer.alloc(32, String(at)));
      const tree = new DigestTree(digest);

      for (const leaf of leaves) tree.add(leaf);

      expect(toHex(tree.root())).toBe(toHex(naiveRoot(leaves)));
    },
  );
});
