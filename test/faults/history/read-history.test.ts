import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { RunLine } from "./history-line.ts";
import { historyOf, readHistory, testimonyOf } from "./read-history.ts";

const line = (at: number, says: string): RunLine => ({ kind: "phase", at, says, whom: [] });
const written = (at: number, says: string): string => JSON.stringify(line(at, says));

describe("what one process wrote", () => {
  test("is its lines, in their order", () => {
    expect(testimonyOf([written(1, "a"), written(2, "b"), ""])).toEqual({
      lines: [line(1, "a"), line(2, "b")],
    });
    expect(testimonyOf([])).toEqual({ lines: [] });
  });

  test("may break off: the rest of its last line is told apart", () => {
    const brokenOff = written(2, "b").slice(0, 12);

    expect(testimonyOf([written(1, "a"), brokenOff])).toEqual({
      lines: [line(1, "a")],
      brokenOff,
    });
  });

  test("is not broken anywhere else", () => {
    expect(() => testimonyOf(["{", written(1, "a")])).toThrow(SyntaxError);
  });
});

describe("the history of many", () => {
  test("is in the order of times; what is of the same time stays as it was written", () => {
    const history = historyOf([
      { lines: [line(3, "c"), line(5, "e"), line(5, "f")] },
      { lines: [line(1, "a"), line(5, "g")], brokenOff: "{" },
      { lines: [line(2, "b"), line(4, "d")] },
    ]);

    expect(history.lines.map((one) => "says" in one && one.says).join("")).toBe("abcdefg");
    expect(history.brokenOff).toEqual(["{"]);
  });

  test("is read from their files, with what others noted", async () => {
    const folder = await mkdtemp(join(tmpdir(), "rogerd-history-"));
    try {
      const files = [join(folder, "w1.jsonl"), join(folder, "w2.jsonl")] as const;
      await writeFile(files[0], `${written(1, "a")}\n${written(3, "c")}\n`);
      await writeFile(files[1], `${written(4, "d")}\n{"kind":`);

      const history = await readHistory(files, [line(2, "b")]);

      expect(history.lines).toEqual([line(1, "a"), line(2, "b"), line(3, "c"), line(4, "d")]);
      expect(history.brokenOff).toEqual(['{"kind":']);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
