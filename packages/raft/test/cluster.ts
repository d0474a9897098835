// cluster.ts — a cluster in memory, for tests: every message lies in a list until the test delivers
// or drops it, one class of message to one node at one moment; every write waits for its sync.
// `settle` and `pass` are for the parts of a story that go well. No real time, no real disk.
import { assert } from "../src/core/assert.ts";
import { type Configuration, type Member, makeConfiguration } from "../src/core/configuration.ts";
import type { Effect } from "../src/core/effect.ts";
import type { Entry } from "../src/core/entry.ts";
import {
  type Incarnation,
  incarnation,
  later,
  logIndex,
  type MonotonicMs,
  monotonicMs,
  type NodeId,
  nodeId,
  term,
} from "../src/core/ids.ts";
import type { MembershipChange } from "../src/core/input.ts";
import type { Message } from "../src/core/message.ts";
import { type CoreSettings, defaultCoreSettings } from "../src/core/settings.ts";
import { type Answer, TestNode } from "./test-node.ts";

/** `n1` … `n9`, in the order of their ids. */
export const idOf = (name: string): NodeId => nodeId(name.slice(1).padStart(32, "0"));
export const nameOf = (id: NodeId): string => `n${id.replace(/^0+/, "")}`;

export function configurationOf(parts: {
  readonly voters: readonly string[];
  readonly votersOutgoing?: readonly string[];
  readonly learners?: readonly string[];
  readonly removed?: readonly string[];
}): Configuration {
  const { voters, votersOutgoing = [], learners = [], removed = [] } = parts;
  const names = [...new Set([...voters, ...votersOutgoing, ...learners])];
  return makeConfiguration({
    voters: voters.map(idOf),
    votersOutgoing: votersOutgoing.map(idOf),
    learners: learners.map(idOf),
    removed: removed.map(idOf),
    members: names.map(memberOf),
  });
}

export function memberOf(name: string): Member {
  return {
    id: idOf(name),
    name,
    clientUrl: `ws://${name}:7401`,
    peerUrl: `ws://${name}:7501`,
  };
}

/** A disk as earlier terms left it: the term of each entry from 1 on, and the node's own. */
export interface PreparedDisk {
  readonly term: number;
  readonly votedFor?: string;
  readonly log: readonly number[];
  /** What entry 1 says; by default all vote. */
  readonly configuration?: Configuration;
}

interface OnItsWay {
  readonly message: Message;
  readonly incarnation: Incarnation;
}

/** Which messages are meant; all that is left out matches everything. */
export interface Which {
  readonly from?: string;
  readonly to?: string;
  readonly kind?: Message["kind"];
}

export class Cluster {
  readonly nodes: readonly TestNode[];
  readonly clock: { now: MonotonicMs } = { now: monotonicMs(1000) };
  /** Oldest first. */
  inFlight: OnItsWay[] = [];
  /** Sees every step of every node. */
  watch: (node: TestNode, effects: readonly Effect[]) => void = () => undefined;
  /** Cut links, `n1>n2`: what is sent over them is lost. */
  readonly #cut = new Set<string>();
  /** Stopped where they stand: nothing reaches them, and they do nothing. */
  readonly #frozen = new Set<string>();
  #tickets = 0;

  constructor(parts: {
    readonly names: readonly string[];
    readonly seed?: number;
    readonly settings?: Partial<CoreSettings>;
    /** What the nodes find on their disks; see `prepare`. */
    readonly disks?: Readonly<Record<string, PreparedDisk>>;
  }) {
    const { disks = {}, names, seed = 1 } = parts;
    const settings = { ...defaultCoreSettings, checkEverything: true, ...parts.settings };
    this.nodes = names.map(
      (name, place) =>
        new TestNode({
          id: idOf(name),
          name,
          seed: (seed * 31 + place * 104_729) >>> 0,
          settings,
          clock: this.clock,
          send: (message, from) => this.#send(message, from),
          watch: (node, effects) => this.watch(node, effects),
        }),
    );
    for (const node of this.nodes) {
      prepare(node, { names, disk: disks[node.name] });
      node.start();
    }
  }

  node(name: string): TestNode {
    const node = this.nodes.find((candidate) => candidate.name === name);
    assert(node !== undefined, `${name} is in the cluster`);
    return node;
  }

  get running(): readonly TestNode[] {
    return this.nodes.filter((node) => node.raft !== undefined);
  }

  /** The leader of the latest term, if one leads. */
  get leader(): TestNode | undefined {
    return this.running
      .filter((node) => node.core.positions.role === "leader")
      .sort((left, right) => right.core.positions.term - left.core.positions.term)[0];
  }

  /** Delivers those that are on their way now, in order; what they cause stays on its way. */
  deliver(which: Which = {}): number {
    const chosen = this.inFlight.filter(
      ({ message }) => matches(message, which) && !this.#frozen.has(nameOf(message.to)),
    );
    this.inFlight = this.inFlight.filter((sent) => !chosen.includes(sent));
    for (const sent of chosen) this.arrive(sent);
    return chosen.length;
  }

  drop(which: Which = {}): number {
    const before = this.inFlight.length;
    this.inFlight = this.inFlight.filter((sent) => !matches(sent.message, which));
    return before - this.inFlight.length;
  }

  onItsWay(which: Which = {}): readonly Message[] {
    return this.inFlight.map((sent) => sent.message).filter((message) => matches(message, which));
  }

  arrive(sent: OnItsWay): void {
    const to = this.nodes.find((node) => node.id === sent.message.to);
    if (to?.raft !== undefined) to.input({ kind: "message", ...sent });
  }

  /** A message that the test makes up. */
  tell(message: Message): void {
    const from = this.nodes.find((node) => node.id === message.from);
    this.arrive({ message, incarnation: from?.incarnation ?? incarnation(1) });
  }

  /** What is on its way, in short: `heartbeat n1>n2`. */
  mail(which: Which = {}): readonly string[] {
    return this.onItsWay(which).map(
      ({ from, kind, to }) => `${kind} ${nameOf(from)}>${nameOf(to)}`,
    );
  }

  /** Everything that is on its way arrives, and what that causes, and every write is synced. */
  settle(): void {
    for (let turn = 0; turn < 10_000; turn++) {
      for (const node of this.running) if (node.isQuick) node.catchUp();
      if (this.deliver() === 0) return;
    }
    throw new Error("the cluster does not come to rest");
  }

  /** Goes on in small turns, `name` waking when nothing is on its way, until it comes to this. */
  runUntil(name: string, hasCome: () => boolean): void {
    for (let turn = 0; turn < 1000; turn++) {
      if (hasCome()) return;
      if (this.deliver() === 0) this.wake(name);
    }
    throw new Error("it does not come to that");
  }

  /** Time passes, and everything goes well meanwhile. */
  pass(durationMs: number): void {
    const end = later(this.clock.now, durationMs);
    this.settle();
    for (let turn = 0; ; turn++) {
      assert(turn < 100_000, "time passes");
      const next = this.running
        .filter((node) => node.core.wakeAt <= end && !this.#frozen.has(node.name))
        .sort((left, right) => left.core.wakeAt - right.core.wakeAt)[0];
      if (next === undefined) break;
      this.wake(next.name);
      this.settle();
    }
    if (this.clock.now < end) this.clock.now = end;
  }

  /** Time goes to when this node must act, and it acts. */
  wake(name: string): void {
    const node = this.node(name);
    if (node.core.wakeAt > this.clock.now) this.clock.now = node.core.wakeAt;
    node.input({ kind: "wake" });
  }

  /** This node founds the cluster with this first configuration. */
  bootstrap(name: string, configuration: Configuration): void {
    this.node(name).input({ kind: "bootstrap", configuration });
  }

  /** Makes this node lead, by its own campaign; everybody else lets it. */
  elect(name: string): void {
    this.pass(0);
    this.clock.now = later(this.clock.now, 300);
    for (let attempt = 0; attempt < 20; attempt++) {
      if (this.leader?.name === name) return;
      this.wake(name);
      this.settle();
    }
    throw new Error(`${name} is not elected`);
  }

  propose(name: string, ...texts: readonly string[]): () => Answer | undefined {
    const ticket = this.nextTicket();
    const payloads = texts.map((text) => new TextEncoder().encode(text));
    this.node(name).input({ kind: "propose", ticket, payloads });
    return () => this.node(name).answers.get(ticket);
  }

  read(name: string): () => Answer | undefined {
    const ticket = this.nextTicket();
    this.node(name).input({ kind: "read", ticket });
    return () => this.node(name).answers.get(ticket);
  }

  transfer(name: string, to: string | undefined): () => Answer | undefined {
    const ticket = this.nextTicket();
    const target = to === undefined ? undefined : idOf(to);
    this.node(name).input({ kind: "transfer", ticket, to: target });
    return () => this.node(name).answers.get(ticket);
  }

  change(
    name: string,
    change: MembershipChange,
    guard: "kept" | "waived" = "kept",
  ): () => Answer | undefined {
    const ticket = this.nextTicket();
    this.node(name).input({ kind: "change-membership", ticket, change, guard });
    return () => this.node(name).answers.get(ticket);
  }

  nextTicket(): number {
    this.#tickets += 1;
    return this.#tickets;
  }

  /** Cuts all links of these nodes to all others; what is on its way there is lost. */
  isolate(...names: readonly string[]): void {
    for (const inside of names) {
      for (const { name: outside } of this.nodes) {
        if (!names.includes(outside)) this.cut(inside, outside);
      }
    }
  }

  cut(one: string, other: string): void {
    for (const [from, to] of [
      [one, other],
      [other, one],
    ] as const) {
      this.#cut.add(`${from}>${to}`);
      this.drop({ from, to });
    }
  }

  heal(): void {
    this.#cut.clear();
  }

  /** The process is stopped, as by SIGSTOP: what is sent to it waits. */
  freeze(name: string): void {
    this.#frozen.add(name);
  }

  thaw(name: string): void {
    this.#frozen.delete(name);
  }

  isFrozen(name: string): boolean {
    return this.#frozen.has(name);
  }

  /** `name` sees its last connection to that node close. */
  disconnect(name: string, peerName: string): void {
    const peer = this.node(peerName);
    this.node(name).input({
      kind: "disconnected",
      peer: peer.id,
      incarnation: peer.incarnation,
    });
  }

  /** The process is killed: every connection to it closes, and it forgets what was not synced. */
  kill(name: string): void {
    this.node(name).crash();
    for (const node of this.running) this.disconnect(node.name, name);
  }

  #send(message: Message, from: TestNode): void {
    if (this.#cut.has(`${nameOf(message.from)}>${nameOf(message.to)}`)) return;
    this.inFlight.push({ message: deepFreeze(message), incarnation: from.incarnation });
  }
}

/** Three nodes, formed, with `n1` leading and everybody idle. */
export function clusterOfThree(
  parts: { readonly seed?: number; readonly settings?: Partial<CoreSettings> } = {},
): Cluster {
  return clusterOf(["n1", "n2", "n3"], parts);
}

export function clusterOf(
  names: readonly string[],
  parts: {
    readonly seed?: number;
    readonly settings?: Partial<CoreSettings>;
    readonly configuration?: Configuration;
  } = {},
): Cluster {
  const { configuration = configurationOf({ voters: names }), ...rest } = parts;
  const cluster = new Cluster({ names, ...rest });
  cluster.bootstrap("n1", configuration);
  cluster.elect("n1");
  cluster.pass(100);
  return cluster;
}

/** Entry 1 is the configuration; the others are commands that say where they stand: `3@2`. */
function prepare(
  node: TestNode,
  found: { readonly names: readonly string[]; readonly disk: PreparedDisk | undefined },
): void {
  const { disk, names } = found;
  if (disk === undefined) return;
  const votedFor = disk.votedFor === undefined ? undefined : idOf(disk.votedFor);
  const configuration = disk.configuration ?? configurationOf({ voters: names });
  node.disk.hardState = { term: term(disk.term), votedFor };
  node.disk.entries = disk.log.map((entryTerm, place): Entry => {
    const position = { index: logIndex(place + 1), term: term(entryTerm) };
    if (place === 0) return { ...position, kind: "configuration", configuration };
    const payload = new TextEncoder().encode(`${place + 1}@${entryTerm}`);
    return { ...position, kind: "command", payload };
  });
}

function matches(message: Message, which: Which): boolean {
  return (
    (which.from === undefined || nameOf(message.from) === which.from) &&
    (which.to === undefined || nameOf(message.to) === which.to) &&
    (which.kind === undefined || message.kind === which.kind)
  );
}

/** No node may change what another holds too (J3). Bytes can't be frozen. */
function deepFreeze<Value>(value: Value): Value {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  if (value instanceof Uint8Array) return value;
  for (const part of Object.values(value)) deepFreeze(part);
  return Object.freeze(value);
}
