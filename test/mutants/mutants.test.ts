// mutants.test.ts — the seeded bugs still fit the sources: each text is there exactly once. Whether each
// of them is caught is `npm run mutants`.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { projectRoot } from "../project-root.ts";
import { bugOf, catalogue, knownBugs, notSeeded } from "./catalogue.ts";

const read = (path: string): string => readFileSync(join(projectRoot, path), "utf8");

describe("the seeded bugs", () => {
  test.each(catalogue)("$id fits its file: $bug", ({ file, text, replacement }) => {
    const occurrences = read(file).split(text).length - 1;

    expect(occurrences).toBe(1);
    expect(replacement).not.toBe(text);
  });

  test("have a name of their own each, and a form that is their own", () => {
    const ids = catalogue.map(({ id }) => id);
    const forms = catalogue.map(({ file, text, replacement }) => [file, text, replacement].join());

    expect(new Set(ids).size).toBe(ids.length);
    expect(new Set(forms).size).toBe(forms.length);
    expect(ids.filter((id) => !/^[ERQMSDLJX]\d+[a-z]?$/.test(id))).toEqual([]);
  });

  test("are forms of the known bugs, each of them, but for those that can't be put in", () => {
    const known = Object.entries(knownBugs).flatMap(([family, count]) =>
      Array.from({ length: count }, (_, at) => `${family}${at + 1}`),
    );
    const seeded = new Set(catalogue.map(bugOf).filter((bug) => bug !== undefined));

    expect(known.filter((bug) => !seeded.has(bug))).toEqual(Object.keys(notSeeded));
    expect([...seeded].filter((bug) => !known.includes(bug))).toEqual([]);
    expect(seeded.size).toBeGreaterThanOrEqual(60);
  });

  test("are in docs/mutations.md, each as it is now, and nothing else is", () => {
    const lines = read("docs/mutations.md").match(/^\| [A-Z]\d+[a-z]? \| [^|]+/gm);

    expect(lines).toEqual(catalogue.map(({ id, bug }) => `| ${id} | ${bug} `));
  });
});
