// driver-cluster.ts — whole nodes (driver, core, storage) in one virtual world, in the words of the
// domain: start, kill, stop, isolate, propose. Deterministic: the same calls give the same run.
import { assert } from "../src/core/assert.ts";
import type { Configuration, Member } from "../src/core/configuration.ts";
import { incarnation, type NodeId, nodeId } from "../src/core/ids.ts";
import type { RaftNodeParts } from "../src/node/duties.ts";
import type { Note, RaftObserver, RoleChange, SnapshotFact } from "../src/node/observer.ts";
import type { ProposalOutcome } from "../src/node/outcomes.ts";
import { RaftNode } from "../src/node/raft-node.ts";
import { defaultRaftNodeSettings, type RaftNodeSettings } from "../src/node/settings.ts";
import { MemoryDisk } from "../src/storage/memory-disk.ts";
import { MemoryStorage } from "../src/storage/memory-storage.ts";
import { ListMachine, payload } from "./list-machine.ts";
import { MemoryPersister } from "./memory-persister.ts";
import { VirtualNetwork } from "./virtual-network.ts";
import { VirtualPlatform, VirtualProcess, VirtualWorld } from "./virtual-platform.ts";
import { VirtualStorage } from "./virtual-storage.ts";

/** What a node told its owner. */
export class Observed implements RaftObserver {
  readonly roles: RoleChange[] = [];
  readonly stored: SnapshotFact[] = [];
  readonly installed: SnapshotFact[] = [];
  readonly configurations: Configuration[] = [];
  readonly committed: Configuration[] = [];
  readonly failures: unknown[] = [];
  readonly notes: Note[] = [];

  roleChanged(change: RoleChange): void {
    this.roles.push(change);
  }
  snapshotStored({ index, term, hash }: SnapshotFact): void {
    this.stored.push({ index, term, hash });
  }
  snapshotInstalled({ index, term, hash }: SnapshotFact): void {
    this.installed.push({ index, term, hash });
  }
  configurationChanged(configuration: Configuration): void {
    this.configurations.push(configuration);
  }
  configurationCommitted(configuration: Configuration): void {
    this.committed.push(configuration);
  }
  failed(error: unknown): void {
    this.failures.push(error);
  }
  note(fact: Note): void {
    this.notes.push(fact);
  }
}

/** One run of one node. */
export interface Running {
  readonly raft: RaftNode<number>;
  readonly process: VirtualProcess;
  readonly storage: VirtualStorage;
  readonly machine: ListMachine;
  readonly observed: Observed;
}

/** A node for ever: what outlives its process. */
export interface Place {
  readonly id: NodeId;
  memory: MemoryStorage;
  persister: MemoryPersister;
  incarnation: number;
  running: Running | undefined;
}

export class DriverCluster {
  readonly world: VirtualWorld;
  readonly network: VirtualNetwork;
  readonly places: readonly Place[];
  /** Every run of every node, also those that have ended. */
  readonly runs: Running[] = [];
  readonly #settings: RaftNodeSettings;

  private constructor(shape: {
    readonly nodes: number;
    readonly seed: number;
    readonly settings: RaftNodeSettings;
  }) {
    this.world = new VirtualWorld(shape.seed);
    this.network = new VirtualNetwork(this.world);
    this.#settings = shape.settings;
    this.places = Array.from({ length: shape.nodes }, (_, position) => ({
      id: nodeId(String(position + 1).repeat(32)),
      memory: MemoryStorage.empty(),
      persister: new MemoryPersister(),
      incarnation: 0,
      running: undefined,
    }));
    this.network.witness = (message) => {
      const sender = this.places.find(({ id }) => id === message.from)?.running;
      const broken = sender?.storage.onDisk.brokenPromise(message);
      assert(broken === undefined, `nothing is promised before it is on disk (V8): ${broken}`);
    };
  }

  /** All nodes run, the first has written the configuration, and one leads. */
  static async of(
    nodes: number,
    settings: Partial<RaftNodeSettings> = {},
    seed = 20_261_124,
  ): Promise<DriverCluster> {
    const cluster = new DriverCluster({
      nodes,
      seed,
      settings: { ...defaultRaftNodeSettings, checkEverything: true, ...settings },
    });
    for (const place of cluster.places) await cluster.start(place);
    void cluster.at(0).running?.raft.bootstrap(cluster.configuration);
    await cluster.electOne();
    return cluster;
  }

  get configuration(): Configuration {
    const members: Member[] = this.places.map(({ id }, position) => ({
      id,
      name: `n${position + 1}`,
      clientUrl: `ws://127.0.0.1:${7401 + position}`,
      peerUrl: `ws://127.0.0.1:${7501 + position}`,
    }));
    const voters = members.map(({ id }) => id);
    return { voters, votersOutgoing: [], learners: [], members, removed: [] };
  }

  at(position: number): Place {
    const place = this.places[position];
    assert(place !== undefined, "there is such a node");
    return place;
  }

  /** Of a place that runs. */
  on(place: Place): Running {
    assert(place.running !== undefined, "the node runs");
    return place.running;
  }

  async start(place: Place, changed: Partial<RaftNodeParts<number>> = {}): Promise<Running> {
    assert(place.running === undefined, "it does not run yet");
    place.incarnation += 1;
    place.memory = place.memory.reopen();
    const { world, network } = this;
    const process = new VirtualProcess(world);
    const run = incarnation(place.incarnation);
    const storage = new VirtualStorage({ world, process, inner: place.memory });
    const machine = new ListMachine();
    const observed = new Observed();
    const raft = await RaftNode.start<number>({
      identity: { clusterId: "c".repeat(32), nodeId: place.id, group: 0, incarnation: run },
      settings: this.#settings,
      storage,
      persister: place.persister,
      stateMachine: machine,
      transport: network.connect({ nodeId: place.id, incarnation: run, process }),
      platform: new VirtualPlatform({ world, process, disk: new MemoryDisk() }),
      observer: observed,
      ...changed,
    });
    const running = { raft, process, storage, machine, observed };
    place.running = running;
    this.runs.push(running);
    return running;
  }

  /** SIGKILL: what was not synced is gone, the connections close. */
  kill(place: Place): void {
    this.on(place).process.kill();
    this.network.disconnect(place.id);
    place.running = undefined;
  }

  /** In order: the write under way finishes. */
  async stop(place: Place): Promise<void> {
    const { raft, process } = this.on(place);
    let isStopped = false;
    void raft.stop().then(() => {
      isStopped = true;
    });
    await this.world.runUntil(() => isStopped, { withinMs: 1_000, what: "the node has stopped" });
    process.kill();
    this.network.disconnect(place.id);
    place.running = undefined;
  }

  get leader(): Place | undefined {
    const leaders = this.places.filter((place) => {
      const status = place.running?.raft.status();
      return status?.role === "leader" && status.hasAppliedOwnTerm;
    });
    const term = (place: Place): number => place.running?.raft.status().term ?? 0;
    return leaders.toSorted((one, other) => term(other) - term(one))[0];
  }

  async electOne(among: readonly Place[] = this.places): Promise<Place> {
    const elected = (): Place | undefined => {
      const leader = this.leader;
      return leader !== undefined && among.includes(leader) ? leader : undefined;
    };
    await this.world.runUntil(() => elected() !== undefined, {
      withinMs: 5_000,
      what: "one node leads and has applied an entry of its own term",
    });
    const leader = elected();
    assert(leader !== undefined, "there is a leader");
    return leader;
  }

  followersOf(leader: Place): readonly Place[] {
    return this.places.filter((place) => place !== leader && place.running !== undefined);
  }

  /** A proposal whose outcome can be looked at while the world goes on. */
  propose(place: Place, text: string): Watched<ProposalOutcome<number>> {
    return watch(this.on(place).raft.propose(payload(text)));
  }

  /** Runs the world until the promise has settled. */
  async outcome<Outcome>(
    watched: Watched<Outcome>,
    bound: { readonly withinMs: number } = { withinMs: 5_000 },
  ): Promise<Outcome> {
    await this.world.runUntil(() => watched.outcome !== undefined, {
      ...bound,
      what: "there is an outcome",
    });
    assert(watched.outcome !== undefined, "there is an outcome");
    return watched.outcome;
  }

  /** Until all that run have applied the same, as many items as asked for. */
  async agree(items: readonly string[]): Promise<void> {
    const expected = JSON.stringify(items);
    await this.world.runUntil(
      () =>
        this.places.every(
          ({ running }) =>
            running === undefined || JSON.stringify(running.machine.items) === expected,
        ),
      { withinMs: 10_000, what: `all nodes hold ${items.length} items` },
    );
  }
}

export interface Watched<Outcome> {
  readonly promise: Promise<Outcome>;
  outcome: Outcome | undefined;
}

export function watch<Outcome>(promise: Promise<Outcome>): Watched<Outcome> {
  const watched: Watched<Outcome> = { promise, outcome: undefined };
  void promise.then((outcome) => {
    watched.outcome = outcome;
  });
  return watched;
}
