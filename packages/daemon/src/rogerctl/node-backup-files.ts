// node-backup-files.ts — backup files on this machine. One is written beside its place, synced, and gets its
// name only when it is whole; a crash leaves at most a file named .part. Decides nothing about content.
import { createHash, hash, randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import { type FileHandle, open, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import type { Sum } from "../backup/backup-file.ts";

export interface NewFile {
  /** Where it is until it is kept. */
  readonly asidePath: string;
  write(bytes: Uint8Array): Promise<void>;
  /** All of it is on disk now, still aside. */
  sync(): Promise<void>;
  /** It takes its name, in the place of what had it. */
  keep(): Promise<void>;
  /** It is gone. Harmless after `keep`. */
  discard(): Promise<void>;
}

/** `other`: a folder, a device, a pipe. A backup takes the name of none of these. */
export async function whatIsAt(path: string): Promise<"nothing" | "file" | "other"> {
  try {
    return (await stat(path)).isFile() ? "file" : "other";
  } catch (error) {
    if (codeOf(error) === "ENOENT") return "nothing";
    throw error;
  }
}

export async function createFile(path: string): Promise<NewFile> {
  const asidePath = `${path}.${randomUUID().slice(0, 8)}.part`;
  const file = await open(asidePath, "wx", 0o600);
  let isKept = false;
  let isOpen = true;
  const close = async (): Promise<void> => {
    if (isOpen) await file.close();
    isOpen = false;
  };
  return {
    asidePath,
    write: (bytes) => writeAll(file, bytes),
    sync: async () => {
      await file.sync();
      await close();
    },
    keep: async () => {
      await rename(asidePath, path);
      isKept = true;
      await syncFolder(dirname(path));
    },
    discard: async () => {
      await close();
      if (!isKept) await rm(asidePath, { force: true });
    },
  };
}

/** Rejects as the system does. */
export function readFileBytes(path: string): AsyncIterable<Uint8Array> {
  return createReadStream(path, { highWaterMark: 256 * 1024 });
}

export function newSum(): Sum {
  const sum = createHash("sha256");
  return { add: (bytes) => void sum.update(bytes), value: () => sum.copy().digest() };
}

export function digestOf(bytes: Uint8Array): Uint8Array {
  return hash("sha256", bytes, "buffer");
}

/** Undefined: it is no problem of a file, but a bug. `missing` is what it means that nothing is there. */
export function fileProblem(
  error: unknown,
  { path, missing }: { readonly path: string; readonly missing: string },
): string | undefined {
  const code = codeOf(error);
  if (code === undefined || !(error instanceof Error)) return undefined;
  const words = code === "ENOENT" ? missing : problemWords.get(code);
  return `${path}: ${words ?? error.message}`;
}

const problemWords: ReadonlyMap<string, string> = new Map([
  ["EACCES", "you have no right to it"],
  ["EPERM", "you have no right to it"],
  ["EROFS", "it is on a disk that may not be written"],
  ["ENOSPC", "the disk is full"],
  ["EDQUOT", "your share of the disk is used up"],
  ["EIO", "the disk failed"],
  ["EISDIR", "it is a folder"],
  ["ENOTDIR", "something on the way to it is a file, and not a folder"],
  ["ENAMETOOLONG", "its name is too long"],
  ["ELOOP", "links lead in a circle on the way to it"],
]);

async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, at);
    at += bytesWritten;
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("syscall" in error) || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}
