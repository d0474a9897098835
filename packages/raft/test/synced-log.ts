// synced-log.ts — what a node could prove after a power cut at this moment: fed with every batch that was
// synced, asked about every message that leaves (V8). It believes nothing but the disk.
import type { HardState } from "../src/core/effect.ts";
import type { Message } from "../src/core/message.ts";
import type { Recovered, WalBatch, WalRecord } from "../src/storage/storage.ts";

export class SyncedLog {
  #hardState: HardState;
  #lastIndex: number;

  constructor(recovered: Recovered) {
    this.#hardState = recovered.hardState;
    this.#lastIndex = recovered.entries.at(-1)?.index ?? recovered.base.index;
    this.#lastIndex = Math.max(this.#lastIndex, recovered.snapshot?.index ?? 0);
  }

  synced(batch: WalBatch): void {
    for (const record of batch.records) this.#take(record);
  }

  /** What a message promises that the disk does not hold; undefined if it holds all of it. */
  brokenPromise(message: Message): string | undefined {
    const { term, votedFor } = this.#hardState;
    if (message.kind === "vote-granted") {
      return term === message.term && votedFor === message.to ? undefined : "an unsynced vote";
    }
    if (message.kind === "request-vote") {
      return term === message.term && votedFor === message.from ? undefined : "an unsynced term";
    }
    if (message.kind !== "append-accepted") return undefined;
    if (message.matchIndex > this.#lastIndex) {
      return `acknowledged through ${message.matchIndex}, on disk through ${this.#lastIndex}`;
    }
    return message.term > term ? `acknowledged in term ${message.term}` : undefined;
  }

  #take(record: WalRecord): void {
    if (record.kind === "hard-state") this.#hardState = record.hardState;
    else if (record.kind === "truncate") this.#lastIndex = record.from - 1;
    else if (record.kind === "entry") this.#lastIndex = record.entry.index;
    else this.#lastIndex = lastAfterMark(record, this.#lastIndex);
  }
}

function lastAfterMark(
  record: Extract<WalRecord, { readonly kind: "snapshot-mark" }>,
  lastIndex: number,
): number {
  const { log, snapshot } = record.mark;
  return log === "discard" ? snapshot.index : Math.max(lastIndex, snapshot.index);
}
