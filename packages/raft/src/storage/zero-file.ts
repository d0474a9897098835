// zero-file.ts — a file of zeros whose space is really taken, so that writing into it later neither
// grows it nor runs out of space. Never in the way of a commit: made ahead, in small steps.
import type { Disk } from "./disk.ts";

const stepBytes = 1024 * 1024;
const zeros = new Uint8Array(stepBytes);

/** Written aside, synced, renamed, folder synced: under `path` it is whole or not there. */
export async function makeZeroFile(made: {
  readonly disk: Disk;
  readonly directory: string;
  readonly name: string;
  readonly bytes: number;
}): Promise<void> {
  const { disk, directory, name, bytes } = made;
  const aside = `${directory}/${name}.tmp`;
  await removeIfThere(disk, aside);
  const file = await disk.create(aside);
  try {
    for (let at = 0; at < bytes; at += stepBytes) {
      await file.write({ at, buffers: [zeros.subarray(0, Math.min(stepBytes, bytes - at))] });
      // Step by step: one large flush would make the syncs of the log wait for it.
      await file.syncData();
    }
  } finally {
    await file.close();
  }
  await disk.rename({ from: aside, to: `${directory}/${name}` });
  await disk.syncDirectory(directory);
}

/** Overwrites a part of a file with zeros. Durable after the caller's sync. */
export async function zeroRange(
  file: { write(write: { at: number; buffers: readonly Uint8Array[] }): Promise<void> },
  range: { readonly from: number; readonly to: number },
): Promise<void> {
  for (let at = range.from; at < range.to; at += stepBytes) {
    await file.write({ at, buffers: [zeros.subarray(0, Math.min(stepBytes, range.to - at))] });
  }
}

export async function removeIfThere(disk: Disk, path: string): Promise<void> {
  const cut = path.lastIndexOf("/");
  const names = await disk.list(path.slice(0, cut));
  if (names.includes(path.slice(cut + 1))) await disk.remove(path);
}
