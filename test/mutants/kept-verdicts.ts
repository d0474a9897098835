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
  /** Of tests and seeds, whichever came first. */
  readonly verdict?: Verdict;
  /** Of the seeds alone. */
  readonly bySeeds?: BySeeds;
}

export interface BySeeds {
  readonly verdict: Verdict;
  readonly seedsMax: number;
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
    return this.#of(mutant)?.verdict;
  }

  bySeeds(mutant: Mutant): BySeeds | undefined {
    return this.#of(mutant)?.bySeeds;
  }

  keep(mutant: Mutant, verdict: Verdict): Promise<void> {
    return this.#keep(mutant, { verdict });
  }

  keepBySeeds(mutant: Mutant, bySeeds: BySeeds): Promise<void> {
    return this.#keep(mutant, { bySeeds });
  }

  #of(mutant: Mutant): Kept | undefined {
    const kept = this.#byId[mutant.id];
    return kept?.form === formOf(mutant) ? kept : undefined;
  }

  async #keep(mutant: Mutant, news: Omit<Kept, "form">): Promise<void> {
    this.#byId[mutant.id] = { ...this.#of(mutant), form: formOf(mutant), ...news };
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
