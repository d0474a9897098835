// write-back-disk.ts — a disk that loses at a crash whatever was not synced: writes stay in the memory
// of the process until `syncData`, so SIGKILL drops them as a power cut drops a page cache. With
// `syncs: "first-only"` each file's later syncs are not done: what a product without fdatasync is on it.
import type { Disk, DiskFile } from "@rogerd/raft";

interface PendingWrite {
  readonly at: number;
  readonly bytes: Uint8Array;
}

/** What the page cache of a file holds: seen by everybody who opens it, lost with the process. */
interface Cached {
  pending: PendingWrite[];
  syncsDone: number;
}

export class WriteBackDisk implements Disk {
  readonly #disk: Disk;
  readonly #syncs: "all" | "first-only";
  readonly #cache = new Map<string, Cached>();

  constructor(parts: { readonly disk: Disk; readonly syncs: "all" | "first-only" }) {
    this.#disk = parts.disk;
    this.#syncs = parts.syncs;
  }

  async open(path: string): Promise<DiskFile> {
    return this.#cached(path, await this.#disk.open(path));
  }

  async create(path: string): Promise<DiskFile> {
    return this.#cached(path, await this.#disk.create(path));
  }

  async rename(move: { readonly from: string; readonly to: string }): Promise<void> {
    await this.#disk.rename(move);
    const cached = this.#cache.get(move.from);
    this.#cache.delete(move.from);
    this.#cache.delete(move.to);
    if (cached !== undefined) this.#cache.set(move.to, cached);
  }

  /** Both names are of one file, with one cache. */
  async link(made: { readonly from: string; readonly to: string }): Promise<void> {
    await this.#disk.link(made);
    const cached = this.#cache.get(made.from);
    if (cached !== undefined) this.#cache.set(made.to, cached);
  }

  async remove(path: string): Promise<void> {
    await this.#disk.remove(path);
    this.#cache.delete(path);
  }

  list(directory: string): Promise<readonly string[]> {
    return this.#disk.list(directory);
  }

  makeDirectory(directory: string): Promise<void> {
    return this.#disk.makeDirectory(directory);
  }

  syncDirectory(directory: string): Promise<void> {
    return this.#disk.syncDirectory(directory);
  }

  freeBytes(directory: string): Promise<number> {
    return this.#disk.freeBytes(directory);
  }

  #cached(path: string, file: DiskFile): DiskFile {
    const cached = this.#cache.get(path) ?? { pending: [], syncsDone: 0 };
    this.#cache.set(path, cached);
    return new WriteBackFile({ file, cached, syncs: this.#syncs });
  }
}

class WriteBackFile implements DiskFile {
  readonly #file: DiskFile;
  readonly #cached: Cached;
  readonly #syncs: "all" | "first-only";

  constructor(parts: {
    readonly file: DiskFile;
    readonly cached: Cached;
    readonly syncs: "all" | "first-only";
  }) {
    this.#file = parts.file;
    this.#cached = parts.cached;
    this.#syncs = parts.syncs;
  }

  async read(range: { readonly at: number; readonly bytes: number }): Promise<Uint8Array> {
    const size = await this.size();
    const read = new Uint8Array(Math.max(0, Math.min(range.bytes, size - range.at)));
    read.set(await this.#file.read({ at: range.at, bytes: read.length }));
    for (const { at, bytes } of this.#cached.pending) {
      const from = Math.max(at, range.at);
      const to = Math.min(at + bytes.length, range.at + read.length);
      if (from < to) read.set(bytes.subarray(from - at, to - at), from - range.at);
    }
    return read;
  }

  async write(write: {
    readonly at: number;
    readonly buffers: readonly Uint8Array[];
  }): Promise<void> {
    let at = write.at;
    for (const buffer of write.buffers) {
      this.#cached.pending.push({ at, bytes: Uint8Array.from(buffer) });
      at += buffer.length;
    }
  }

  async syncData(): Promise<void> {
    if (this.#syncs === "first-only" && this.#cached.syncsDone > 0) return;
    this.#cached.syncsDone += 1;
    const writes = this.#cached.pending;
    for (const { at, bytes } of writes) await this.#file.write({ at, buffers: [bytes] });
    await this.#file.syncData();
    this.#cached.pending = this.#cached.pending.slice(writes.length);
  }

  async size(): Promise<number> {
    const ends = this.#cached.pending.map(({ at, bytes }) => at + bytes.length);
    return Math.max(await this.#file.size(), ...ends);
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}
