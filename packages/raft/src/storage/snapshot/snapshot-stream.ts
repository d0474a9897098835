// snapshot-stream.ts — a snapshot as a run of checked chunks, the same on disk and on the wire (E5).
import type { SnapshotMeta } from "../../core/message.ts";
import type { StorageIdentity } from "../storage.ts";

/** A whole chunk, frame included, is never larger than this. */
export const snapshotChunkBytesMax: number = 256 * 1024;

/** Makes the chunks of a snapshot: header, content, footer. */
export function snapshotChunks(_snapshot: {
  readonly meta: SnapshotMeta;
  readonly identity: StorageIdentity;
  readonly content: AsyncIterable<Uint8Array>;
}): AsyncIterable<Uint8Array> {
  throw new Error("not built yet");
}

/** Checks a run of chunks, one after the other, as they arrive from a peer or from disk. */
export class SnapshotChecker {
  /** Undefined before the header chunk. */
  get meta(): SnapshotMeta | undefined {
    return undefined;
  }

  /** True after a footer that agrees with everything before it. */
  get isWhole(): boolean {
    return false;
  }

  /** The pieces of content that end in this chunk. Throws DamagedDataError where anything disagrees. */
  add(_chunk: Uint8Array): readonly Uint8Array[] {
    throw new Error("not built yet");
  }
}

/**
 * Reads the header at once and the content as it is asked for, exactly the pieces that were given to
 * `snapshotChunks`. Any disagreement, a missing footer too, is a DamagedDataError before the end.
 */
export function readSnapshot(_chunks: AsyncIterable<Uint8Array>): Promise<{
  readonly meta: SnapshotMeta;
  readonly clusterId: string;
  readonly content: AsyncIterable<Uint8Array>;
}> {
  return Promise.reject(new Error("not built yet"));
}
