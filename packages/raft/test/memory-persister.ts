// memory-persister.ts — a durable Persister in memory: what it holds outlives the virtual process.
import type { Persister, SnapshotName } from "../src/storage/persister.ts";

interface Kept {
  readonly name: SnapshotName;
  readonly chunks: readonly Uint8Array[];
  isUnreadable?: boolean;
}

export class MemoryPersister implements Persister {
  readonly durable: boolean = true;
  readonly #kept = new Map<string, Kept>();
  /** So many of the next stores fail. */
  failures = 0;
  /** Nothing can be read, whenever it was stored. */
  isUnreadable = false;
  stores = 0;
  /** How often a reading was started: one per peer and snapshot, or it would be quadratic. */
  loads = 0;

  init(): Promise<void> {
    return Promise.resolve();
  }

  list(): Promise<readonly SnapshotName[]> {
    return Promise.resolve([...this.#kept.values()].map((kept) => kept.name));
  }

  async *load(name: SnapshotName): AsyncGenerator<Uint8Array> {
    this.loads += 1;
    const kept = this.#kept.get(keyOf(name));
    if (kept === undefined) throw new Error("there is no such snapshot");
    if (this.isUnreadable || kept.isUnreadable === true) throw new Error("a sector can't be read");
    yield* kept.chunks;
  }

  async store(name: SnapshotName, chunks: AsyncIterable<Uint8Array>): Promise<void> {
    const copies: Uint8Array[] = [];
    for await (const chunk of chunks) copies.push(chunk.slice());
    if (this.failures > 0) {
      this.failures -= 1;
      throw new Error("no space left");
    }
    const { term, index, hash } = name;
    this.stores += 1;
    this.#kept.set(keyOf(name), { name: { term, index, hash }, chunks: copies });
  }

  remove(name: SnapshotName): Promise<void> {
    this.#kept.delete(keyOf(name));
    return Promise.resolve();
  }

  /** A bit of the last content chunk of each changes by itself, under a node that may run. */
  rotAll(): void {
    for (const { chunks } of this.#kept.values()) {
      const chunk = chunks.at(-2);
      if (chunk !== undefined) chunk[chunk.length - 1] = (chunk.at(-1) ?? 0) ^ 1;
    }
  }

  /** What is stored now can't be read. */
  refuseAll(): void {
    for (const kept of this.#kept.values()) kept.isUnreadable = true;
  }

  /** Damages everything that is stored: the disk lost it. */
  loseAll(): void {
    this.#kept.clear();
  }
}

function keyOf(name: SnapshotName): string {
  return `${name.term}-${name.index}-${name.hash}`;
}
