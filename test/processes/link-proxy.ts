// link-proxy.ts — a TCP link that can be cut: stands before a port for those who dial from one place (links.ts). Two
// ways to cut: `cut` ends the connections and lets no new ones through until it is mended; `rule` lets them be, and
// holds back, delays or slows down what goes over them, in one direction.
import type { Server, Socket } from "node:net";
import { connect, createServer } from "node:net";
import type { Dice } from "../simulation/dice.ts";
import { Lane, type LaneCargo, type LaneRule } from "./lane.ts";

/** `there`: from who dials to the port; `back`: from the port. */
export type LaneDirection = "there" | "back";

export class LinkProxy {
  readonly port: number;
  readonly #server: Server;
  readonly #targetPort: number;
  readonly #dice: Dice;
  readonly #carries: LaneCargo;
  readonly #lanes = new Map<Lane, LaneDirection>();
  /** Of both sides. */
  readonly #sockets = new Set<Socket>();
  readonly #rules: Record<LaneDirection, LaneRule> = { there: {}, back: {} };
  /** Who dialled while no answer could have come. */
  #held: Socket[] = [];
  #isCut = false;

  private constructor(parts: {
    readonly server: Server;
    readonly port: number;
    readonly targetPort: number;
    readonly dice: Dice;
    readonly carries: LaneCargo;
  }) {
    this.#server = parts.server;
    this.port = parts.port;
    this.#targetPort = parts.targetPort;
    this.#dice = parts.dice;
    this.#carries = parts.carries;
  }

  static async open(link: {
    readonly port: number;
    readonly targetPort: number;
    readonly dice: Dice;
    readonly carries: LaneCargo;
  }): Promise<LinkProxy> {
    const server = createServer({ allowHalfOpen: true, pauseOnConnect: true });
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(link.port, "127.0.0.1", resolve);
    });
    const proxy = new LinkProxy({ server, ...link });
    server.on("connection", (socket) => {
      proxy.#keep(socket);
      proxy.#admit(socket);
    });
    return proxy;
  }

  cut(): void {
    this.#isCut = true;
    this.#endAll();
  }

  mend(): void {
    this.#isCut = false;
  }

  /** For all connections, those too that are still to come. */
  rule(direction: LaneDirection, rule: LaneRule): void {
    this.#rules[direction] = rule;
    for (const [lane, its] of this.#lanes) if (its === direction) lane.heed(rule);
    const held = this.#held;
    this.#held = [];
    for (const incoming of held) this.#admit(incoming);
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#endAll();
    await closed;
  }

  #endAll(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#held = [];
  }

  #admit(incoming: Socket): void {
    const isAnswerable = this.#rules.there.isCut !== true && this.#rules.back.isCut !== true;
    if (this.#isCut) incoming.destroy();
    else if (isAnswerable) this.#carry(incoming);
    else this.#held.push(incoming);
  }

  #carry(incoming: Socket): void {
    const outgoing = connect({ port: this.#targetPort, host: "127.0.0.1", allowHalfOpen: true });
    this.#keep(outgoing);
    const ways = { there: [incoming, outgoing], back: [outgoing, incoming] } as const;
    for (const direction of ["there", "back"] as const) {
      const [from, to] = ways[direction];
      const rule = this.#rules[direction];
      const lane = new Lane({ from, to, dice: this.#dice, rule, carries: this.#carries });
      this.#lanes.set(lane, direction);
      to.once("close", () => this.#lanes.delete(lane));
    }
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.setNoDelay(true);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => this.#sockets.delete(socket));
  }
}
