// write-back-disk.ts — a disk that loses at a crash whatever was not synced: writes stay in the memory
// of the process until `syncData`, so SIGKILL drops them as a power cut drops a page cache. With
// `syncs: "first-only"` each file's later syncs are not done: what a product without fdatasync is on it.
import type { Disk, DiskFile } from "@rogerd/raft";

interface PendingWrite {
  readonly at: number;
  readonly bytes: Uint8Array;
}

export class WriteBackDisk implements Disk {
  readonly #disk: Disk;
  readonly #syncs: "all" | "first-only";

  constructor(parts: { readonly disk: Disk; readonly syncs: "all" | "first-only" }) {
    this.#disk = parts.disk;
    this.#syncs = parts.syncs;
  }

  async open(path: string): Promise<DiskFile> {
    return new WriteBackFile({ file: await this.#disk.open(path), syncs: this.#syncs });
  }

  async create(path: string): Promise<DiskFile> {
    return new WriteBackFile({ file: await this.#disk.create(path), syncs: this.#syncs });
  }

  rename(move: { readonly from: string; readonly to: string }): Promise<void> {
    return this.#disk.rename(move);
  }

  remove(path: string): Promise<void> {
    return this.#disk.remove(path);
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
}

class WriteBackFile implements DiskFile {
  readonly #file: DiskFile;
  readonly #syncs: "all" | "first-only";
  #pending: PendingWrite[] = [];
  #syncsDone = 0;

  constructor(parts: { readonly file: DiskFile; readonly syncs: "all" | "first-only" }) {
    this.#file = parts.file;
    this.#syncs = parts.syncs;
  }

  async read(range: { readonly at: number; readonly bytes: number }): Promise<Uint8Array> {
    const size = await this.size();
    const read = new Uint8Array(Math.max(0, Math.min(range.bytes, size - range.at)));
    read.set(await this.#file.read({ at: range.at, bytes: read.length }));
    for (const { at, bytes } of this.#pending) {
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
      this.#pending.push({ at, bytes: Uint8Array.from(buffer) });
      at += buffer.length;
    }
  }

  async syncData(): Promise<void> {
    if (this.#syncs === "first-only" && this.#syncsDone > 0) return;
    this.#syncsDone += 1;
    const writes = this.#pending;
    for (const { at, bytes } of writes) await this.#file.write({ at, buffers: [bytes] });
    await this.#file.syncData();
    this.#pending = this.#pending.slice(writes.length);
  }

  async size(): Promise<number> {
    const ends = this.#pending.map(({ at, bytes }) => at + bytes.length);
    return Math.max(await this.#file.size(), ...ends);
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}
