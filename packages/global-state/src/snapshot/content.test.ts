import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { chunkBytesMax, cutToChunks, frameBytesMax } from "./content.ts";
import { DamagedSnapshotError } from "./damaged-snapshot.ts";
import { FrameAssembler } from "./frame-assembler.ts";

function framesOf(chunks: Iterable<Uint8Array>): { frames: Uint8Array[]; isEmpty: boolean } {
  const assembler = new FrameAssembler();
  const frames: Uint8Array[] = [];
  for (const chunk of chunks) {
    assembler.add(chunk);
    for (let frame = assembler.next(); frame !== undefined; frame = assembler.next()) {
      frames.push(frame);
    }
  }
  return { frames, isEmpty: assembler.isEmpty };
}

describe("the stream of a snapshot", () => {
  test("is cut into chunks of 256 KiB, the last one shorter", () => {
    const frames = [new Uint8Array(10), new Uint8Array(600_000).fill(7), new Uint8Array(0)];

    const chunks = [...cutToChunks(frames)];

    expect(chunks.map((chunk) => chunk.length)).toEqual([
      chunkBytesMax,
      chunkBytesMax,
      600_010 + 3 * 4 - 2 * chunkBytesMax,
    ]);
    expect(framesOf(chunks)).toEqual({ frames, isEmpty: true });
  });

  test("gives its frames back wherever it was cut", () => {
    const bytes = fc.uint8Array({ maxLength: 20 });
    fc.assert(
      fc.property(fc.array(bytes), fc.array(fc.integer({ min: 1, max: 9 })), (frames, cuts) => {
        const [whole = new Uint8Array(0)] = cutToChunks(frames);
        const pieces: Uint8Array[] = [];
        let from = 0;
        for (const cut of cuts) {
          pieces.push(whole.subarray(from, from + cut));
          from += cut;
        }
        pieces.push(whole.subarray(from));
        expect(framesOf(pieces)).toEqual({ frames, isEmpty: true });
      }),
    );
  });

  test("that ends inside a frame is not empty", () => {
    const [whole = new Uint8Array(0)] = cutToChunks([new Uint8Array(10)]);

    expect(framesOf([whole.subarray(0, 2)]).isEmpty).toBe(false);
    expect(framesOf([whole.subarray(0, 4)]).isEmpty).toBe(false);
    expect(framesOf([whole.subarray(0, 13)]).isEmpty).toBe(false);
  });

  test("with a length that can't be is damage, found before anything is reserved for it", () => {
    const length = new Uint8Array(4);
    new DataView(length.buffer).setUint32(0, frameBytesMax + 1, true);

    expect(() => framesOf([length])).toThrow(DamagedSnapshotError);
  });
});
