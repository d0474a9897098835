// wal-damage.ts — bytes of a log's last segment are lost or changed on the disk, in the folder of a node that does not run.
import { open, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Dice } from "../../simulation/dice.ts";

const sectorBytes = 512;

interface Segment {
  readonly path: string;
  readonly bytes: Buffer;
  /** Only zeros are from there on. */
  readonly end: number;
}

/** The file ends earlier, or its last sectors are as they were before they were written. */
export async function cutTail(dataDirectory: string, dice: Dice): Promise<string> {
  const { path, bytes, end } = await lastSegment(dataDirectory);
  const lost = 1 + dice.below(Math.min(end - 1, 8 * sectorBytes));
  const isShorter = dice.chance(0.5);
  const from = end - lost;
  const sector = isShorter ? from : Math.max(sectorBytes, from - (from % sectorBytes));
  const file = await open(path, "r+");
  try {
    await file.truncate(sector);
    if (!isShorter) await file.truncate(bytes.byteLength);
  } finally {
    await file.close();
  }
  return isShorter ? `its log cut at byte ${sector}` : `its log zero from byte ${sector}`;
}

/** In the last batches, or anywhere in what is written. */
export async function flipBit(dataDirectory: string, dice: Dice): Promise<string> {
  const { path, bytes, end } = await lastSegment(dataDirectory);
  const span = dice.chance(0.5) ? Math.min(end, 4 * sectorBytes) : end;
  let at = end - 1 - dice.below(span);
  while (at > 0 && bytes[at] === 0) at -= 1;
  const file = await open(path, "r+");
  try {
    await file.write(Buffer.from([(bytes[at] ?? 0) ^ (1 << dice.below(8))]), 0, 1, at);
  } finally {
    await file.close();
  }
  return `a bit of its log flipped at byte ${at} of ${end}`;
}

/** The last one that something was written to: the next one is made ahead. */
async function lastSegment(dataDirectory: string): Promise<Segment> {
  const folder = join(dataDirectory, "group-0", "wal");
  const names = (await readdir(folder)).filter((name) => name.endsWith(".wal"));
  for (const name of names.toSorted().reverse()) {
    const path = join(folder, name);
    const bytes = await readFile(path);
    const end = writtenEnd(bytes);
    if (end > sectorBytes) return { path, bytes, end };
  }
  throw new Error(`nothing is written in ${folder}`);
}

function writtenEnd(bytes: Buffer): number {
  let end = bytes.byteLength;
  while (end > 0 && bytes[end - 1] === 0) end -= 1;
  return end;
}
