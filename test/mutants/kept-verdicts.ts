// kept-verdicts.ts — verdicts on disk, each written at once: a run that is cut loses nothing, and goes on
// with `--resume`. A verdict is of a mutant as it was; who changes it needs another.
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { projectRoot } from "../project-root.ts";
import type { Mutant } from "./mutant.ts";
import type { Verdict } from "./verdict.ts";

const folder = join(projectRoot, ".mutants");
const path = join(folder, "verdicts.json");

interface Kept {
  readonly form: string;
  readonly verdict: Verdict;
}

export class KeptVerdicts {
  #byId: Record<string, Kept> = {};
  #writing: Promise<void> = Promise.resolve();

  static async read(): Promise<KeptVerdicts> {
    const kept = new KeptVerdicts();
    try {
      const byId: Record<string, Kept> = JSON.parse(await readFile(path, "utf8"));
      kept.#byId = byId;
    } catch (error) {
      const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
      if (!isMissing) throw error;
    }
    return kept;
  }

  of(mutant: Mutant): Verdict | undefined {
    const kept = this.#byId[mutant.id];
    return kept?.form === formOf(mutant) ? kept.verdict : undefined;
  }

  async keep(mutant: Mutant, verdict: Verdict): Promise<void> {
    this.#byId[mutant.id] = { form: formOf(mutant), verdict };
    const before = this.#writing;
    this.#writing = before.then(() => this.#write());
    await this.#writing;
  }

  async #write(): Promise<void> {
    await mkdir(folder, { recursive: true });
    await writeFile(`${path}.tmp`, JSON.stringify(this.#byId, undefined, 2));
    await rename(`${path}.tmp`, path);
  }
}

function formOf({ file, text, replacement }: Mutant): string {
  return JSON.stringify([file, text, replacement]);
}
