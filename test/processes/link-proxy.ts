// link-proxy.ts — a TCP link that can be cut: stands before a daemon's port and knows who dials. Before a peer port it
// is told, because a daemon names itself in the header `x-rogerd-node` of its upgrade; else it has one source only. Two
// ways to cut: `cut` ends the connections of a source and lets no new ones through until it is mended; `rule` lets
// them be, and holds back, delays or slows down what goes over them, in one direction.
import type { Server, Socket } from "node:net";
import { connect, createServer } from "node:net";
import { Dice } from "../simulation/dice.ts";
import { Lane, type LaneRule } from "./lane.ts";

const sourceHeader = /^x-rogerd-node: *(\S+) *\r$/im;

/** `there`: from who dials to the daemon; `back`: from the daemon. */
export type LaneDirection = "there" | "back";

interface Incoming {
  readonly incoming: Socket;
  readonly source: string;
  /** What it said before we knew who it is. */
  readonly upgrade: Buffer | undefined;
}

interface Connection {
  readonly source: string;
  readonly lanes: Readonly<Record<LaneDirection, Lane>>;
}

export class LinkProxy {
  readonly port: number;
  readonly #server: Server;
  readonly #targetPort: number;
  readonly #source: string | undefined;
  readonly #dice: Dice;
  readonly #connections = new Map<Socket, Connection>();
  /** All, of both sides, and those of which we do not know who they are. */
  readonly #sockets = new Set<Socket>();
  readonly #cutSources = new Set<string>();
  readonly #rules = new Map<string, LaneRule>();
  /** Who dialled while no answer could have come. */
  #held: Incoming[] = [];
  #isCut = false;

  private constructor(parts: {
    readonly server: Server;
    readonly port: number;
    readonly targetPort: number;
    readonly source?: string;
    readonly dice?: Dice;
  }) {
    this.#server = parts.server;
    this.port = parts.port;
    this.#targetPort = parts.targetPort;
    this.#source = parts.source;
    this.#dice = parts.dice ?? new Dice(0);
  }

  static async open(link: {
    readonly port: number;
    readonly targetPort: number;
    /** Who dials here, and nobody else. */
    readonly source?: string;
    readonly dice?: Dice;
  }): Promise<LinkProxy> {
    const server = createServer({ allowHalfOpen: true });
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(link.port, "127.0.0.1", resolve);
    });
    const proxy = new LinkProxy({ server, ...link });
    server.on("connection", (socket) => proxy.#accept(socket));
    return proxy;
  }

  /** Cuts what comes from one node, or from everybody. */
  cut(from: { readonly source?: string } = {}): void {
    if (from.source === undefined) this.#isCut = true;
    else this.#cutSources.add(from.source);
    for (const [incoming, { source }] of this.#connections) {
      if (this.#isCutFor(source)) incoming.destroy();
    }
  }

  mend(): void {
    this.#isCut = false;
    this.#cutSources.clear();
  }

  /** For all connections of a source, those too that are still to come. */
  rule(way: { readonly source: string; readonly direction: LaneDirection }, rule: LaneRule): void {
    const { source, direction } = way;
    this.#rules.set(`${direction} ${source}`, rule);
    for (const connection of this.#connections.values()) {
      if (connection.source === source) connection.lanes[direction].heed(rule);
    }
    const held = this.#held;
    this.#held = [];
    for (const each of held) this.#admit(each);
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #isCutFor(source: string): boolean {
    return this.#isCut || this.#cutSources.has(source);
  }

  #ruleOf(source: string, direction: LaneDirection): LaneRule {
    return this.#rules.get(`${direction} ${source}`) ?? {};
  }

  /** The first chunk of a dial is its upgrade request: small, and sent at once. */
  #accept(incoming: Socket): void {
    this.#keep(incoming);
    const source = this.#source;
    if (source !== undefined) return this.#admit({ incoming, source, upgrade: undefined });
    incoming.once("data", (upgrade: Buffer) => {
      const said = sourceHeader.exec(upgrade.toString("latin1"))?.[1] ?? "unknown";
      this.#admit({ incoming, source: said, upgrade });
    });
  }

  #admit(dialled: Incoming): void {
    const { incoming, source } = dialled;
    const isAnswerable = (["there", "back"] as const).every(
      (direction) => this.#ruleOf(source, direction).isCut !== true,
    );
    if (this.#isCutFor(source)) incoming.destroy();
    else if (isAnswerable) this.#carry(dialled);
    else {
      incoming.pause();
      this.#held.push(dialled);
    }
  }

  #carry({ incoming, source, upgrade }: Incoming): void {
    const outgoing = connect({ port: this.#targetPort, host: "127.0.0.1", allowHalfOpen: true });
    this.#keep(outgoing);
    const lane = (direction: LaneDirection, ends: { readonly from: Socket; readonly to: Socket }) =>
      new Lane({ ...ends, dice: this.#dice, rule: this.#ruleOf(source, direction) });
    const there = lane("there", { from: incoming, to: outgoing });
    const back = lane("back", { from: outgoing, to: incoming });
    if (upgrade !== undefined) there.take(upgrade);
    this.#connections.set(incoming, { source, lanes: { there, back } });
    incoming.on("close", () => {
      if (this.#isCutFor(source)) outgoing.destroy();
      if (outgoing.destroyed) this.#connections.delete(incoming);
    });
    outgoing.on("close", () => {
      if (incoming.destroyed) this.#connections.delete(incoming);
    });
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.setNoDelay(true);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => this.#sockets.delete(socket));
  }
}
