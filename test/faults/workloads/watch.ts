// watch.ts — workload: one who looks on. He watches all that changes in a partition, leaves now and then and goes on
// where he stopped, whichever node it is heard on. He begins anew where he is told that changes are lost, and
// when he turns to another partition.
import { CompactedError, type Watch, type WatchedEvent } from "@rogerd/client";
import { Lane, told, type Workload } from "./workload.ts";

export const watchedPartitions = ["keys", "jobs", "claims"] as const;
/** Then he goes on, with the same watch. */
const watchesMs = 1_500;
/** Of goings on. */
const endsShare = 0.03;

interface Place {
  readonly revision: number;
  /** Undefined: all of the revision. */
  readonly n?: number;
}

/** A watch as its judge has it: nothing between its begin and its place may be missing. */
interface Looking {
  readonly watch: string;
  readonly partition: string;
  place: Place;
}

class WatchLane extends Lane {
  protected override partitionName: string = watchedPartitions[0];
  protected override readonly thinkMs = 50;
  #looking: Looking | undefined;
  #begun = 0;

  override async run(): Promise<void> {
    await super.run();
    if (this.#looking !== undefined) this.#says(this.#looking, "ended");
  }

  protected override async step(): Promise<void> {
    this.#looking ??= await this.#begins();
    if (this.#looking !== undefined) await this.#goesOn(this.#looking);
  }

  /** Undefined: nobody says from where. */
  async #begins(): Promise<Looking | undefined> {
    const { dice, teller, who } = this.parts;
    const partition = dice.pick(watchedPartitions);
    this.partitionName = partition;
    await this.starts(partition);
    const asks = { form: "list" };
    const call = { workload: "watch", object: partition, asks } as const;
    const list = async () => {
      const { revision } = await this.partition.list("pauses", { limit: 1 });
      return { status: "listed", revision };
    };
    const listed = await teller.call(call, list, told);
    if (listed === undefined) return undefined;
    this.#begun += 1;
    const watch = `${partition} ${who}-${this.#begun}`;
    const looking = { watch, partition, place: { revision: listed.revision } };
    this.#says(looking, "begins");
    return looking;
  }

  async #goesOn(looking: Looking): Promise<void> {
    const { dice, teller } = this.parts;
    const { revision, n } = looking.place;
    const from = n === undefined ? revision : { revision, n };
    const call = { workload: "watch", object: looking.partition, asks: { form: "watch", from } };
    let isCompacted = false;
    const seen = await teller.call(
      { ...call, workload: "watch" },
      async () => {
        try {
          return await this.#looksOn(looking, from);
        } catch (error) {
          isCompacted = error instanceof CompactedError;
          throw error;
        }
      },
      (events) => ({ answer: { events }, by: "user" }),
    );
    if (seen !== undefined && !dice.chance(endsShare)) return;
    this.#says(looking, isCompacted ? "compacted" : "ended");
    this.#looking = undefined;
  }

  /** Until he leaves: what waits then is still handed out. Resolves with how much he was told. */
  async #looksOn(looking: Looking, from: number | Required<Place>): Promise<number> {
    const leaves = new AbortController();
    void this.works(watchesMs).then(() => leaves.abort(left));
    const watch = this.partition.watch({ from, signal: leaves.signal });
    let events = 0;
    try {
      for await (const event of watch) {
        this.#tells(looking, event);
        events += 1;
      }
    } catch (error) {
      if (error !== left) throw error;
      this.#hasAllThrough(looking, watch);
    }
    return events;
  }

  #tells(looking: Looking, event: WatchedEvent): void {
    const { revision, n, type, partition, name, cause, by, item, was } = event;
    const { watch } = looking;
    const essential = { type, partition, name, cause, by, item, was };
    this.parts.teller.say({ kind: "told", watch, revision, n, event: essential });
    looking.place = { revision, n };
  }

  /** A bookmark may be of later than the last event. */
  #hasAllThrough(looking: Looking, { through = 0 }: Watch): void {
    if (through >= looking.place.revision) looking.place = { revision: through };
  }

  /** Of the last revision perhaps not all was told. */
  #says({ watch, place }: Looking, what: "begins" | "compacted" | "ended"): void {
    const revision = place.n === undefined ? place.revision : place.revision - 1;
    this.parts.teller.say({ kind: "watch", watch, what, revision });
  }
}

const left = new Error("left");

export const watchWorkload: Workload = { name: "watch", lanes: [WatchLane] };
