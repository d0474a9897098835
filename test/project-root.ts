// project-root.ts — the folder that holds the whole project, from the sources and from the compiled tests.
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

function find(folder: string): string {
  if (existsSync(join(folder, "pnpm-workspace.yaml"))) return folder;
  const parent = dirname(folder);
  if (parent === folder) throw new Error("no pnpm-workspace.yaml above this file");
  return find(parent);
}

export const projectRoot: string = find(dirname(fileURLToPath(import.meta.url)));
