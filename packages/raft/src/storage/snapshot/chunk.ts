// chunk.ts — one chunk of a snapshot stream: `len u32 | crc u32 | payload`, little-endian.
// The checksum starts from the chunk's number, so that a chunk in another's place does not check out.
// The payload begins with its kind. Content is packed: pieces of any size share chunks, a piece that
// does not fit goes on in the next; the same pieces always give the same chunks.
import { checksum, placeSeed } from "../checksum.ts";

/** A whole chunk, frame included, is never larger than this. */
export const snapshotChunkBytesMax: number = 256 * 1024;

export const chunkFrameBytes = 8;
export const chunkKinds = { header: 1, content: 2, footer: 3 } as const;

/** `parts` together are the payload after its kind. */
export function frameChunk(chunk: {
  readonly number: number;
  readonly kind: number;
  readonly parts: readonly Uint8Array[];
}): Uint8Array {
  let bytes = 1;
  for (const part of chunk.parts) bytes += part.byteLength;
  const framed = new Uint8Array(chunkFrameBytes + bytes);
  const view = new DataView(framed.buffer);
  framed[chunkFrameBytes] = chunk.kind;
  let at = chunkFrameBytes + 1;
  for (const part of chunk.parts) {
    framed.set(part, at);
    at += part.byteLength;
  }
  view.setUint32(0, bytes, true);
  const crc = checksum(framed.subarray(chunkFrameBytes), chunkSeed(chunk.number));
  view.setUint32(4, crc, true);
  return framed;
}

/** Undefined where the frame or its checksum is wrong. */
export function openChunk(
  bytes: Uint8Array,
  number: number,
): { readonly kind: number; readonly payload: Uint8Array } | undefined {
  if (bytes.byteLength <= chunkFrameBytes || bytes.byteLength > snapshotChunkBytesMax) {
    return undefined;
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, chunkFrameBytes);
  if (view.getUint32(0, true) !== bytes.byteLength - chunkFrameBytes) return undefined;
  const crc = checksum(bytes.subarray(chunkFrameBytes), chunkSeed(number));
  if (view.getUint32(4, true) !== crc) return undefined;
  return { kind: bytes[chunkFrameBytes] ?? 0, payload: bytes.subarray(chunkFrameBytes + 1) };
}

/** The length of the chunk that begins with these bytes. */
export function chunkBytes(frame: Uint8Array): number {
  const view = new DataView(frame.buffer, frame.byteOffset, chunkFrameBytes);
  return chunkFrameBytes + view.getUint32(0, true);
}

function chunkSeed(number: number): number {
  return placeSeed({ segment: 0, offset: number });
}
