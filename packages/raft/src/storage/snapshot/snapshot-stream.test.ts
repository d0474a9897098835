import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { identity, membersOf, self } from "../../../test/storage/situations.ts";
import { logIndex, term } from "../../core/ids.ts";
import { digestHex } from "../checksum.ts";
import { snapshotChunkBytesMax } from "./chunk.ts";
import { snapshotName, snapshotSet } from "./snapshot-set.ts";
import { readSnapshot, SnapshotChecker, snapshotChunks } from "./snapshot-stream.ts";

const meta = {
  index: logIndex(9),
  term: term(3),
  hash: "5a".repeat(32),
  configuration: membersOf([self]),
};

async function* each(pieces: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* pieces;
}

async function collect(chunks: AsyncIterable<Uint8Array>): Promise<readonly Uint8Array[]> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return all;
}

function chunksOf(pieces: readonly Uint8Array[], createdBy = ""): Promise<readonly Uint8Array[]> {
  return collect(snapshotChunks({ meta, identity, createdBy, content: each(pieces) }));
}

async function contentOf(chunks: readonly Uint8Array[]): Promise<readonly Uint8Array[]> {
  return collect((await readSnapshot(each(chunks))).content);
}

const pieces = [300_000, 5, 0, 262_144, 700_000].map((bytes, at) =>
  new Uint8Array(bytes).fill(at + 1),
);

describe("a snapshot stream", () => {
  test("gives back exactly the pieces that went in", async () => {
    const sizes = fc.array(fc.oneof(fc.nat(2000), fc.nat(600_000)), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(sizes, async (bytes) => {
        const input = bytes.map((size, at) => new Uint8Array(size).fill(at + size));

        expect((await contentOf(await chunksOf(input))).map(digestHex)).toEqual(
          input.map(digestHex),
        );
      }),
      { numRuns: 25 },
    );
  });

  test("has no chunk larger than its bound, and packs small pieces together", async () => {
    const large = await chunksOf(pieces);
    const small = await chunksOf(Array.from({ length: 5000 }, () => new Uint8Array(40)));

    expect(Math.max(...large.map((chunk) => chunk.byteLength))).toBe(snapshotChunkBytesMax);
    expect(small).toHaveLength(3);
  });

  test("refuses every flipped bit", async () => {
    const chunks = await chunksOf([new Uint8Array(100).fill(3)]);
    for (const [number, chunk] of chunks.entries()) {
      for (let at = 0; at < chunk.byteLength; at += 1) {
        const rotten = chunks.map((other) => other.slice());
        const byte = rotten[number]?.[at] ?? 0;
        rotten[number]?.set([byte ^ (1 << (at % 8))], at);

        await expect(contentOf(rotten), `chunk ${number} byte ${at}`).rejects.toMatchObject({
          name: "DamagedDataError",
        });
      }
    }
  });

  const changes: readonly (readonly [string, (chunks: Uint8Array[]) => void])[] = [
    ["without its footer", (chunks) => chunks.pop()],
    ["without a chunk in the middle", (chunks) => chunks.splice(2, 1)],
    [
      "with two chunks exchanged",
      (chunks) => chunks.splice(1, 2, ...chunks.slice(1, 3).toReversed()),
    ],
    ["with a chunk twice", (chunks) => chunks.splice(1, 0, ...chunks.slice(1, 2))],
    ["that goes on after its footer", (chunks) => chunks.push(...chunks.slice(1, 2))],
    ["without its header", (chunks) => chunks.shift()],
    ["without anything", (chunks) => chunks.splice(0)],
  ];
  test.each(changes)("%s is refused", async (_what, change) => {
    const chunks = [...(await chunksOf(pieces))];
    change(chunks);

    await expect(contentOf(chunks)).rejects.toMatchObject({ name: "DamagedDataError" });
  });

  test("of another snapshot can't lend a chunk", async () => {
    const chunks = [...(await chunksOf(pieces))];
    const others = await chunksOf(pieces.map((piece) => piece.slice().fill(9)));
    chunks.splice(2, 1, ...others.slice(2, 3));

    await expect(contentOf(chunks)).rejects.toThrow(/content chunks, its footer is for/);
  });

  test("of the same content goes on from another node's, written by another version", async () => {
    const [mine, theirs] = [await chunksOf(pieces, "0.1"), await chunksOf(pieces, "0.2")];

    const content = await contentOf([...mine.slice(0, 2), ...theirs.slice(2)]);
    expect(content.map(digestHex)).toEqual(pieces.map(digestHex));
  });

  test("refuses a chunk in another's place at once, not only at the footer", async () => {
    const chunks = await chunksOf(pieces);
    const checker = new SnapshotChecker();
    for (const chunk of chunks.slice(0, 1)) checker.add(chunk);
    const wrong = chunks[2] ?? new Uint8Array(0);

    expect(() => checker.add(wrong)).toThrow(/has a damaged chunk 1/);
  });

  test("is checked chunk by chunk as it arrives", async () => {
    const checker = new SnapshotChecker();
    for (const chunk of await chunksOf(pieces)) {
      expect(checker.isWhole).toBe(false);
      checker.add(chunk);
      expect(checker.meta).toEqual(meta);
    }

    expect(checker.isWhole).toBe(true);
    expect(checker.clusterId).toBe(identity.clusterId);
  });
});

describe("the set of snapshots", () => {
  const named = (index: number): ReturnType<typeof snapshotName> =>
    snapshotName({ ...meta, index: logIndex(index) });
  const marked = { ...meta, index: logIndex(20) };

  test("loads what the mark names, keeps the one before, removes the rest", () => {
    const listed = [named(5), named(10), named(20), named(30)];

    expect(snapshotSet({ listed, marked })).toEqual({
      current: named(20),
      previous: named(10),
      logNeededAfter: 10,
      removable: [named(5), named(30)],
    });
  });

  test("needs the whole log while there is only one", () => {
    expect(snapshotSet({ listed: [named(20)], marked })).toEqual({
      current: named(20),
      previous: undefined,
      logNeededAfter: undefined,
      removable: [],
    });
  });

  test("without a mark holds only leftovers", () => {
    const listed = [named(5)];

    expect(snapshotSet({ listed, marked: undefined }).removable).toEqual(listed);
  });

  test("refuses a mark whose snapshot is missing: nothing older is loaded instead", () => {
    const listed = [named(10), { ...named(20), hash: "00" }];

    expect(() => snapshotSet({ listed, marked, directory: "/data" })).toThrow(
      /up to entry 20 of term 3 is in snapshot (5a)+, but that snapshot is not there.*rogerd recover \/data --rejoin/,
    );
  });
});
