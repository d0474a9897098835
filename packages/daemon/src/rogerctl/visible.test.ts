import { styleText } from "node:util";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { visible } from "./visible.ts";

test.each([
  ["a right-to-left override", "\u202e", "\\u{202e}"],
  ["an isolate", "\u2066a\u2069", "\\u{2066}a\\u{2069}"],
  ["a space of no width", "\u200b", "\\u{200b}"],
  ["a byte order mark", "\ufeff", "\\u{feff}"],
  ["a tag", "\u{e0041}", "\\u{e0041}"],
  ["a line separator", "\u2028", "\\u{2028}"],
  ["a carriage return", "\r", "\\u{d}"],
  ["an escape that begins no colour", "\u001b]0;title\u0007", "\\u{1b}]0;title\\u{7}"],
])("%s is shown by its number", (_, text, shown) => {
  expect(visible(text)).toBe(shown);
});

test("letters of any language, signs and line feeds are shown as they are", () => {
  const text = "schlüssel עברית 日本語 😀 e\u0301\n-\\u{202e}";

  expect(visible(text)).toBe(text);
});

test("a colour stays a colour", () => {
  const text = `${styleText("red", "n1")} ${styleText("bold", "n2")}`;

  expect(visible(text)).toBe(text);
});

test("what was shown once is not changed again", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      expect(visible(visible(text))).toBe(visible(text));
    }),
  );
});
