// tail.ts — what lies at a place where the next batch should begin: a batch, the clean end, a torn
// write, or damage (RAFT E4.1, E4.2). A torn write was never synced, so each of its sectors is
// either old (all zeros) or new, and nothing comes after it. Everything else may have been
// acknowledged. Pure: it only looks at the bytes of one segment.
import { isZero } from "../binary.ts";
import {
  type BatchHead,
  damagedSectors,
  laterBatch,
  readBatchHead,
  type SegmentPlace,
  sectorBytes,
} from "./batch.ts";

export type Tail =
  | { readonly kind: "batch"; readonly head: BatchHead }
  | { readonly kind: "clean" }
  /** `through`: where its last bytes end; all of it is to be zeroed. */
  | { readonly kind: "torn"; readonly through: number }
  | { readonly kind: "damaged"; readonly what: string; readonly offset: number };

/** `sequence`: what the next batch of this log is numbered. */
export function classifyTail(place: SegmentPlace & { readonly sequence: number }): Tail {
  const { bytes, offset } = place;
  const end = bytes.byteLength;
  const headEnd = offset + sectorBytes;
  if (headEnd > end) {
    return isZero(bytes, offset, end)
      ? { kind: "clean" }
      : damaged("bytes that are no sector", offset);
  }
  if (isZero(bytes, offset, headEnd)) return withoutHead(place);
  const head = readBatchHead(place);
  if (head === undefined)
    return damaged("the first sector of a batch is neither old nor new", offset);
  if (head.sequence !== place.sequence) {
    return damaged(`batch ${head.sequence} stands where batch ${place.sequence} belongs`, offset);
  }
  if (head.durableThrough >= head.sequence || head.sectors * sectorBytes > end - offset) {
    return damaged("the head of a batch contradicts itself", offset);
  }
  return withHead(place, head);
}

/** The head's sector is still zeros: nothing was written here, or the head did not come to the disk. */
function withoutHead(place: SegmentPlace): Tail {
  const { bytes, offset } = place;
  const through = lastUsed(bytes, offset);
  if (through === offset) return { kind: "clean" };
  const later = laterBatch({ ...place, offset: offset + sectorBytes });
  if (later !== undefined) {
    return damaged(`the head of a batch is gone, and batch ${later.sequence} follows`, offset);
  }
  return { kind: "torn", through };
}

function withHead(place: SegmentPlace, head: BatchHead): Tail {
  const { bytes, offset } = place;
  const sectors = damagedSectors(place, head);
  if (sectors.length === 0) return { kind: "batch", head };
  const neither = sectors.find((sector) => sector.state === "neither");
  const first = sectors[0];
  if (neither !== undefined || first === undefined) {
    const at = offset + (neither?.sector ?? 0) * sectorBytes;
    return damaged("a sector of a batch is neither old nor new", at);
  }
  const batchEnd = offset + head.sectors * sectorBytes;
  if (lastUsed(bytes, batchEnd) !== batchEnd) {
    const later = laterBatch({ ...place, offset: batchEnd });
    const follows = later === undefined ? "something" : `batch ${later.sequence}`;
    const at = offset + first.sector * sectorBytes;
    return damaged(`a sector of a batch is empty, and ${follows} follows`, at);
  }
  return { kind: "torn", through: batchEnd };
}

function damaged(what: string, offset: number): Tail {
  return { kind: "damaged", what, offset };
}

/** The end of the last sector from `offset` on that is not all zeros; `offset` if there is none. */
export function lastUsed(bytes: Uint8Array, offset: number): number {
  let end = bytes.byteLength;
  while (end > offset && bytes[end - 1] === 0) end -= 1;
  if (end <= offset) return offset;
  return Math.min(bytes.byteLength, Math.ceil(end / sectorBytes) * sectorBytes);
}
