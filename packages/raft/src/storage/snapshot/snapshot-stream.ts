// snapshot-stream.ts — a snapshot as a run of checked chunks, the same on disk and on the wire (E5):
// a header chunk that says whose it is and of what, content chunks, a footer chunk with their
// number, bytes and rolling hash. The hash leaves the header out: it may differ in `createdBy`
// between nodes, and a transfer may go on from another node.
import type { SnapshotMeta } from "../../core/message.ts";
import { readCount, writeCount } from "../binary.ts";
import { RollingHash } from "../checksum.ts";
import { decodeSnapshotHeader, encodeSnapshotHeader } from "../configuration-codec.ts";
import { DamagedDataError, type StorageIdentity } from "../storage.ts";
import { chunkKinds, frameChunk, openChunk } from "./chunk.ts";
import { ContentPacker, ContentUnpacker } from "./content-packing.ts";

export const snapshotFormat = 1;
const footerBytes = 48;

/** Makes the chunks of a snapshot: header, content, footer. */
export async function* snapshotChunks(snapshot: {
  readonly meta: SnapshotMeta;
  readonly identity: StorageIdentity;
  /** For whoever reads the file by eye. Default: nobody. */
  readonly createdBy?: string;
  readonly content: AsyncIterable<Uint8Array>;
}): AsyncIterable<Uint8Array> {
  const { meta, identity, createdBy = "" } = snapshot;
  const { clusterId, group } = identity;
  const header = encodeSnapshotHeader({
    format: snapshotFormat,
    clusterId,
    group,
    createdBy,
    meta,
  });
  yield frameChunk({ number: 0, kind: chunkKinds.header, parts: [header] });
  const sums = new StreamSums();
  const packer = new ContentPacker();
  const framed = (parts: readonly Uint8Array[]): Uint8Array => {
    const chunk = frameChunk({ number: sums.chunks + 1, kind: chunkKinds.content, parts });
    sums.add(chunk);
    return chunk;
  };
  for await (const piece of snapshot.content) {
    for (const parts of packer.add(piece)) yield framed(parts);
  }
  const rest = packer.rest();
  if (rest !== undefined) yield framed(rest);
  const parts = [sums.footer()];
  yield frameChunk({ number: sums.chunks + 1, kind: chunkKinds.footer, parts });
}

/** What the footer says of the content chunks. */
class StreamSums {
  chunks = 0;
  #bytes = 0;
  readonly #hash = new RollingHash();

  add(chunk: Uint8Array): void {
    this.chunks += 1;
    this.#bytes += chunk.byteLength;
    this.#hash.add(chunk);
  }

  footer(): Uint8Array {
    const footer = new Uint8Array(footerBytes);
    const view = new DataView(footer.buffer);
    writeCount(view, 0, this.chunks);
    writeCount(view, 8, this.#bytes);
    footer.set(this.#hash.value(), 16);
    return footer;
  }

  agreesWith(footer: Uint8Array): boolean {
    const own = this.footer();
    return footer.byteLength === footerBytes && own.every((byte, at) => footer[at] === byte);
  }

  /** What a footer claims, for a message. */
  static chunksIn(footer: Uint8Array): number | undefined {
    if (footer.byteLength !== footerBytes) return undefined;
    return readCount(new DataView(footer.buffer, footer.byteOffset, footerBytes), 0);
  }
}

/** Checks a run of chunks, one after the other, as they arrive from a peer or from disk. */
export class SnapshotChecker {
  readonly #sums = new StreamSums();
  readonly #unpacker = new ContentUnpacker();
  #meta: SnapshotMeta | undefined;
  #clusterId: string | undefined;
  #number = 0;
  #isWhole = false;

  /** Undefined before the header chunk. */
  get meta(): SnapshotMeta | undefined {
    return this.#meta;
  }

  /** Whose snapshot it is; undefined before the header chunk. */
  get clusterId(): string | undefined {
    return this.#clusterId;
  }

  /** True after a footer that agrees with everything before it. */
  get isWhole(): boolean {
    return this.#isWhole;
  }

  /** The pieces of content that end in this chunk. Throws DamagedDataError where anything disagrees. */
  add(chunk: Uint8Array): readonly Uint8Array[] {
    if (this.#isWhole) throw this.#damaged("goes on after its footer");
    const opened = openChunk(chunk, this.#number);
    if (opened === undefined) throw this.#damaged(`has a damaged chunk ${this.#number}`);
    const { kind, payload } = opened;
    if ((kind === chunkKinds.header) !== (this.#number === 0)) {
      throw this.#damaged(`has a chunk of kind ${kind} as chunk ${this.#number}`);
    }
    this.#number += 1;
    if (kind === chunkKinds.header) return this.#header(payload);
    if (kind === chunkKinds.content) return this.#content(chunk, payload);
    if (kind === chunkKinds.footer) return this.#footer(payload);
    throw this.#damaged(`has a chunk of a kind unknown here, ${kind}`);
  }

  #header(payload: Uint8Array): readonly Uint8Array[] {
    const header = decodeSnapshotHeader(payload);
    if (header === undefined) throw this.#damaged("has a header that makes no sense");
    if (header.format !== snapshotFormat) {
      throw this.#damaged(
        `has format ${header.format}; this rogerd reads format ${snapshotFormat}`,
      );
    }
    this.#meta = header.meta;
    this.#clusterId = header.clusterId;
    return [];
  }

  #content(chunk: Uint8Array, payload: Uint8Array): readonly Uint8Array[] {
    this.#sums.add(chunk);
    const pieces = this.#unpacker.add(payload);
    if (pieces === undefined) throw this.#damaged("has content that makes no sense");
    return pieces;
  }

  #footer(payload: Uint8Array): readonly Uint8Array[] {
    if (!this.#sums.agreesWith(payload) || this.#unpacker.isMidPiece) {
      const claimed = StreamSums.chunksIn(payload) ?? "an unknown number of";
      throw this.#damaged(`has ${this.#sums.chunks} content chunks, its footer is for ${claimed}`);
    }
    this.#isWhole = true;
    return [];
  }

  #damaged(what: string): DamagedDataError {
    const index = this.#meta === undefined ? "A snapshot" : `The snapshot at ${this.#meta.index}`;
    return new DamagedDataError(`${index} ${what}.`);
  }
}

/**
 * Reads the header at once and the content as it is asked for, exactly the pieces that were given to
 * `snapshotChunks`. Any disagreement, a missing footer too, is a DamagedDataError before the end.
 */
export async function readSnapshot(chunks: AsyncIterable<Uint8Array>): Promise<{
  readonly meta: SnapshotMeta;
  readonly clusterId: string;
  readonly content: AsyncIterable<Uint8Array>;
}> {
  const checker = new SnapshotChecker();
  const iterator = chunks[Symbol.asyncIterator]();
  const first = await iterator.next();
  if (first.done === true) throw new DamagedDataError("A snapshot is empty.");
  checker.add(first.value);
  const { meta, clusterId } = checker;
  if (meta === undefined || clusterId === undefined) {
    throw new DamagedDataError("A snapshot has no header.");
  }
  return { meta, clusterId, content: contentOf(iterator, checker) };
}

async function* contentOf(
  iterator: AsyncIterator<Uint8Array>,
  checker: SnapshotChecker,
): AsyncIterable<Uint8Array> {
  try {
    for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) {
      yield* checker.add(next.value);
    }
    if (!checker.isWhole) {
      throw new DamagedDataError(`The snapshot at ${checker.meta?.index} ends before its footer.`);
    }
  } finally {
    await iterator.return?.();
  }
}
