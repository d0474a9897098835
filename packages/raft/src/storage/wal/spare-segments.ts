// spare-segments.ts — the next segment is made before it is needed, in the background, so that a
// rotation costs no more than a write (RAFT E3). Only one is made at a time.
import { type Disk, DiskError, type DiskFile } from "../disk.ts";
import { makeZeroFile } from "../zero-file.ts";
import { segmentName } from "./segment.ts";

export interface OpenSegment {
  readonly path: string;
  readonly sequence: number;
  readonly capacityBytes: number;
  readonly file: DiskFile;
}

export interface SpareSegmentsParts {
  readonly disk: Disk;
  readonly directory: string;
  readonly segmentBytes: number;
  /** Makes room on a full disk; the proposals are refused from then on. */
  readonly giveUpReserve: () => Promise<void>;
}

export class SpareSegments {
  readonly #parts: SpareSegmentsParts;
  #making: { readonly sequence: number; readonly done: Promise<number | DiskError> } | undefined;

  constructor(parts: SpareSegmentsParts) {
    this.#parts = parts;
  }

  /** One that an earlier run made. */
  adopt(spare: { readonly sequence: number; readonly bytes: number }): void {
    this.#making = { sequence: spare.sequence, done: Promise.resolve(spare.bytes) };
  }

  /** Starts to make it, unless that was done or begun. What fails is told by `take`. */
  prepare(sequence: number): void {
    if (this.#making?.sequence === sequence) return;
    const { segmentBytes: bytes } = this.#parts;
    const done = this.#make({ sequence, bytes }).then(
      () => bytes,
      (error: unknown) => asDiskError(error),
    );
    this.#making = { sequence, done };
  }

  /** The segment, with at least this capacity. On the path of a commit: it should be there already. */
  async take(wanted: {
    readonly sequence: number;
    readonly bytesMin: number;
  }): Promise<OpenSegment> {
    const { disk, directory, segmentBytes } = this.#parts;
    const { sequence, bytesMin } = wanted;
    const made = this.#making?.sequence === sequence ? await this.#making.done : 0;
    if (made instanceof DiskError && made.code !== "no-space") throw made;
    let capacityBytes = typeof made === "number" ? made : 0;
    if (capacityBytes < bytesMin) {
      capacityBytes = Math.max(segmentBytes, bytesMin);
      await this.#make({ sequence, bytes: capacityBytes });
    }
    this.#making = undefined;
    const path = `${directory}/${segmentName(sequence)}`;
    return { path, sequence, capacityBytes, file: await disk.open(path) };
  }

  async close(): Promise<void> {
    await this.#making?.done;
  }

  async #make(made: { readonly sequence: number; readonly bytes: number }): Promise<void> {
    const { disk, directory, giveUpReserve } = this.#parts;
    const file = { disk, directory, name: segmentName(made.sequence), bytes: made.bytes };
    try {
      await makeZeroFile(file);
    } catch (error) {
      if (!(error instanceof DiskError) || error.code !== "no-space") throw error;
      await giveUpReserve();
      await makeZeroFile(file);
    }
  }
}

function asDiskError(error: unknown): DiskError {
  if (error instanceof DiskError) return error;
  return new DiskError({
    code: "input-output",
    path: "",
    message: "a segment could not be made",
    cause: error,
  });
}
