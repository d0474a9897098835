// kept-logs.ts — the logs of all nodes, whole, for who judges at the end: each segment gets a second name beside the data as
// soon as it is there. What a node drops, and what is emptied with its folder, only loses its first name. A folder
// that is emptied and used again is another node's: another life, with a log of its own.
import { link, mkdir, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { groupFolders, NodeDisk, readIdentity } from "@rogerd/raft";
import type { TestCluster } from "../../processes/test-cluster.ts";
import type { PowerSupply } from "../shims/power-supply.ts";

/** A node from its first start until its folder is emptied, or the run ends. */
export interface KeptLife {
  /** Of its place in the cluster: others may have it after it. */
  readonly node: string;
  readonly nodeId: string;
  /** Its segments, under the names that they had. */
  readonly directory: string;
}

interface KeptLogsParts {
  readonly cluster: Pick<TestCluster, "names" | "dataDirectory" | "diskOf">;
  readonly power: Pick<PowerSupply, "whilePowered"> | undefined;
}

/** A segment is made long before it is written to. */
const lookEveryMs = 500;

export class KeptLogs implements AsyncDisposable {
  readonly #parts: KeptLogsParts;
  readonly #lives = new Map<string, KeptLife>();
  readonly #newest = new Map<string, KeptLife>();
  readonly #troubles = new Map<string, string>();
  #isOver = false;
  #looking: Promise<void> = Promise.resolve();

  constructor(parts: KeptLogsParts) {
    this.#parts = parts;
  }

  /** In the order in which they were first seen. */
  get lives(): readonly KeptLife[] {
    return [...this.#lives.values()];
  }

  /** Nobody came after it in its place. */
  isNewest({ node, nodeId }: KeptLife): boolean {
    return this.#newest.get(node)?.nodeId === nodeId;
  }

  /** Why a node could not be looked at the last time, a sentence each. */
  get troubles(): readonly string[] {
    return [...this.#troubles].map(([node, why]) => `the log of ${node} could not be kept: ${why}`);
  }

  begin(): void {
    this.#looking = this.#lookOn();
  }

  /** Once more, when all has ended. */
  async end(): Promise<void> {
    await this[Symbol.asyncDispose]();
    await this.look();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    await this.#looking;
  }

  async look(): Promise<void> {
    const { cluster, power } = this.#parts;
    for (const node of cluster.names) {
      const keep = (): Promise<void> => this.#keepOrSay(node);
      await (power === undefined ? keep() : power.whilePowered(node, keep));
    }
  }

  async #lookOn(): Promise<void> {
    while (!this.#isOver) {
      await this.look();
      await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
    }
  }

  /** Its power may go, or its folder, while it is looked at: the next time it is better, or it is told at the end. */
  async #keepOrSay(node: string): Promise<void> {
    try {
      await this.#keep(node);
      this.#troubles.delete(node);
    } catch (error) {
      this.#troubles.set(node, error instanceof Error ? error.message : String(error));
    }
  }

  async #keep(node: string): Promise<void> {
    const life = await this.#lifeIn(node);
    if (life === undefined) return;
    const { wal } = groupFolders({ directory: this.#parts.cluster.dataDirectory(node), group: 0 });
    const names = (await namesIn(wal)).filter((name) => name.endsWith(".wal"));
    if (names.length === 0) return;
    await mkdir(life.directory, { recursive: true });
    const added: string[] = [];
    for (const name of names) {
      const to = join(life.directory, name);
      if (await linked({ from: join(wal, name), to })) added.push(to);
    }
    // Emptied and used again in between: whose were they?
    if ((await this.#lifeIn(node))?.nodeId !== life.nodeId) {
      await Promise.all(added.map((path) => rm(path)));
      return;
    }
    this.#lives.set(life.nodeId, life);
    this.#newest.set(node, life);
  }

  /** Undefined: nobody of the cluster is there; whoever is in none has no log. */
  async #lifeIn(node: string): Promise<KeptLife | undefined> {
    const { cluster } = this.#parts;
    const directory = cluster.dataDirectory(node);
    const record = await readIdentity({ disk: new NodeDisk(), directory });
    if (record === undefined || record.clusterId === null) return undefined;
    const { nodeId } = record;
    return { node, nodeId, directory: join(cluster.diskOf(node), "kept", nodeId) };
  }
}

/** False: it was already, or is gone. What was made ahead may be made once more, larger: the last one counts. */
async function linked({
  from,
  to,
}: {
  readonly from: string;
  readonly to: string;
}): Promise<boolean> {
  const [file, kept] = [await inodeOf(from), await inodeOf(to)];
  if (file === undefined || file === kept) return false;
  if (kept !== undefined) await rm(to);
  try {
    await link(from, to);
  } catch (error) {
    if (isGone(error)) return false;
    throw error;
  }
  return true;
}

async function inodeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).ino;
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}

async function namesIn(directory: string): Promise<readonly string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (isGone(error)) return [];
    throw error;
  }
}

function isGone(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
