import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { RunLine } from "./history-line.ts";
import { inOrder, linesOf, readHistory } from "./read-history.ts";

const line = (at: number, says: string): RunLine => ({ kind: "phase", at, says, whom: [] });
const written = (at: number, says: string): string => JSON.stringify(line(at, says));

describe("what one process wrote", () => {
  test("is its lines, in their order", () => {
    expect(linesOf([written(1, "a"), written(2, "b"), ""])).toEqual([line(1, "a"), line(2, "b")]);
    expect(linesOf([])).toEqual([]);
  });

  test("may break off: the rest of its last line is none", () => {
    expect(linesOf([written(1, "a"), written(2, "b").slice(0, 12)])).toEqual([line(1, "a")]);
  });

  test("is not broken anywhere else", () => {
    expect(() => linesOf(["{", written(1, "a")])).toThrow(SyntaxError);
  });
});

describe("the history of many", () => {
  test("is in the order of times; what is of the same time stays as it was written", () => {
    const all = [line(3, "c"), line(5, "e"), line(5, "f"), line(1, "a"), line(5, "g")];
    const ordered = inOrder([...all, line(2, "b"), line(4, "d")]);

    expect(ordered.map((one) => "says" in one && one.says).join("")).toBe("abcdefg");
  });

  test("is read from their files, with what others noted", async () => {
    const folder = await mkdtemp(join(tmpdir(), "rogerd-history-"));
    try {
      const files = [join(folder, "w1.jsonl"), join(folder, "w2.jsonl")] as const;
      await writeFile(files[0], `${written(1, "a")}\n${written(3, "c")}\n`);
      await writeFile(files[1], `${written(4, "d")}\n{"kind":`);

      const history = await readHistory(files, [line(2, "b")]);

      expect(history).toEqual([line(1, "a"), line(2, "b"), line(3, "c"), line(4, "d")]);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
