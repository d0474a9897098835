// null-persister.ts — a Persister that keeps nothing across a restart (`durable: false`), so that the
// log is never dropped: for tests, and for clusters small enough to replay their whole log.
// Within one run it holds the newest snapshots in memory, so that a peer can still be sent one.
import type { Persister, SnapshotName } from "../persister.ts";
import type { StorageIdentity } from "../storage.ts";

export class NullPersister implements Persister {
  readonly durable: boolean = false;
  readonly #kept = new Map<string, { name: SnapshotName; chunks: readonly Uint8Array[] }>();

  init(_identity: StorageIdentity): Promise<void> {
    return Promise.resolve();
  }

  list(): Promise<readonly SnapshotName[]> {
    return Promise.resolve([...this.#kept.values()].map((kept) => kept.name));
  }

  async *load(name: SnapshotName): AsyncIterable<Uint8Array> {
    const kept = this.#kept.get(keyOf(name));
    if (kept === undefined) throw new Error(`there is no snapshot ${keyOf(name)}`);
    yield* kept.chunks;
  }

  async store(name: SnapshotName, chunks: AsyncIterable<Uint8Array>): Promise<void> {
    const copies: Uint8Array[] = [];
    for await (const chunk of chunks) copies.push(chunk.slice());
    this.#kept.set(keyOf(name), { name: { ...name }, chunks: copies });
  }

  remove(name: SnapshotName): Promise<void> {
    this.#kept.delete(keyOf(name));
    return Promise.resolve();
  }
}

function keyOf(name: SnapshotName): string {
  return `${name.term}-${name.index}-${name.hash}`;
}
