// watch-lane.ts — one who looks on: watches what changes, leaves now and then and goes on where he stopped, and
// begins anew where he is told that changes are lost.
import { CompactedError, type Watch } from "@rogerd/client";
import { heldPartition } from "./hold-checks.ts";
import { Lane, type LaneParts } from "./lane.ts";
import type { Place, ToldChecks, ToldWatch } from "./told-checks.ts";

const partitions = [heldPartition, "shared", undefined] as const;
const types = [undefined, undefined, ["job", "executionKey"], ["executionKey.taken"]] as const;

export class WatchLane extends Lane {
  readonly #told: ToldChecks;
  /** Seen so far of what is watched now. */
  #record: ToldWatch | undefined;

  constructor(parts: LaneParts & { readonly told: ToldChecks }) {
    super(parts);
    this.#told = parts.told;
  }

  protected async step(): Promise<void> {
    const record = this.#record ?? this.#begins();
    this.#record = record;
    const leaves = new AbortController();
    this.#leavesOneDay(leaves);
    const { partition, place, types } = record;
    const options = {
      signal: leaves.signal,
      ...(types === undefined ? {} : { types }),
      ...(place === undefined ? {} : { from: fromOf(place) }),
    };
    const { client } = this.parts;
    const watch =
      partition === undefined ? client.watch(options) : client.partition(partition).watch(options);
    try {
      await this.#reads(watch, record);
    } catch (error) {
      if (error === left) return this.#has(record, watch.through);
      this.#record = undefined;
      if (error instanceof CompactedError) this.#told.compacted += 1;
      else this.failed("watch", error);
    }
  }

  #leavesOneDay(leaves: AbortController): void {
    const { dice, isOver, process } = this.parts;
    const endsAt = process.monotonicNow() + dice.around(1_000);
    const look = (): void => {
      if (isOver() || process.monotonicNow() >= endsAt) leaves.abort(left);
      else process.setTimer(50, look);
    };
    look();
  }

  #begins(): ToldWatch {
    const { dice, who } = this.parts;
    return this.#told.begins(who, {
      partition: dice.pick(partitions),
      types: dice.pick(types),
    });
  }

  /** What waits when it is left is still handed out. */
  async #reads(watch: Watch, record: ToldWatch): Promise<void> {
    for await (const event of watch) {
      record.events.push(event);
      this.#has(record, event);
    }
  }

  #has(record: ToldWatch, place: Place | number | undefined): void {
    if (place === undefined) return;
    if (typeof place === "object") {
      record.place = { revision: place.revision, ...(place.n === undefined ? {} : { n: place.n }) };
      return;
    }
    if (place < (record.place?.revision ?? 0)) return;
    record.place = { revision: place };
    // Nothing was told before, and from here on everything is.
    if (record.events.length === 0) record.begin ??= record.place;
  }
}

function fromOf({
  revision,
  n,
}: Place): number | { readonly revision: number; readonly n: number } {
  return n === undefined ? revision : { revision, n };
}

const left = new Error("left");
