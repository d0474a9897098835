// world.ts — the nodes of one story: pure cores on model disks, time that moves only when told, messages,
// writes and storages that go on by themselves or, where the story says so, by hand. After every step
// of every node the oracle looks whether what must hold between all of them holds (RAFT C), and the
// trace is told what came about. What a story can ask for is in commands/.
import type { Effect } from "../../packages/raft/src/core/effect.ts";
import type { Entry } from "../../packages/raft/src/core/entry.ts";
import type { Ticket } from "../../packages/raft/src/core/input.ts";
import type { Pledge, SnapshotMeta } from "../../packages/raft/src/core/message.ts";
import type { CoreSettings } from "../../packages/raft/src/core/settings.ts";
import type { Cluster } from "../../packages/raft/test/cluster.ts";
import { Oracle } from "../../packages/raft/test/oracle.ts";
import type { TestNode } from "../../packages/raft/test/test-node.ts";
import { stepWords, writtenWords } from "./effect-words.ts";
import { messageWords, sendsWords } from "./message-words.ts";
import { linkOf, Post, type Sent } from "./post.ts";
import type { Trace } from "./trace.ts";
import { type Place, StoryError } from "./words.ts";

/** What of a node may wait for the story's word. */
export type Part = "disk" | "apply" | "chunks" | "snapshot";

const turnsMax = 1000;

export class World {
  readonly cluster: Cluster;
  readonly oracle: Oracle;
  readonly post: Post;
  readonly trace: Trace;
  readonly settings: CoreSettings;
  /** Where the command stands that is performed. */
  place: Place;
  /** `disk n1`. */
  readonly #slow = new Set<string>();
  readonly #tickets = new Map<Ticket, string>();
  readonly #asked = new Map<string, number>();
  /** Stored by a slow node, and not told to its core yet. */
  readonly stored = new Map<string, SnapshotMeta>();
  /** Pledges that left with the write that is being finished. */
  #released: Pledge[] = [];
  readonly #before = new Map<string, { readonly log: readonly Entry[]; readonly leads: boolean }>();

  constructor(
    cluster: Cluster,
    parts: { readonly place: Place; readonly settings: CoreSettings; readonly trace: Trace },
  ) {
    this.cluster = cluster;
    this.settings = parts.settings;
    this.trace = parts.trace;
    this.place = parts.place;
    this.oracle = new Oracle(cluster);
    this.post = new Post(cluster);
    const judge = cluster.watch;
    cluster.watch = (node, effects) => {
      judge(node, effects);
      this.#tell(node, effects);
    };
    for (const node of cluster.nodes) {
      // Every write and answer is given here, at once or when the story says so.
      node.isQuick = false;
      const judgePledge = node.onRelease;
      node.onRelease = (pledge) => {
        judgePledge(pledge);
        if (this.post.isHeld(pledge)) this.#released.push(pledge);
      };
      this.remember(node);
    }
  }

  /** The story asks for something that can't be. */
  fail(says: string): never {
    throw new StoryError(this.place, says);
  }

  running(name: string): TestNode {
    const node = this.cluster.node(name);
    return node.raft === undefined ? this.fail(`${name} does not run`) : node;
  }

  /** Asks under a new ticket; `read 2` is what the trace calls it if there are several of its kind. */
  ask(name: string, put: (ticket: Ticket) => void): void {
    const ticket = this.cluster.nextTicket();
    this.#tickets.set(ticket, name);
    put(ticket);
  }

  numbered(kind: string): string {
    const number = (this.#asked.get(kind) ?? 0) + 1;
    this.#asked.set(kind, number);
    return `${kind} ${number}`;
  }

  isSlow(part: Part, node: TestNode): boolean {
    return this.#slow.has(`${part} ${node.name}`);
  }

  slow(part: Part, node: TestNode): void {
    this.#slow.add(`${part} ${node.name}`);
  }

  quick(part: Part, node: TestNode): void {
    const wasSlow = this.#slow.delete(`${part} ${node.name}`);
    if (!wasSlow) this.fail(`${node.name} has no slow ${part}`);
  }

  /** All that goes on by itself comes to rest. */
  settle(): void {
    for (let turn = 0; turn < turnsMax; turn++) {
      for (const node of this.cluster.running) this.#catchUp(node);
      const { flowing } = this.post;
      if (flowing.length === 0) return;
      this.post.take(flowing);
      for (const sent of flowing) this.cluster.arrive(sent);
    }
    this.fail("the nodes do not come to rest");
  }

  /** One message by hand; what its receiver does by itself follows at once. */
  deliver(sent: Sent): void {
    const { message } = sent;
    const to = this.cluster.nodes.find(({ id }) => id === message.to);
    if (to?.raft === undefined || this.cluster.isFrozen(to.name)) {
      this.fail(`nobody is there to take ${message.kind} over ${linkOf(message)}`);
    }
    this.trace.show(linkOf(message), [messageWords(message)]);
    this.cluster.arrive(sent);
    this.#catchUp(to);
  }

  /** Finishes the oldest writes with one sync. */
  sync(node: TestNode, count: number): void {
    const persists = node.disk.pending.slice(0, count);
    if (this.isSlow("disk", node)) this.trace.say(node.name, persists.flatMap(writtenWords));
    node.syncTogether(count);
  }

  /** What the next step is compared with. */
  remember(node: TestNode): void {
    const leads = node.core.positions.role === "leader";
    this.#before.set(node.name, { log: node.log(), leads });
  }

  #catchUp(node: TestNode): void {
    if (this.cluster.isFrozen(node.name)) return;
    for (let turn = 0; turn < turnsMax; turn++) if (!this.#goOn(node)) return;
    this.fail(`${node.name} does not come to rest`);
  }

  /** One thing that this node does by itself; false if there is none. */
  #goOn(node: TestNode): boolean {
    const persist = node.disk.pending[0];
    // What changes nothing writes nothing, and waits only for what is before it.
    const isWritten =
      persist !== undefined && (!this.isSlow("disk", node) || writtenWords(persist).length === 0);
    if (isWritten) {
      this.sync(node, 1);
      return true;
    }
    const place = node.chunkAnswers.findIndex(
      ({ kind }) => !this.isSlow(kind === "applied" ? "apply" : "chunks", node),
    );
    if (place === -1) return false;
    for (const answer of node.chunkAnswers.splice(place, 1)) node.input(answer);
    return true;
  }

  #tell(node: TestNode, effects: readonly Effect[]): void {
    const before = this.#before.get(node.name);
    this.trace.say(node.name, sendsWords(this.#released));
    this.#released = [];
    const facts = stepWords({
      nodeId: node.id,
      wasLeader: before?.leads ?? false,
      before: before?.log ?? [],
      effects,
      ticketName: (ticket) => this.#tickets.get(ticket) ?? `ticket ${ticket}`,
      isSendTold: (message) => this.post.isHeld(message),
      hasSlowChunks: this.isSlow("chunks", node),
    });
    this.trace.say(node.name, facts);
    this.remember(node);
  }
}
