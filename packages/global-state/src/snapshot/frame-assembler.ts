// frame-assembler.ts — chunks in, whole frames out, wherever the cuts were. Trusts no length.
import { frameBytesMax, lengthBytes } from "./content.ts";
import { DamagedSnapshotError } from "./damaged-snapshot.ts";

export class FrameAssembler {
  readonly #chunks: Uint8Array[] = [];
  /** Bytes in `#chunks` that are not taken yet; the first of them is at `#from` in the first chunk. */
  #waiting = 0;
  #from = 0;
  /** Of the frame that is not complete yet. */
  #length: number | undefined;

  get isEmpty(): boolean {
    return this.#waiting === 0 && this.#length === undefined;
  }

  add(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    this.#chunks.push(chunk);
    this.#waiting += chunk.length;
  }

  /** The next frame, or undefined until more chunks are there. */
  next(): Uint8Array | undefined {
    if (this.#length === undefined) {
      const bytes = this.#take(lengthBytes);
      if (bytes === undefined) return undefined;
      this.#length = new DataView(bytes.buffer, bytes.byteOffset, lengthBytes).getUint32(0, true);
      if (this.#length > frameBytesMax) throw new DamagedSnapshotError("a frame is too long");
    }
    const frame = this.#take(this.#length);
    if (frame !== undefined) this.#length = undefined;
    return frame;
  }

  #take(length: number): Uint8Array | undefined {
    if (this.#waiting < length) return undefined;
    const taken = new Uint8Array(length);
    let filled = 0;
    while (filled < length) {
      const chunk = this.#chunks[0] ?? new Uint8Array(0);
      const piece = chunk.subarray(this.#from, this.#from + length - filled);
      taken.set(piece, filled);
      filled += piece.length;
      this.#from += piece.length;
      if (this.#from < chunk.length) continue;
      this.#chunks.shift();
      this.#from = 0;
    }
    this.#waiting -= length;
    return taken;
  }
}
