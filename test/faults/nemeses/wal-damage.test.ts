// wal-damage.test.ts — what is damaged is the last segment that was written to, near its end, and nothing else; and it is damaged.
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Dice } from "../../simulation/dice.ts";
import { cutTail, flipBit } from "./wal-damage.ts";

const bytesOfSegment = 64 * 512;
const writtenEnd = 20 * 512 + 100;
const headerEnd = 64;

async function inFolder(
  run: (data: string, segment: (name: string) => string) => Promise<void>,
): Promise<void> {
  const data = await mkdtemp(join(tmpdir(), "rogerd-wal-"));
  const wal = join(data, "group-0", "wal");
  const segment = (name: string): string => join(wal, `${name}.wal`);
  try {
    await mkdir(wal, { recursive: true });
    await writeFile(segment("0000000001"), Buffer.alloc(bytesOfSegment, 7));
    await writeFile(segment("0000000002"), zerosAfter(writtenEnd));
    // Made ahead: a header, and nothing yet.
    await writeFile(segment("0000000003"), zerosAfter(headerEnd));
    await run(data, segment);
  } finally {
    await rm(data, { recursive: true });
  }
}

function zerosAfter(end: number): Buffer {
  return Buffer.concat([Buffer.alloc(end, 7), Buffer.alloc(bytesOfSegment - end)]);
}

async function holds(path: string, bytes: Buffer): Promise<boolean> {
  return bytes.equals(await readFile(path));
}

test("a cut takes some of the last sectors, and leaves a shorter file or zeros", async () => {
  const lengths = new Set<number>();
  for (let seed = 0; seed < 30; seed += 1) {
    await inFolder(async (data, segment) => {
      await cutTail(data, new Dice(seed));
      const left = await readFile(segment("0000000002"));
      const kept = left.findIndex((byte) => byte === 0);
      const end = kept < 0 ? left.byteLength : kept;
      expect(end).toBeLessThan(writtenEnd);
      expect(end).toBeGreaterThanOrEqual(writtenEnd - 9 * 512);
      expect(await holds(segment("0000000001"), Buffer.alloc(bytesOfSegment, 7))).toBe(true);
      expect(await holds(segment("0000000003"), zerosAfter(headerEnd))).toBe(true);
      lengths.add(left.byteLength === bytesOfSegment ? 0 : 1);
    });
  }
  expect(lengths).toEqual(new Set([0, 1]));
});

test("rot is one bit of what was written", async () => {
  for (let seed = 0; seed < 30; seed += 1) {
    await inFolder(async (data, segment) => {
      await flipBit(data, new Dice(seed));
      const before = zerosAfter(writtenEnd);
      const after = await readFile(segment("0000000002"));
      const changed = [...after.keys()].filter((at) => after[at] !== before[at]);
      expect(changed).toHaveLength(1);
      const [at = 0] = changed;
      expect(at).toBeLessThan(writtenEnd);
      const bits = (after[at] ?? 0) ^ (before[at] ?? 0);
      expect(Math.log2(bits) % 1).toBe(0);
    });
  }
});
