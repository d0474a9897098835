// node-disk.ts — the Disk of a real machine, on node:fs promises: every call runs on the thread pool,
// never on the event loop. A short write goes on where it stopped; a failed one is reported as it is.
import { constants } from "node:fs";
import {
  type FileHandle,
  link,
  mkdir,
  open,
  readdir,
  rename,
  stat,
  statfs,
  unlink,
} from "node:fs/promises";
import { dirname } from "node:path";
import { type Disk, DiskError, type DiskErrorCode, type DiskFile } from "./disk.ts";

export class NodeDisk implements Disk {
  open(path: string): Promise<DiskFile> {
    return openFile(path, constants.O_RDWR);
  }

  create(path: string): Promise<DiskFile> {
    return openFile(path, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL);
  }

  rename(move: { readonly from: string; readonly to: string }): Promise<void> {
    return told(move.from, rename(move.from, move.to));
  }

  link(made: { readonly from: string; readonly to: string }): Promise<void> {
    return told(made.to, link(made.from, made.to));
  }

  remove(path: string): Promise<void> {
    return told(path, unlink(path));
  }

  async list(directory: string): Promise<readonly string[]> {
    const names = await told(directory, readdir(directory));
    return names.toSorted(byCodeUnits);
  }

  async makeDirectory(directory: string): Promise<void> {
    await told(directory, makeFolders(directory));
  }

  async syncDirectory(directory: string): Promise<void> {
    const handle = await told(directory, open(directory, constants.O_RDONLY));
    try {
      await told(directory, handle.sync());
    } finally {
      await handle.close();
    }
  }

  async freeBytes(directory: string): Promise<number> {
    const facts = await told(directory, statfs(directory));
    return facts.bavail * facts.bsize;
  }
}

class NodeFile implements DiskFile {
  readonly #path: string;
  readonly #handle: FileHandle;

  constructor(opened: { readonly path: string; readonly handle: FileHandle }) {
    this.#path = opened.path;
    this.#handle = opened.handle;
  }

  async read(range: { readonly at: number; readonly bytes: number }): Promise<Uint8Array> {
    const buffer = new Uint8Array(range.bytes);
    let filled = 0;
    while (filled < range.bytes) {
      const wanted = range.bytes - filled;
      const { bytesRead } = await told(
        this.#path,
        this.#handle.read(buffer, filled, wanted, range.at + filled),
      );
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return filled === range.bytes ? buffer : buffer.subarray(0, filled);
  }

  async write(write: {
    readonly at: number;
    readonly buffers: readonly Uint8Array[];
  }): Promise<void> {
    let at = write.at;
    let left = write.buffers.filter((buffer) => buffer.byteLength > 0);
    while (left.length > 0) {
      const { bytesWritten } = await told(this.#path, this.#writeSome(left, at));
      if (bytesWritten === 0) {
        throw new DiskError({
          code: "no-space",
          path: this.#path,
          message: "a write took no bytes",
        });
      }
      at += bytesWritten;
      left = withoutFirst(left, bytesWritten);
    }
  }

  #writeSome(buffers: readonly Uint8Array[], at: number): Promise<{ bytesWritten: number }> {
    const [only] = buffers;
    if (buffers.length === 1 && only !== undefined) {
      return this.#handle.write(only, 0, only.byteLength, at);
    }
    return this.#handle.writev([...buffers], at);
  }

  syncData(): Promise<void> {
    return told(this.#path, this.#handle.datasync());
  }

  async size(): Promise<number> {
    const facts = await told(this.#path, this.#handle.stat());
    return facts.size;
  }

  close(): Promise<void> {
    return told(this.#path, this.#handle.close());
  }
}

/**
 * Not Node's own `recursive`: where the system says of a folder that is there that it is not (`mkdir /proc/x`),
 * that one asks for ever, on a thread that no signal ends.
 */
async function makeFolders(directory: string): Promise<void> {
  if ((await madeFolder(directory)) === "made") return;
  const parent = dirname(directory);
  if (parent !== directory) await makeFolders(parent);
  await mkdir(directory).catch((error: unknown) => acceptFolder(directory, error));
}

/** `no-parent`: as far as the system says. */
async function madeFolder(directory: string): Promise<"made" | "no-parent"> {
  try {
    await mkdir(directory);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return "no-parent";
    await acceptFolder(directory, error);
  }
  return "made";
}

/** Who comes second finds it made. */
async function acceptFolder(directory: string, error: unknown): Promise<void> {
  const facts = await stat(directory).catch(() => undefined);
  if (facts?.isDirectory() !== true) throw error;
}

function withoutFirst(buffers: readonly Uint8Array[], bytes: number): Uint8Array[] {
  const left: Uint8Array[] = [];
  let skip = bytes;
  for (const buffer of buffers) {
    if (skip < buffer.byteLength) left.push(buffer.subarray(skip));
    skip = Math.max(0, skip - buffer.byteLength);
  }
  return left;
}

async function openFile(path: string, flags: number): Promise<DiskFile> {
  const handle = await told(path, open(path, flags, 0o600));
  return new NodeFile({ path, handle });
}

/** Waits for a system call and turns what it rejects with into a DiskError. */
async function told<Value>(path: string, call: Promise<Value>): Promise<Value> {
  try {
    return await call;
  } catch (error) {
    throw asDiskError(path, error);
  }
}

const codes: Readonly<Record<string, DiskErrorCode>> = {
  ENOENT: "not-found",
  ENOTDIR: "not-found",
  EEXIST: "exists",
  ENOSPC: "no-space",
  EDQUOT: "no-space",
  EACCES: "not-permitted",
  EPERM: "not-permitted",
  EROFS: "not-permitted",
};

function asDiskError(path: string, error: unknown): unknown {
  if (!(error instanceof Error) || !("code" in error)) return error;
  const code = codes[String(error.code)] ?? "input-output";
  return new DiskError({ code, path, message: error.message, cause: error });
}

function byCodeUnits(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
