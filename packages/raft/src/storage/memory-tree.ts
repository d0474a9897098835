// memory-tree.ts — files and folders in memory that remember what is not yet synced, and what a
// power cut may leave of it: of a file any subset of the sectors written since the last sync, each
// old or new; of a folder any subset of the changes made since its last sync, a rename being one.
// Harsher than most file systems, kinder than none.

export const sectorBytes = 512;

/** One thing that was not synced when the power went; it is kept or lost as a whole. */
export interface UnsyncedUnit {
  readonly kind: "sector" | "file-size" | "folder-change";
  readonly path: string;
  /** Number of the sector, or of the change in its folder. */
  readonly number: number;
}

export type Keep = (unit: UnsyncedUnit) => boolean;

export class MemoryFileNode {
  readonly kind = "file";
  #bytes: Uint8Array = new Uint8Array(0);
  #size = 0;
  #syncedSize = 0;
  /** What a sector held at the last sync, for those that were written since. */
  readonly #before = new Map<number, Uint8Array>();

  get size(): number {
    return this.#size;
  }

  read(range: { readonly at: number; readonly bytes: number }): Uint8Array {
    const end = Math.min(range.at + range.bytes, this.#size);
    return range.at >= end ? new Uint8Array(0) : this.#bytes.slice(range.at, end);
  }

  write(write: { readonly at: number; readonly bytes: Uint8Array }): void {
    const end = write.at + write.bytes.byteLength;
    this.#reserve(end);
    this.#rememberSectors(write.at, end);
    this.#bytes.set(write.bytes, write.at);
    this.#size = Math.max(this.#size, end);
  }

  sync(): void {
    this.#before.clear();
    this.#syncedSize = this.#size;
  }

  /** Damage, not a write: what was synced changes too. */
  damage(change: { readonly at: number; readonly bytes: Uint8Array }): void {
    this.#bytes.set(change.bytes, change.at);
  }

  /** With what is not synced. */
  copy(): MemoryFileNode {
    const other = new MemoryFileNode();
    other.#bytes = this.#bytes.slice();
    other.#size = this.#size;
    other.#syncedSize = this.#syncedSize;
    for (const [sector, before] of this.#before) other.#before.set(sector, before.slice());
    return other;
  }

  afterCrash(crash: { readonly path: string; readonly keep: Keep }): MemoryFileNode {
    const left = new MemoryFileNode();
    const keepsSize =
      this.#size === this.#syncedSize ||
      crash.keep({ kind: "file-size", path: crash.path, number: 0 });
    left.#bytes = this.#bytes.slice();
    let end = keepsSize ? this.#size : this.#syncedSize;
    for (const [sector, before] of this.#before) {
      if (crash.keep({ kind: "sector", path: crash.path, number: sector })) {
        end = Math.max(end, Math.min((sector + 1) * sectorBytes, this.#size));
      } else {
        left.#bytes.set(before, sector * sectorBytes);
      }
    }
    left.#size = end;
    left.#bytes.fill(0, end);
    left.#syncedSize = end;
    return left;
  }

  #reserve(end: number): void {
    if (end <= this.#bytes.byteLength) return;
    const whole = Math.ceil(Math.max(end, this.#bytes.byteLength * 2) / sectorBytes) * sectorBytes;
    const larger = new Uint8Array(whole);
    larger.set(this.#bytes);
    this.#bytes = larger;
  }

  #rememberSectors(from: number, to: number): void {
    for (let sector = Math.floor(from / sectorBytes); sector * sectorBytes < to; sector += 1) {
      if (this.#before.has(sector)) continue;
      this.#before.set(sector, this.#bytes.slice(sector * sectorBytes, (sector + 1) * sectorBytes));
    }
  }
}

export type MemoryNode = MemoryFileNode | MemoryFolderNode;

/** One change of a folder: some names point elsewhere, or nowhere. All of it or nothing. */
type FolderChange = ReadonlyMap<string, MemoryNode | undefined>;

export class MemoryFolderNode {
  readonly kind = "folder";
  readonly entries: Map<string, MemoryNode> = new Map();
  #synced = new Map<string, MemoryNode>();
  #changes: FolderChange[] = [];

  change(change: FolderChange): void {
    this.#changes.push(change);
    applyChange(this.entries, change);
  }

  sync(): void {
    this.#synced = new Map(this.entries);
    this.#changes = [];
  }

  /** With what is not synced. `copies`: what was copied already; a node may be held twice. */
  copy(copies: Map<MemoryNode, MemoryNode> = new Map()): MemoryFolderNode {
    const other = new MemoryFolderNode();
    copies.set(this, other);
    const once = (node: MemoryNode): MemoryNode => {
      const known = copies.get(node);
      if (known !== undefined) return known;
      const copy = node.kind === "file" ? node.copy() : node.copy(copies);
      copies.set(node, copy);
      return copy;
    };
    const copied = ([name, node]: [string, MemoryNode]): [string, MemoryNode] => [name, once(node)];
    for (const [name, node] of this.entries) other.entries.set(name, once(node));
    other.#synced = new Map([...this.#synced].map(copied));
    other.#changes = this.#changes.map(
      (change) =>
        new Map(
          [...change].map(([name, node]) => [name, node === undefined ? undefined : once(node)]),
        ),
    );
    return other;
  }

  /** Sizes of all files below. */
  usedBytes(): number {
    let used = 0;
    for (const node of this.entries.values()) {
      used += node.kind === "file" ? node.size : node.usedBytes();
    }
    return used;
  }

  afterCrash(crash: { readonly path: string; readonly keep: Keep }): MemoryFolderNode {
    const left = new Map(this.#synced);
    for (const [number, change] of this.#changes.entries()) {
      if (crash.keep({ kind: "folder-change", path: crash.path, number }))
        applyChange(left, change);
    }
    const folder = new MemoryFolderNode();
    for (const [name, node] of left) {
      folder.entries.set(
        name,
        node.afterCrash({ path: `${crash.path}/${name}`, keep: crash.keep }),
      );
    }
    folder.sync();
    return folder;
  }
}

function applyChange(entries: Map<string, MemoryNode>, change: FolderChange): void {
  for (const [name, node] of change) {
    if (node === undefined) entries.delete(name);
    else entries.set(name, node);
  }
}
