// Golden bytes of format 1. A change here is a new format: old folders must stay readable, or be
// refused by version. To write them anew: delete the file and run the test once.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import {
  append,
  command,
  cut,
  directory,
  identity,
  inTerm,
  mark,
  members,
  membersOf,
  openOn,
  other,
  self,
} from "../../test/storage/situations.ts";
import { incarnation, logIndex, term } from "../core/ids.ts";
import { startIdentity } from "./data-folder.ts";
import { MemoryDisk } from "./memory-disk.ts";
import { readSnapshot, snapshotChunks } from "./snapshot/snapshot-stream.ts";
import type { Recovered } from "./storage.ts";

/** 32 bytes a line; zeros at the end are left out. */
function hexLines(bytes: Uint8Array): string {
  let end = bytes.byteLength;
  while (end > 0 && bytes[end - 1] === 0) end -= 1;
  const hex = Buffer.from(bytes.subarray(0, end)).toString("hex");
  return `${hex.replace(/.{64}/g, "$&\n")}\n`;
}

function golden(name: string, bytes: Uint8Array): Uint8Array {
  const path = fileURLToPath(new URL(`fixtures/${name}.hex`, import.meta.url));
  if (!existsSync(path)) writeFileSync(path, hexLines(bytes));
  const text = readFileSync(path, "utf8");
  expect(hexLines(bytes)).toBe(text);
  const whole = new Uint8Array(bytes.byteLength);
  whole.set(Buffer.from(text.replaceAll("\n", ""), "hex"));
  return whole;
}

async function theLog(): Promise<{ disk: MemoryDisk; state: Recovered }> {
  const disk = new MemoryDisk();
  const limits = { segmentBytes: 8192, reserveBytes: 0 };
  const log = await openOn(disk, { limits, incarnation: incarnation(3) });
  await append(log, [inTerm(1), members(1, [self, other])]);
  await append(
    log,
    [
      inTerm(2, other),
      { kind: "entry", entry: { index: logIndex(2), term: term(2), kind: "noop" } },
    ],
    1,
  );
  await append(log, [command(3, { term: 2, bytes: 3 }), command(4, { term: 2, bytes: 700 })], 2);
  await append(log, [inTerm(3), cut(4), command(4, { term: 3, bytes: 0 })], 3);
  await append(log, [mark(3, { term: 2 })], 4);
  await append(log, [command(5, { term: 3, bytes: 4000 })], 4);
  await append(log, [mark(9, { term: 3, log: "discard" })], 4);
  await log.close();
  const again = await openOn(disk.copy(), { limits, incarnation: incarnation(4) });
  return { disk, state: again.recovered };
}

async function* content(): AsyncGenerator<Uint8Array> {
  yield Uint8Array.of(1, 2, 3);
  yield new Uint8Array(0);
  yield new Uint8Array(100).fill(7);
}

describe("format 1", () => {
  test("a log is written in these bytes, and read from them", async () => {
    const { disk, state } = await theLog();
    const other = new MemoryDisk();
    await other.makeDirectory(directory);
    for (const name of ["0000000001.wal", "0000000002.wal"]) {
      const bytes = golden(`segment-${name.slice(0, -4)}`, disk.peek(`${directory}/${name}`));
      const file = await other.create(`${directory}/${name}`);
      await file.write({ at: 0, buffers: [bytes] });
    }

    const log = await openOn(other, { incarnation: incarnation(4) });

    expect(log.recovered).toEqual(state);
    expect(state.base).toEqual({ index: 9, term: 3 });
  });

  test("a snapshot is written in these bytes, and read from them", async () => {
    const meta = {
      index: logIndex(9),
      term: term(3),
      hash: "5a".repeat(32),
      configuration: membersOf([self, other]),
    };
    const parts = { meta, identity, createdBy: "rogerd 0.1.0", content: content() };
    const chunks: Uint8Array[] = [];
    for await (const chunk of snapshotChunks(parts)) chunks.push(chunk);
    const read: Uint8Array[] = [];
    async function* fromFixture(): AsyncGenerator<Uint8Array> {
      for (const [number, chunk] of chunks.entries())
        yield golden(`snapshot-chunk-${number}`, chunk);
    }

    const snapshot = await readSnapshot(fromFixture());
    for await (const piece of snapshot.content) read.push(piece);

    expect(snapshot.meta).toEqual(meta);
    expect(read.map((piece) => piece.byteLength)).toEqual([3, 0, 100]);
  });

  test("node.json is written in these bytes", async () => {
    const disk = new MemoryDisk();

    await startIdentity({ disk, directory: "/data", newNodeId: () => self });

    expect(new TextDecoder().decode(disk.peek("/data/node.json"))).toBe(`{
  "format": 1,
  "clusterId": null,
  "nodeId": "${self}",
  "incarnation": 1,
  "hasLog": false,
  "checksum": "50760aa316adb2a37759680ab7b62d3288e16625a83839b88fc0e40bbde2f729"
}
`);
  });
});
