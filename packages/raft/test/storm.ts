// storm.ts — random faults from the world's seed against whole nodes, while proposals and reads go to
// whoever may lead; and what must be true of every outcome afterwards.
import { assert } from "../src/core/assert.ts";
import type { ProposalOutcome, ReadOutcome } from "../src/node/outcomes.ts";
import {
  type DriverCluster,
  type Place,
  type Running,
  type Watched,
  watch,
} from "./driver-cluster.ts";

interface Proposed {
  readonly text: string;
  readonly by: Running;
  readonly proposal: Watched<ProposalOutcome<number>>;
}

/** How often each thing happened: a storm in which little happens proves nothing. */
export type Tally = Readonly<Record<string, number>>;

export class Storm {
  readonly #cluster: DriverCluster;
  readonly #proposed: Proposed[] = [];
  readonly #reads: { readonly by: Running; readonly read: Watched<ReadOutcome> }[] = [];
  readonly #acknowledged: string[] = [];

  constructor(cluster: DriverCluster) {
    this.#cluster = cluster;
  }

  async blow(rounds: number): Promise<void> {
    for (let round = 0; round < rounds; round += 1) {
      for (let n = 0; n < 3; n += 1) this.#propose();
      this.#read();
      await this.#fault();
      await this.#cluster.world.runFor(this.#draw(120));
    }
  }

  /** All run, all links are whole, all disks write. */
  async calm(): Promise<void> {
    const { network, places, world } = this.#cluster;
    network.heal();
    network.delayMs = 1;
    for (const place of places) {
      if (place.running === undefined) await this.#cluster.start(place);
      place.running?.storage.recover();
    }
    await this.#cluster.electOne();
    await world.runFor(3_000);
  }

  /** Throws where an outcome is not true of what the nodes agree on. */
  judge(): Tally {
    const agreed = this.#agreedList();
    const tally: Record<string, number> = { installed: 0, stored: 0 };
    for (const { text, by, proposal } of this.#proposed) {
      const { outcome } = proposal;
      assert(outcome !== undefined || by.process.isEnded, `${text} has an outcome`);
      const kind = outcome?.kind ?? "killed";
      tally[kind] = (tally[kind] ?? 0) + 1;
      if (outcome?.kind === "applied") {
        assert(agreed[outcome.result - 1] === text, `${text} is where its result says`);
      } else if (kind !== "indeterminate" && kind !== "killed") {
        assert(!agreed.includes(text), `${text}, which is ${kind}, is not applied`);
      }
    }
    for (const { by, read } of this.#reads) {
      assert(read.outcome !== undefined || by.process.isEnded, "a read has an outcome");
      const kind = `read ${read.outcome?.kind ?? "killed"}`;
      tally[kind] = (tally[kind] ?? 0) + 1;
    }
    for (const { observed } of this.#cluster.runs) {
      for (const failure of observed.failures) throw failure;
      tally["installed"] = (tally["installed"] ?? 0) + observed.installed.length;
      tally["stored"] = (tally["stored"] ?? 0) + observed.stored.length;
    }
    this.#judgeApplied();
    return tally;
  }

  #agreedList(): readonly string[] {
    const lists = this.#cluster.places.map((place) => this.#cluster.on(place).machine.items);
    const [agreed = []] = lists;
    for (const list of lists) {
      assert(JSON.stringify(list) === JSON.stringify(agreed), "all nodes hold the same list");
    }
    assert(new Set(agreed).size === agreed.length, "nothing is applied twice");
    return agreed;
  }

  /** V5: one entry at an index, whoever applies it, and in order. */
  #judgeApplied(): void {
    const termAt = new Map<number, number>();
    for (const { machine } of this.#cluster.runs) {
      let last = 0;
      for (const { index, term } of machine.applied) {
        assert(index > last, "entries are applied in order, once in a run");
        last = index;
        assert((termAt.get(index) ?? term) === term, `one entry is applied at ${index}`);
        termAt.set(index, term);
      }
    }
  }

  #propose(): void {
    const by = this.#whoMayLead()?.running;
    if (by === undefined) return;
    const text = `item ${this.#proposed.length}`;
    const place = this.#cluster.places.find(({ running }) => running === by);
    assert(place !== undefined, "it runs somewhere");
    const proposal = this.#cluster.propose(place, text);
    this.#proposed.push({ text, by, proposal });
    void proposal.promise.then((outcome) => {
      if (outcome.kind === "applied") this.#acknowledged.push(text);
    });
  }

  /** What was acknowledged anywhere before the read must be in the state when it is ready (V11). */
  #read(): void {
    const by = this.#whoMayLead()?.running;
    if (by === undefined) return;
    const before = this.#acknowledged.length;
    const read = watch(by.raft.read());
    this.#reads.push({ by, read });
    void read.promise.then((outcome) => {
      if (outcome.kind !== "ready") return;
      const held = new Set(by.machine.items);
      for (const text of this.#acknowledged.slice(0, before)) {
        if (!held.has(text)) by.observed.failed(new Error(`a read missed ${text}`));
      }
    });
  }

  async #fault(): Promise<void> {
    const { network, world } = this.#cluster;
    const place = this.#somewhere();
    const { running } = place;
    if (running === undefined) {
      if (this.#draw(2) === 0) await this.#cluster.start(place);
      return;
    }
    const faults: (() => unknown)[] = [
      () => this.#cluster.kill(place),
      () => network.isolate(place.id),
      () => network.cut({ from: place.id, to: this.#somewhere().id }),
      () => network.heal(),
      () => network.heal(),
      () => running.process.block(this.#draw(900)),
      () => {
        running.storage.behaviour = "hangs";
      },
      () => running.storage.recover(),
      () => {
        network.delayMs = 1 + this.#draw(30);
      },
      () => {
        running.storage.writeMs = 1 + this.#draw(60);
      },
      () => running.raft.transferLeadership({ nodeId: undefined }),
      // A majority can't differ from the majority: it is always the same one that does.
      () => this.#cluster.at(0).running?.raft.markDiverged(),
    ];
    faults[this.#draw(faults.length)]?.();
    if (this.#draw(12) === 0) await world.runFor(this.#draw(1_000));
  }

  #whoMayLead(): Place | undefined {
    const leading = this.#cluster.places.filter(
      ({ running }) => running?.raft.status().role === "leader",
    );
    return leading[this.#draw(Math.max(1, leading.length))] ?? this.#somewhere();
  }

  #somewhere(): Place {
    return this.#cluster.at(this.#draw(this.#cluster.places.length));
  }

  #draw(below: number): number {
    return this.#cluster.world.draw() % below;
  }
}
