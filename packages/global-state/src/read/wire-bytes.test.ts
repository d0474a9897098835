import * as fc from "fast-check";
import { expect, test } from "vitest";
import { wireBytes } from "./wire-bytes.ts";

const text = fc.string({ unit: "grapheme", maxLength: 40 });
const item = fc.dictionary(
  text,
  fc.oneof(text, fc.maxSafeInteger(), fc.boolean(), fc.constant(null), fc.array(text)),
);

test("what is weighed takes no more bytes as JSON, and not much less (property)", () => {
  fc.assert(
    fc.property(fc.array(item), (items) => {
      const bytes = Buffer.byteLength(JSON.stringify(items));
      expect(wireBytes(items)).toBeGreaterThanOrEqual(bytes);
    }),
  );
  const plain = { key: "k".repeat(300), holders: [{ owner: "j".repeat(300), token: 12 }] };
  expect(wireBytes(plain)).toBeLessThan(1.2 * JSON.stringify(plain).length);
});
