// stage.ts — where a story is played: first it is prepared — who votes, what is on the disks — and with the
// first thing that happens the nodes start. Preparing a running story is an error.
import { type CoreSettings, defaultCoreSettings } from "../../packages/raft/src/core/settings.ts";
import { Cluster, configurationOf, type PreparedDisk } from "../../packages/raft/test/cluster.ts";
import type { Trace } from "./trace.ts";
import { type Place, StoryError } from "./words.ts";
import { World } from "./world.ts";

export interface Preparation {
  voters: readonly string[];
  votersOutgoing: readonly string[];
  learners: readonly string[];
  /** They run, with empty disks, and nobody knows them. */
  outside: readonly string[];
  /** Empty disks everywhere. */
  isUnformed: boolean;
  seed: number;
  settings: Partial<CoreSettings>;
  disks: Record<string, PreparedDisk>;
}

export class Stage {
  place: Place;
  readonly #trace: Trace;
  #world: World | undefined;
  readonly #preparation: Preparation = {
    voters: [],
    votersOutgoing: [],
    learners: [],
    outside: [],
    isUnformed: false,
    seed: 1,
    settings: {},
    disks: {},
  };

  constructor(parts: { readonly place: Place; readonly trace: Trace }) {
    this.place = parts.place;
    this.#trace = parts.trace;
  }

  get preparation(): Preparation {
    if (this.#world === undefined) return this.#preparation;
    throw new StoryError(this.place, "the nodes run already: prepare them before anything happens");
  }

  get world(): World {
    if (this.#world === undefined) {
      const settings = { ...defaultCoreSettings, ...this.#preparation.settings };
      const parts = { place: this.place, settings, trace: this.#trace };
      this.#world = new World(clusterOf(this.#preparation, this.place), parts);
    }
    this.#world.place = this.place;
    return this.#world;
  }

  /** After each command: what goes on by itself does. */
  settle(): void {
    this.#world?.settle();
  }
}

function clusterOf(prepared: Preparation, place: Place): Cluster {
  const { disks, isUnformed, learners, outside, seed, settings, voters, votersOutgoing } = prepared;
  if (voters.length === 0) throw new StoryError(place, "a story begins with: cluster n1 n2 n3");
  const configuration = configurationOf({ voters, votersOutgoing, learners });
  const members = [...new Set([...voters, ...votersOutgoing, ...learners])].sort();
  const standard: PreparedDisk = { term: 1, log: [1], configuration };
  const found = members.map((name) => [name, { ...standard, ...disks[name] }] as const);
  return new Cluster({
    names: [...new Set([...members, ...outside])].sort(),
    seed,
    settings,
    disks: isUnformed ? {} : Object.fromEntries(found),
  });
}
