// rot.ts — one bit of one file of a data directory changes by itself. It chooses by a number alone, so
// that the same fault does the same; more often in the log and in snapshots, which are the largest.
import type { MemoryDisk } from "@rogerd/raft";

export async function rotDisk(
  disk: MemoryDisk,
  rot: { readonly folder: string; readonly variant: number },
): Promise<void> {
  const files = (await filesBelow(disk, rot.folder)).filter((path) => disk.peek(path).length > 0);
  const path = files[rot.variant % Math.max(1, files.length)];
  if (path === undefined) return;
  const bytes = disk.peek(path);
  const at = (rot.variant >>> 3) % usedBytes(bytes);
  disk.flipBit({ path, at, bit: (rot.variant >>> 13) % 8 });
}

/** What lies behind the end of what was ever written is of no interest. */
export function usedBytes(bytes: Uint8Array): number {
  let end = bytes.length;
  while (end > 1 && bytes[end - 1] === 0) end -= 1;
  return end;
}

export async function filesBelow(disk: MemoryDisk, folder: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const name of await disk.list(folder)) {
    const path = `${folder}/${name}`;
    const isFolder = await disk.list(path).then(
      () => true,
      () => false,
    );
    if (isFolder) found.push(...(await filesBelow(disk, path)));
    else found.push(path);
  }
  return found;
}
