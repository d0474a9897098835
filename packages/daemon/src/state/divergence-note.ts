// divergence-note.ts — diverged.json in the group's folder: the state of this node was found to be wrong
// (DESIGN §5). A restart must not forget it: the state that is wrong is in our own snapshot and comes
// back with it. The note goes only when the state was replaced by a snapshot that others sent, or by
// the hand of an operator who decided whose state is right. It never says what the right state is.
import { type Disk, DiskError, readFileIfThere, replaceFile } from "@rogerd/raft";
import type { HashVerdict } from "./hash-verdict.ts";

export interface Divergence {
  readonly verdict: Extract<HashVerdict, "differs" | "nobody-agrees">;
  /** Where the states were compared; 0: the note is there, but can't be read. */
  readonly index: number;
}

export interface DivergencePlace {
  readonly disk: Disk;
  /** Of the group. */
  readonly directory: string;
  readonly clusterId: string;
}

const format = 1;
const fileName = "diverged.json";

export function divergencePath({ directory }: Pick<DivergencePlace, "directory">): string {
  return `${directory}/${fileName}`;
}

/** Undefined: this node is not known to be wrong. A note of another cluster is about another state. */
export async function readDivergence(place: DivergencePlace): Promise<Divergence | undefined> {
  const bytes = await readFileIfThere(place.disk, divergencePath(place));
  if (bytes === undefined) return undefined;
  const note = parse(new TextDecoder().decode(bytes));
  if (note === undefined) return { verdict: "differs", index: 0 };
  return note.clusterId === place.clusterId ? note.divergence : undefined;
}

/** Writes and removes the note, one after the other, in the order in which it was asked. */
export class DivergenceNote {
  readonly #place: DivergencePlace;
  readonly #failed: (cause: unknown) => void;
  #last: Promise<void> = Promise.resolve();

  /** `failed`: what is to be remembered can't be; the node must end. */
  constructor(parts: DivergencePlace & { readonly failed: (cause: unknown) => void }) {
    this.#place = parts;
    this.#failed = parts.failed;
  }

  get path(): string {
    return divergencePath(this.#place);
  }

  write(divergence: Divergence): void {
    const { disk, directory, clusterId } = this.#place;
    const text = JSON.stringify({ format, clusterId, ...divergence }, undefined, 2);
    const content = new TextEncoder().encode(`${text}\n`);
    this.#next(() => replaceFile({ disk, directory, name: fileName, content }));
  }

  remove(): void {
    const { disk, directory } = this.#place;
    this.#next(async () => {
      await removeIfThere(disk, this.path);
      await disk.syncDirectory(directory);
    });
  }

  /** Resolves when what was asked for is on disk, or has failed. */
  written(): Promise<void> {
    return this.#last;
  }

  #next(change: () => Promise<void>): void {
    this.#last = this.#last.then(change).catch(this.#failed);
  }
}

async function removeIfThere(disk: Disk, path: string): Promise<void> {
  try {
    await disk.remove(path);
  } catch (error) {
    if (!(error instanceof DiskError) || error.code !== "not-found") throw error;
  }
}

function parse(
  text: string,
): { readonly clusterId: string; readonly divergence: Divergence } | undefined {
  const plain = parseJson(text);
  if (typeof plain !== "object" || plain === null) return undefined;
  if (!("clusterId" in plain) || !("verdict" in plain) || !("index" in plain)) return undefined;
  const { clusterId, verdict, index } = plain;
  if (typeof clusterId !== "string" || typeof index !== "number") return undefined;
  if (verdict !== "differs" && verdict !== "nobody-agrees") return undefined;
  return { clusterId, divergence: { verdict, index } };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
