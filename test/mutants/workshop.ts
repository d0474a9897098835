// workshop.ts — a private copy of the project in a temporary folder, in which one bug at a time is put in
// and taken out again. The working tree is only read.
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join, relative } from "node:path";
import { projectRoot } from "../project-root.ts";
import { type Ending, runNode } from "./child.ts";
import type { Mutant } from "./mutant.ts";

/** Of the root: what is hidden (the history, data of nodes), and what is installed. */
const notCopied = /^(\.|node_modules$)/;
/** Caches of tools: they belong to one tree. */
const ownToATree = /^(\.vite|\.cache)/;

/** The mutant does not fit: its text is not in its file, or more than once. */
export class MisfitError extends Error {}

export class Workshop {
  readonly root: string;
  #changed: { readonly path: string; readonly before: string }[] = [];

  private constructor(root: string) {
    this.root = root;
  }

  static async open(): Promise<Workshop> {
    const workshop = new Workshop(await mkdtemp(join(tmpdir(), "rogerd-mutants-")));
    try {
      await workshop.#fill();
      return workshop;
    } catch (error) {
      await workshop.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    await rm(this.root, { recursive: true, force: true });
  }

  async putIn(mutant: Mutant): Promise<void> {
    const path = join(this.root, mutant.file);
    const before = await readFile(path, "utf8");
    const parts = before.split(mutant.text);
    if (parts.length !== 2) {
      throw new MisfitError(`its text is ${parts.length - 1} times in ${mutant.file}`);
    }
    this.#changed.push({ path, before });
    await writeFile(path, parts.join(mutant.replacement));
  }

  async takeOut(): Promise<void> {
    for (const { path, before } of this.#changed) await writeFile(path, before);
    this.#changed = [];
  }

  /** Compiles what was put in, types unchecked. False: the compiled code is what it was. */
  async compile(mutant: Mutant): Promise<boolean> {
    const folder = mutant.file.split("/").slice(0, 2).join("/");
    const source = mutant.file.slice(`${folder}/src/`.length);
    const path = join(this.root, folder, "dist", source.replace(/\.ts$/, ".js"));
    const before = await readFile(path, "utf8");
    await this.run(["node_modules/typescript/bin/tsc", "-p", folder, "--noCheck"]);
    this.#changed.push({ path, before });
    return (await readFile(path, "utf8")) !== before;
  }

  run(args: readonly string[], silenceMs: number = 300_000): Promise<Ending> {
    return runNode({ directory: this.root, temporary: this.#temporary, args, silenceMs });
  }

  get #temporary(): string {
    return join(this.root, ".temporary");
  }

  async #fill(): Promise<void> {
    await mkdir(this.#temporary);
    for (const item of await readdir(projectRoot)) {
      if (!notCopied.test(item)) await this.#copy(item);
    }
    const modules = join(projectRoot, "node_modules");
    await mkdir(join(this.root, "node_modules"));
    for (const name of await readdir(modules)) {
      const own = join(this.root, "node_modules", name);
      if (name === "@rogerd") await cp(join(modules, name), own, asItIs);
      else if (!ownToATree.test(name)) await symlink(join(modules, name), own);
    }
    const built = await this.run(["node_modules/typescript/bin/tsc", "-b", "test"]);
    if (built.kind !== "ended" || built.code !== 0) throw new Error(`tsc -b test: ${built.output}`);
  }

  #copy(item: string): Promise<void> {
    const from = join(projectRoot, item);
    const filter = (path: string): boolean => !ownToATree.test(basename(relative(from, path)));
    return cp(from, join(this.root, item), { ...asItIs, filter });
  }
}

/** Links within the project stay within the copy. */
const asItIs = { recursive: true, verbatimSymlinks: true } as const;
