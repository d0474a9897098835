// memory-persister.ts — a durable Persister in memory: what it holds outlives the virtual process.
import type { Persister, SnapshotName } from "../src/storage/persister.ts";

export class MemoryPersister implements Persister {
  readonly durable: boolean = true;
  readonly #kept = new Map<string, { name: SnapshotName; chunks: readonly Uint8Array[] }>();
  /** So many of the next stores fail. */
  failures = 0;
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
    this.#kept.set(keyOf(name), { name: { term, index, hash }, chunks: copies });
  }

  remove(name: SnapshotName): Promise<void> {
    this.#kept.delete(keyOf(name));
    return Promise.resolve();
  }

  /** Damages everything that is stored: the disk lost it. */
  loseAll(): void {
    this.#kept.clear();
  }
}

function keyOf(name: SnapshotName): string {
  return `${name.term}-${name.index}-${name.hash}`;
}
