// frame-cutter.ts — one direction of a WebSocket connection, cut into what it carries: the head of the upgrade, then
// frame by frame (RFC 6455 §5.2), each whole. What is no WebSocket comes through as it is.

export interface Piece {
  readonly bytes: Buffer;
  /** A frame that carries one message, whole: neither a part of one nor a ping, a pong or a close. */
  readonly isMessage: boolean;
}

const upgradeBegins = [Buffer.from("GET "), Buffer.from("HTTP/1.1 101 ")];
const headEnd = "\r\n\r\n";

export class FrameCutter {
  #chunks: Buffer[] = [];
  #bytes = 0;
  /** Fewer say nothing new. */
  #needed = 1;
  #carries: "head" | "frames" | "anything" = "head";

  /** What is whole now; the rest waits for more. */
  cut(chunk: Buffer): readonly Piece[] {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    const pieces: Piece[] = [];
    while (this.#bytes >= this.#needed) {
      const piece = this.#next(this.#whole());
      if (piece === undefined) break;
      pieces.push(piece);
    }
    return pieces;
  }

  #whole(): Buffer {
    const [only] = this.#chunks;
    const whole =
      this.#chunks.length === 1 && only !== undefined ? only : Buffer.concat(this.#chunks);
    this.#chunks = [whole];
    return whole;
  }

  #next(whole: Buffer): Piece | undefined {
    if (this.#carries === "head" && !mayBeUpgrade(whole)) this.#carries = "anything";
    if (this.#carries === "anything") return this.#take(whole, whole.length, false);
    if (this.#carries === "frames") return this.#nextFrame(whole);
    const end = whole.indexOf(headEnd);
    if (end < 0) return this.#waitFor(whole.length + 1);
    this.#carries = "frames";
    return this.#take(whole, end + headEnd.length, false);
  }

  #nextFrame(whole: Buffer): Piece | undefined {
    const bytes = frameBytes(whole);
    if (bytes > whole.length) return this.#waitFor(bytes);
    const first = whole[0] ?? 0;
    const [isLast, opcode] = [(first & 0x80) !== 0, first & 0x0f];
    return this.#take(whole, bytes, isLast && (opcode === 1 || opcode === 2));
  }

  #waitFor(bytes: number): undefined {
    this.#needed = bytes;
  }

  #take(whole: Buffer, length: number, isMessage: boolean): Piece {
    const rest = whole.subarray(length);
    this.#chunks = rest.length > 0 ? [rest] : [];
    this.#bytes = rest.length;
    this.#needed = 1;
    return { bytes: whole.subarray(0, length), isMessage };
  }
}

function mayBeUpgrade(whole: Buffer): boolean {
  return upgradeBegins.some((begin) => {
    const known = Math.min(begin.length, whole.length);
    return begin.subarray(0, known).equals(whole.subarray(0, known));
  });
}

/** Of the frame that begins here, or of as much of its header as must be there to know. */
function frameBytes(whole: Buffer): number {
  if (whole.length < 2) return 2;
  const second = whole[1] ?? 0;
  const [isMasked, short] = [(second & 0x80) !== 0, second & 0x7f];
  const lengthBytes = short === 127 ? 8 : short === 126 ? 2 : 0;
  const headerBytes = 2 + lengthBytes + (isMasked ? 4 : 0);
  if (whole.length < headerBytes) return headerBytes;
  if (lengthBytes === 8) return headerBytes + Number(whole.readBigUInt64BE(2));
  return headerBytes + (lengthBytes === 2 ? whole.readUInt16BE(2) : short);
}
