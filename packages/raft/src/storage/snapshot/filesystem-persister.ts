// filesystem-persister.ts — snapshots as files in one folder: the default Persister (DESIGN §5).
// A file is its chunks, one after the other. It gets its name only when it is whole and synced, and
// counts only when the folder is synced too (D8). Knows nothing of marks: snapshot-set.ts does.
import { assert } from "../../core/assert.ts";
import type { Disk, DiskFile } from "../disk.ts";
import type { Persister, SnapshotName } from "../persister.ts";
import { makeFolder } from "../small-file.ts";
import type { StorageIdentity } from "../storage.ts";
import { DamagedDataError } from "../storage.ts";
import { removeIfThere } from "../zero-file.ts";
import { chunkBytes, chunkFrameBytes, snapshotChunkBytesMax } from "./chunk.ts";

/** A large file is synced in steps, so that no one sync makes the log wait for all of it. */
const syncEveryBytes = 4 * 1024 * 1024;

export class FilesystemPersister implements Persister {
  readonly durable: boolean = true;
  readonly #disk: Disk;
  readonly #directory: string;

  constructor(place: { readonly disk: Disk; readonly directory: string }) {
    this.#disk = place.disk;
    this.#directory = place.directory;
  }

  /** Removes what an unfinished `store` left; makes sure that what is listed stays. */
  async init(_identity: StorageIdentity): Promise<void> {
    await makeFolder(this.#disk, this.#directory);
    for (const name of await this.#disk.list(this.#directory)) {
      if (name.endsWith(".tmp")) await this.#disk.remove(`${this.#directory}/${name}`);
    }
    await this.#disk.syncDirectory(this.#directory);
  }

  async list(): Promise<readonly SnapshotName[]> {
    const names = await this.#disk.list(this.#directory);
    return names.flatMap((name) => {
      const parsed = parseFileName(name);
      return parsed === undefined ? [] : [parsed];
    });
  }

  async *load(name: SnapshotName): AsyncIterable<Uint8Array> {
    const path = `${this.#directory}/${fileName(name)}`;
    const file = await this.#disk.open(path);
    try {
      const bytes = await file.size();
      for (let at = 0; at < bytes; ) {
        const chunk = await readChunk(file, { path, at });
        yield chunk;
        at += chunk.byteLength;
      }
    } finally {
      await file.close();
    }
  }

  async store(name: SnapshotName, chunks: AsyncIterable<Uint8Array>): Promise<void> {
    const path = `${this.#directory}/${fileName(name)}`;
    const aside = `${path}.tmp`;
    await removeIfThere(this.#disk, aside);
    const file = await this.#disk.create(aside);
    try {
      await writeChunks(file, chunks);
    } finally {
      await file.close();
    }
    await this.#disk.rename({ from: aside, to: path });
    await this.#disk.syncDirectory(this.#directory);
  }

  async remove(name: SnapshotName): Promise<void> {
    await removeIfThere(this.#disk, `${this.#directory}/${fileName(name)}`);
    await this.#disk.syncDirectory(this.#directory);
  }
}

async function writeChunks(file: DiskFile, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  let at = 0;
  let unsynced = 0;
  for await (const chunk of chunks) {
    const isFramed = chunk.byteLength > chunkFrameBytes && chunkBytes(chunk) === chunk.byteLength;
    assert(isFramed, "a chunk of a snapshot says its own length");
    await file.write({ at, buffers: [chunk] });
    at += chunk.byteLength;
    unsynced += chunk.byteLength;
    if (unsynced < syncEveryBytes) continue;
    await file.syncData();
    unsynced = 0;
  }
  await file.syncData();
}

async function readChunk(
  file: DiskFile,
  place: { readonly path: string; readonly at: number },
): Promise<Uint8Array> {
  const bytes = await file.read({ at: place.at, bytes: snapshotChunkBytesMax });
  const length = bytes.byteLength < chunkFrameBytes ? Number.POSITIVE_INFINITY : chunkBytes(bytes);
  if (length <= bytes.byteLength) return bytes.slice(0, length);
  throw new DamagedDataError(`A snapshot is damaged: ${place.path} at byte ${place.at}.`);
}

function digits(count: number): string {
  return String(count).padStart(16, "0");
}

function fileName(name: SnapshotName): string {
  return `snap-${digits(name.term)}-${digits(name.index)}-${name.hash}.snap`;
}

function parseFileName(name: string): SnapshotName | undefined {
  const match = /^snap-(\d{16})-(\d{16})-([0-9a-f]{1,128})\.snap$/.exec(name);
  const [, term, index, hash] = match ?? [];
  if (term === undefined || index === undefined || hash === undefined) return undefined;
  return { term: Number(term), index: Number(index), hash };
}
