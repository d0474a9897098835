// memory-disk.ts — a Disk in memory that knows what was synced and what was not, for tests and the
// simulator: it can lose power, fail, hang, run full and rot. Deterministic: no clock, no dice.
import { type Disk, DiskError, type DiskErrorCode, type DiskFile } from "./disk.ts";
import { type Keep, MemoryFileNode, MemoryFolderNode, type MemoryNode } from "./memory-tree.ts";

export interface DiskOperation {
  readonly kind:
    | "open"
    | "create"
    | "read"
    | "write"
    | "sync-data"
    | "rename"
    | "link"
    | "remove"
    | "list"
    | "make-directory"
    | "sync-directory"
    | "free-bytes";
  readonly path: string;
  /** Counts all operations of this disk, from 1. */
  readonly number: number;
}

/** Sees every operation. May make it wait (a slow disk), never resolve (a hung one), or fail. */
export interface DiskWatcher {
  /** Before it has any effect. What this rejects with, the operation rejects with. */
  readonly before?: (operation: DiskOperation) => Promise<void> | undefined;
  /** After its effect, before the caller hears of it. */
  readonly after?: (operation: DiskOperation) => void;
}

/** What a power cut leaves of unsynced changes. A function is asked for each, in a fixed order. */
export interface PowerCut {
  readonly keep: "nothing" | "everything" | Keep;
}

export class MemoryDisk implements Disk {
  #root: MemoryFolderNode;
  #watcher: DiskWatcher = {};
  #capacityBytes = Number.MAX_SAFE_INTEGER;
  #operations = 0;
  /** Files opened before a power cut are of no use after it. */
  #life = 0;

  constructor() {
    this.#root = new MemoryFolderNode();
  }

  watch(watcher: DiskWatcher): void {
    this.#watcher = watcher;
  }

  /** From now on writes that would take more than this fail with `no-space`, after what still fits. */
  limit(space: { readonly capacityBytes: number }): void {
    this.#capacityBytes = space.capacityBytes;
  }

  /** Power cut, here: what is unsynced is kept or lost; every file that was open is gone. */
  crash(cut: PowerCut): void {
    this.#root = this.#left(cut);
    this.#life += 1;
  }

  /** What a power cut now would leave, as another disk; this one goes on. */
  afterCrash(cut: PowerCut): MemoryDisk {
    const other = new MemoryDisk();
    other.#root = this.#left(cut);
    other.#capacityBytes = this.#capacityBytes;
    return other;
  }

  /** Another disk that is as this one is, what is not synced too: a process was killed, not the power. */
  copy(): MemoryDisk {
    const other = new MemoryDisk();
    other.#root = this.#root.copy();
    other.#capacityBytes = this.#capacityBytes;
    return other;
  }

  /** Bits rot: changes what is on disk, synced content too. */
  damage(change: { readonly path: string; readonly at: number; readonly bytes: Uint8Array }): void {
    this.#file(change.path).damage({ at: change.at, bytes: change.bytes });
  }

  flipBit(place: { readonly path: string; readonly at: number; readonly bit: number }): void {
    const [byte = 0] = this.#file(place.path).read({ at: place.at, bytes: 1 });
    this.damage({ ...place, bytes: Uint8Array.of(byte ^ (1 << place.bit)) });
  }

  /** The content as a reader would see it now, without an operation. */
  peek(path: string): Uint8Array {
    const file = this.#file(path);
    return file.read({ at: 0, bytes: file.size });
  }

  peekIfThere(path: string): Uint8Array | undefined {
    try {
      return this.peek(path);
    } catch (error) {
      if (error instanceof DiskError && error.code === "not-found") return undefined;
      throw error;
    }
  }

  async open(path: string): Promise<DiskFile> {
    return this.#operate({ kind: "open", path }, () => this.#opened(this.#file(path), path));
  }

  async create(path: string): Promise<DiskFile> {
    return this.#operate({ kind: "create", path }, () => {
      const { folder, name } = this.#place(path);
      if (folder.entries.has(name)) throw problem("exists", path, "is there already");
      const file = new MemoryFileNode();
      folder.change(new Map([[name, file]]));
      return this.#opened(file, path);
    });
  }

  async rename(move: { readonly from: string; readonly to: string }): Promise<void> {
    return this.#operate({ kind: "rename", path: move.from }, () => {
      const from = this.#place(move.from);
      const to = this.#place(move.to);
      const node = from.folder.entries.get(from.name);
      if (node === undefined) throw problem("not-found", move.from, "is not there");
      if (from.folder === to.folder) {
        from.folder.change(
          new Map<string, MemoryNode | undefined>([
            [from.name, undefined],
            [to.name, node],
          ]),
        );
        return;
      }
      to.folder.change(new Map([[to.name, node]]));
      from.folder.change(new Map([[from.name, undefined]]));
    });
  }

  async link(made: { readonly from: string; readonly to: string }): Promise<void> {
    return this.#operate({ kind: "link", path: made.from }, () => {
      const file = this.#file(made.from);
      const { folder, name } = this.#place(made.to);
      if (folder.entries.has(name)) throw problem("exists", made.to, "is there already");
      folder.change(new Map([[name, file]]));
    });
  }

  async remove(path: string): Promise<void> {
    return this.#operate({ kind: "remove", path }, () => {
      this.#file(path);
      const { folder, name } = this.#place(path);
      folder.change(new Map([[name, undefined]]));
    });
  }

  async list(directory: string): Promise<readonly string[]> {
    return this.#operate({ kind: "list", path: directory }, () =>
      [...this.#folder(directory).entries.keys()].toSorted(),
    );
  }

  async makeDirectory(directory: string): Promise<void> {
    return this.#operate({ kind: "make-directory", path: directory }, () => {
      let folder = this.#root;
      for (const name of partsOf(directory)) {
        const found = folder.entries.get(name) ?? new MemoryFolderNode();
        if (found.kind === "file") throw problem("exists", directory, "is a file");
        if (!folder.entries.has(name)) folder.change(new Map([[name, found]]));
        folder = found;
      }
    });
  }

  async syncDirectory(directory: string): Promise<void> {
    return this.#operate({ kind: "sync-directory", path: directory }, () =>
      this.#folder(directory).sync(),
    );
  }

  async freeBytes(directory: string): Promise<number> {
    return this.#operate({ kind: "free-bytes", path: directory }, () => this.#freeBytes());
  }

  #opened(node: MemoryFileNode, path: string): DiskFile {
    const life = this.#life;
    const operate: FileUse["operate"] = (kind, effect) =>
      this.#operate({ kind, path, life }, effect);
    return new MemoryFile({ node, path, use: { operate, freeBytes: () => this.#freeBytes() } });
  }

  async #operate<Value>(
    call: { readonly kind: DiskOperation["kind"]; readonly path: string; readonly life?: number },
    effect: () => Value,
  ): Promise<Value> {
    this.#operations += 1;
    const { kind, path, life = this.#life } = call;
    const operation: DiskOperation = { kind, path, number: this.#operations };
    await this.#watcher.before?.(operation);
    if (life !== this.#life) throw problem("input-output", path, "the power was cut");
    const value = effect();
    this.#watcher.after?.(operation);
    return value;
  }

  #left(cut: PowerCut): MemoryFolderNode {
    const keep = typeof cut.keep === "function" ? cut.keep : () => cut.keep === "everything";
    return this.#root.afterCrash({ path: "", keep });
  }

  #freeBytes(): number {
    return Math.max(0, this.#capacityBytes - this.#root.usedBytes());
  }

  #folder(directory: string): MemoryFolderNode {
    let folder = this.#root;
    for (const name of partsOf(directory)) {
      const found = folder.entries.get(name);
      if (found?.kind !== "folder") throw problem("not-found", directory, "is no folder");
      folder = found;
    }
    return folder;
  }

  #place(path: string): { readonly folder: MemoryFolderNode; readonly name: string } {
    const cut = path.lastIndexOf("/");
    return { folder: this.#folder(path.slice(0, cut)), name: path.slice(cut + 1) };
  }

  #file(path: string): MemoryFileNode {
    const { folder, name } = this.#place(path);
    const node = folder.entries.get(name);
    if (node?.kind !== "file") throw problem("not-found", path, "is no file");
    return node;
  }
}

/** What an open file needs of its disk. */
interface FileUse {
  readonly operate: <Value>(kind: DiskOperation["kind"], effect: () => Value) => Promise<Value>;
  readonly freeBytes: () => number;
}

class MemoryFile implements DiskFile {
  readonly #use: FileUse;
  readonly #node: MemoryFileNode;
  readonly #path: string;

  constructor(opened: {
    readonly use: FileUse;
    readonly node: MemoryFileNode;
    readonly path: string;
  }) {
    this.#use = opened.use;
    this.#node = opened.node;
    this.#path = opened.path;
  }

  read(range: { readonly at: number; readonly bytes: number }): Promise<Uint8Array> {
    return this.#use.operate("read", () => this.#node.read(range));
  }

  write(write: { readonly at: number; readonly buffers: readonly Uint8Array[] }): Promise<void> {
    return this.#use.operate("write", () => {
      let at = write.at;
      for (const buffer of write.buffers) {
        const room = Math.max(0, this.#node.size + this.#use.freeBytes() - at);
        this.#node.write({ at, bytes: buffer.subarray(0, room) });
        if (room < buffer.byteLength) throw problem("no-space", this.#path, "the disk is full");
        at += buffer.byteLength;
      }
    });
  }

  syncData(): Promise<void> {
    return this.#use.operate("sync-data", () => this.#node.sync());
  }

  size(): Promise<number> {
    return Promise.resolve(this.#node.size);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

function partsOf(directory: string): readonly string[] {
  return directory.split("/").filter((part) => part !== "");
}

function problem(code: DiskErrorCode, path: string, message: string): DiskError {
  return new DiskError({ code, path, message });
}
