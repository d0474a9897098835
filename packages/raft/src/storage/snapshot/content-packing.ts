// content-packing.ts — pieces of content ↔ payloads of content chunks. A payload is a run of
// `length × 2 + (1 if the piece goes on in the next chunk) u32 | bytes`. Bounded: one payload.
import { chunkFrameBytes, snapshotChunkBytesMax } from "./chunk.ts";

const payloadBytesMax = snapshotChunkBytesMax - chunkFrameBytes - 1;
const prefixBytes = 4;

/** Gathers pieces; hands out payloads as they fill up. */
export class ContentPacker {
  #parts: Uint8Array[] = [];
  #bytes = 0;

  /** The payloads that this piece fills. */
  add(piece: Uint8Array): readonly (readonly Uint8Array[])[] {
    const full: (readonly Uint8Array[])[] = [];
    let left = piece;
    for (;;) {
      const room = payloadBytesMax - this.#bytes - prefixBytes;
      if (left.byteLength <= room) {
        this.#push(left, 0);
        return full;
      }
      if (room > 0) {
        this.#push(left.subarray(0, room), 1);
        left = left.subarray(room);
      }
      full.push(this.#take());
    }
  }

  /** What is left at the end; undefined if nothing is. */
  rest(): readonly Uint8Array[] | undefined {
    return this.#parts.length === 0 ? undefined : this.#take();
  }

  #push(bytes: Uint8Array, goesOn: 0 | 1): void {
    const prefix = new Uint8Array(prefixBytes);
    new DataView(prefix.buffer).setUint32(0, bytes.byteLength * 2 + goesOn, true);
    this.#parts.push(prefix, bytes);
    this.#bytes += prefixBytes + bytes.byteLength;
  }

  #take(): readonly Uint8Array[] {
    const parts = this.#parts;
    this.#parts = [];
    this.#bytes = 0;
    return parts;
  }
}

/** Gives back the pieces that were packed. */
export class ContentUnpacker {
  #begun: Uint8Array[] = [];

  /** True while a piece waits for its rest. */
  get isMidPiece(): boolean {
    return this.#begun.length > 0;
  }

  /** The pieces that end in this payload; undefined where it makes no sense. */
  add(payload: Uint8Array): readonly Uint8Array[] | undefined {
    const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
    const pieces: Uint8Array[] = [];
    for (let at = 0; at < payload.byteLength; ) {
      if (at + prefixBytes > payload.byteLength) return undefined;
      const prefix = view.getUint32(at, true);
      const end = at + prefixBytes + Math.floor(prefix / 2);
      if (end > payload.byteLength) return undefined;
      this.#begun.push(payload.subarray(at + prefixBytes, end));
      if (prefix % 2 === 0) pieces.push(this.#joined());
      at = end;
    }
    return pieces;
  }

  #joined(): Uint8Array {
    const begun = this.#begun;
    this.#begun = [];
    const joined = new Uint8Array(begun.reduce((sum, part) => sum + part.byteLength, 0));
    let at = 0;
    for (const part of begun) {
      joined.set(part, at);
      at += part.byteLength;
    }
    return joined;
  }
}
