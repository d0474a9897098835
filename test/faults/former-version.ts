// former-version.ts — the project as it was at an earlier commit, built in a temporary folder from this clone's history, for
// runs that begin with it and upgrade while all goes on (`--upgrade-from REF`).
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { projectRoot } from "../project-root.ts";

const run = promisify(execFile);

/** Where the first issue was finished: every later version must take its place, node by node. */
export const compatBase = "663fd3ce84e95d10f26eb2493e772fafdea3009b";

export class FormerVersion implements AsyncDisposable {
  readonly root: string;
  readonly commit: string;

  private constructor(root: string, commit: string) {
    this.root = root;
    this.commit = commit;
  }

  /** Throws where the history does not hold it, or it can't be built. */
  static async build(ref: string): Promise<FormerVersion> {
    const { stdout } = await run("git", ["rev-parse", `${ref}^{commit}`], { cwd: projectRoot });
    const commit = stdout.trim();
    const root = await mkdtemp(join(tmpdir(), "rogerd-former-"));
    const former = new FormerVersion(root, commit);
    try {
      await run("git", ["clone", "--quiet", "--no-checkout", projectRoot, root]);
      await run("git", ["checkout", "--quiet", commit], { cwd: root });
      await run(process.execPath, [join(root, "scripts", "bootstrap.mjs"), "--build"]);
      return former;
    } catch (error) {
      await former[Symbol.asyncDispose]();
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.root, { recursive: true, force: true });
  }
}
