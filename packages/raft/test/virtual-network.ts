// virtual-network.ts — links between processes of one virtual world: delay, cuts, connections that
// close. What arrives is a copy, as if it had been bytes (J3). Nothing is lost unless a link is cut.
import type { Incarnation, NodeId } from "../src/core/ids.ts";
import type { Message } from "../src/core/message.ts";
import type { Transport, TransportReceiver } from "../src/node/transport.ts";
import type { VirtualProcess, VirtualWorld } from "./virtual-platform.ts";

interface Endpoint {
  readonly nodeId: NodeId;
  readonly incarnation: Incarnation;
  readonly process: VirtualProcess;
  receiver: TransportReceiver | undefined;
}

/** One message as the network saw it. */
export interface Sent {
  readonly at: number;
  readonly message: Message;
}

export class VirtualNetwork {
  readonly #world: VirtualWorld;
  readonly #endpoints = new Map<NodeId, Endpoint>();
  readonly #cut = new Set<string>();
  delayMs = 1;
  /** Everything handed to the network, delivered or not. */
  readonly sent: Sent[] = [];
  /** Sees every message at the moment it leaves. */
  witness: ((message: Message) => void) | undefined;

  constructor(world: VirtualWorld) {
    this.#world = world;
  }

  connect(node: {
    readonly nodeId: NodeId;
    readonly incarnation: Incarnation;
    readonly process: VirtualProcess;
  }): Transport {
    const endpoint: Endpoint = { ...node, receiver: undefined };
    this.#endpoints.set(node.nodeId, endpoint);
    return {
      attach: (receiver) => {
        endpoint.receiver = receiver;
      },
      send: (messages) => {
        for (const message of messages) this.#carry(endpoint, message);
      },
      hasRoom: () => true,
      configure: () => undefined,
    };
  }

  /** The process behind this id is gone: its connections close, everybody hears of it. */
  disconnect(nodeId: NodeId): void {
    const gone = this.#endpoints.get(nodeId);
    if (gone === undefined) return;
    this.#endpoints.delete(nodeId);
    for (const other of this.#endpoints.values()) {
      if (this.#isCut(nodeId, other.nodeId)) continue;
      this.#arrive(nodeId, other, (receiver) =>
        receiver.disconnected({ nodeId, incarnation: gone.incarnation }),
      );
    }
  }

  /** The connections from one node to the other close; the other hears of it, whatever is cut. */
  close(link: { readonly from: NodeId; readonly to: NodeId }): void {
    const from = this.#endpoints.get(link.from);
    const to = this.#endpoints.get(link.to);
    if (from === undefined) return;
    to?.receiver?.disconnected({ nodeId: from.nodeId, incarnation: from.incarnation });
  }

  /** Nothing passes between nodes of different sides, nor to or from who is on none. */
  split(sides: readonly (readonly NodeId[])[]): void {
    this.#cut.clear();
    for (const from of this.#endpoints.keys()) {
      for (const to of this.#endpoints.keys()) {
        const isTogether = sides.some((side) => side.includes(from) && side.includes(to));
        if (!isTogether) this.cut({ from, to });
      }
    }
  }

  /** Nothing passes from one to the other; the way back stays open. */
  cut(link: { readonly from: NodeId; readonly to: NodeId }): void {
    this.#cut.add(linkName(link.from, link.to));
  }

  /** Nothing passes between this node and the others; the connections stay open. */
  isolate(nodeId: NodeId): void {
    for (const other of this.#endpoints.keys()) {
      if (other === nodeId) continue;
      this.#cut.add(linkName(nodeId, other));
      this.#cut.add(linkName(other, nodeId));
    }
  }

  heal(): void {
    this.#cut.clear();
  }

  #isCut(from: NodeId, to: NodeId): boolean {
    return this.#cut.has(linkName(from, to));
  }

  #carry(from: Endpoint, message: Message): void {
    this.sent.push({ at: this.#world.now, message });
    this.witness?.(message);
    const to = this.#endpoints.get(message.to);
    if (to === undefined || this.#isCut(from.nodeId, message.to)) return;
    const copy = structuredClone(message);
    this.#arrive(from.nodeId, to, (receiver) =>
      receiver.received({ message: copy, incarnation: from.incarnation }),
    );
  }

  /** On its way when the link is cut, it is lost. */
  #arrive(from: NodeId, to: Endpoint, run: (receiver: TransportReceiver) => void): void {
    this.#world.schedule({
      afterMs: this.delayMs,
      lane: "arrival",
      process: to.process,
      run: () => {
        if (to.receiver !== undefined && !this.#isCut(from, to.nodeId)) run(to.receiver);
      },
    });
  }
}

function linkName(from: NodeId, to: NodeId): string {
  return `${from} ${to}`;
}
