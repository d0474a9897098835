// cases.ts — the stories on disk: which there are, and how one is read and written again.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../project-root.ts";

const folder = "test/scenarios/cases";

/** From the project's root, sorted. */
export function caseFiles(namePart = ""): readonly string[] {
  return readdirSync(join(projectRoot, folder))
    .filter((name) => name.endsWith(".txt") && name.includes(namePart))
    .sort()
    .map((name) => `${folder}/${name}`);
}

export const readCase = (file: string): string => readFileSync(join(projectRoot, file), "utf8");

export function writeCase(file: string, text: string): void {
  writeFileSync(join(projectRoot, file), text);
}
