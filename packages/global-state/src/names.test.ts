import { describe, expect, test } from "vitest";
import { isOpenIdText, nameProblem, textProblem } from "./names.ts";

describe("a name", () => {
  test.each([
    ["one letter", "a"],
    ["512 bytes", "x".repeat(512)],
    ["512 bytes in 128 characters", "😀".repeat(128)],
    ["a space and slashes", "mail / daily"],
    ["what other languages reserve", "__proto__"],
    ["the first printable character after C1", "\u00a0"],
    ["the last character of all", "\u{10ffff}"],
  ])("may be %s", (_what, text) => {
    expect(nameProblem(text)).toBeUndefined();
  });

  test.each([
    ["nothing", "", "empty"],
    ["513 bytes", "x".repeat(513), "too long"],
    ["513 bytes in 257 characters", `${"é".repeat(256)}x`, "too long"],
    ["a newline", "a\nb", "control character"],
    ["a zero", "\0", "control character"],
    ["delete", "\x7f", "control character"],
    ["a C1 control", "\u0085", "control character"],
    ["half of a pair, first half at the end", "a\ud83d", "lone surrogate"],
    ["half of a pair, first half before a letter", "\ud83da", "lone surrogate"],
    ["half of a pair, second half", "\ude00", "lone surrogate"],
  ])("may not be %s", (_what, text, problem) => {
    expect(nameProblem(text)).toBe(problem);
  });

  test("free text may be empty, and is otherwise the same", () => {
    expect(textProblem("")).toBeUndefined();
    expect(textProblem("a\tb")).toBe("control character");
  });
});

test("an open id is 32 hex digits in lower case, and nothing around them", () => {
  expect(isOpenIdText("0123456789abcdef0123456789abcdef")).toBe(true);
  expect(isOpenIdText("0123456789ABCDEF0123456789abcdef")).toBe(false);
  expect(isOpenIdText("0123456789abcdef0123456789abcde")).toBe(false);
  expect(isOpenIdText("0123456789abcdef0123456789abcdef\n")).toBe(false);
});
