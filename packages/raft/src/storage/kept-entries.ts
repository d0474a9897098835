// kept-entries.ts — the entries of a log as its records leave them: what a start hands to the core.
// The order and the checks are log-positions.ts's; this only keeps and removes.
import type { Configuration } from "../core/configuration.ts";
import type { Entry } from "../core/entry.ts";
import type { LogIndex } from "../core/ids.ts";
import type { WalRecord } from "./storage.ts";

export class KeptEntries {
  #entries: Entry[] = [];

  /** To be called for each record after LogPositions accepted it. */
  apply(record: WalRecord): void {
    if (record.kind === "entry") this.#entries.push(record.entry);
    if (record.kind === "truncate") this.#keepBefore(record.from);
    if (record.kind === "snapshot-mark" && record.mark.log === "discard") this.#entries = [];
  }

  /** The newest of the entries, else that of the snapshot (§4.1: in force from append on). */
  configuration(beneath: Configuration | undefined): Configuration | undefined {
    const newest = this.#entries.findLast((entry) => entry.kind === "configuration");
    return newest?.kind === "configuration" ? newest.configuration : beneath;
  }

  list(): readonly Entry[] {
    return [...this.#entries];
  }

  dropThrough(through: LogIndex): void {
    this.#entries = this.#entries.filter((entry) => entry.index > through);
  }

  #keepBefore(from: LogIndex): void {
    const first = this.#entries[0];
    if (first === undefined) return;
    this.#entries.length = Math.max(0, Math.min(this.#entries.length, from - first.index));
  }
}
