// behind-damage.ts — what can still be read of a log behind the place where it is damaged: single records, whole
// in themselves, of which nobody knows whether they follow from each other. Good for one question: has this
// node given votes to others since? Never writes.
import type { Configuration } from "../../core/configuration.ts";
import type { Disk } from "../disk.ts";
import { type BatchHead, batchRecordsAt, readBatchHead, sectorBytes } from "./batch.ts";
import { decodeRecord } from "./entry-codec.ts";
import { type LogTail, readWhole, segmentSequences } from "./log-reader.ts";
import { readUnchained } from "./record.ts";

/** In the order in which they were written. `tail`: where reading stopped; undefined: at the beginning. */
export async function configurationsBehind(log: {
  readonly disk: Disk;
  readonly directory: string;
  readonly tail: Pick<LogTail, "sequence" | "offset"> | undefined;
}): Promise<readonly Configuration[]> {
  const { directory, disk, tail } = log;
  const found: Configuration[] = [];
  for (const [segment, name] of await segmentSequences(log)) {
    if (tail !== undefined && segment < tail.sequence) continue;
    const bytes = await readWhole(disk, `${directory}/${name}`);
    const from = segment === tail?.sequence ? Math.max(tail.offset, sectorBytes) : sectorBytes;
    for (let offset = from; offset + sectorBytes <= bytes.byteLength; offset += sectorBytes) {
      const head = readBatchHead({ bytes, segment, offset });
      if (head !== undefined) found.push(...configurationsOf({ bytes, segment, offset, head }));
    }
  }
  return found;
}

/** Up to the first record of the batch that does not check out. */
function configurationsOf(batch: {
  readonly bytes: Uint8Array;
  readonly segment: number;
  readonly offset: number;
  readonly head: BatchHead;
}): readonly Configuration[] {
  const { bytes, head, offset, segment } = batch;
  const found: Configuration[] = [];
  const end = Math.min(bytes.byteLength, offset + head.bytes);
  for (let at = offset + batchRecordsAt(head); at < end; ) {
    const read = readUnchained({ bytes, at, segment, offset: at, end, batch: head.sequence });
    if (read.kind === "bad") return found;
    at = read.next;
    const decoded = decodeRecord(read.facts, read.payload);
    if (decoded?.kind !== "change") continue;
    const { record } = decoded;
    if (record.kind === "snapshot-mark") found.push(record.mark.snapshot.configuration);
    if (record.kind === "entry" && record.entry.kind === "configuration") {
      found.push(record.entry.configuration);
    }
  }
  return found;
}
