// link-proxy.ts — a TCP link that can be cut: stands before a port for those who dial from one place (links.ts). It lets
// connections be, and holds back, delays or slows down what goes over them, in one direction.
import type { Server, Socket } from "node:net";
import { connect, createServer } from "node:net";
import type { Dice } from "../simulation/dice.ts";
import { Flow, type FlowCargo, type FlowRule } from "./flow.ts";

/** `there`: from who dials to the port; `back`: from the port. */
export type FlowDirection = "there" | "back";

export class LinkProxy {
  readonly port: number;
  readonly #server: Server;
  readonly #targetPort: number;
  readonly #dice: Dice;
  readonly #carries: FlowCargo;
  readonly #flows = new Map<Flow, FlowDirection>();
  /** Of both sides. */
  readonly #sockets = new Set<Socket>();
  readonly #rules: Record<FlowDirection, FlowRule> = { there: {}, back: {} };
  /** Who dialled while no answer could have come. */
  #held: Socket[] = [];

  private constructor(parts: {
    readonly server: Server;
    readonly port: number;
    readonly targetPort: number;
    readonly dice: Dice;
    readonly carries: FlowCargo;
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
    readonly carries: FlowCargo;
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

  /** For all connections, those too that are still to come. */
  rule(direction: FlowDirection, rule: FlowRule): void {
    this.#rules[direction] = rule;
    for (const [flow, its] of this.#flows) if (its === direction) flow.heed(rule);
    const held = this.#held;
    this.#held = [];
    for (const incoming of held) this.#admit(incoming);
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    this.#held = [];
    await closed;
  }

  #admit(incoming: Socket): void {
    const isAnswerable = this.#rules.there.isCut !== true && this.#rules.back.isCut !== true;
    if (isAnswerable) this.#carry(incoming);
    else this.#held.push(incoming);
  }

  #carry(incoming: Socket): void {
    const outgoing = connect({ port: this.#targetPort, host: "127.0.0.1", allowHalfOpen: true });
    this.#keep(outgoing);
    const ways = { there: [incoming, outgoing], back: [outgoing, incoming] } as const;
    for (const direction of ["there", "back"] as const) {
      const [from, to] = ways[direction];
      const rule = this.#rules[direction];
      const flow = new Flow({ from, to, dice: this.#dice, rule, carries: this.#carries });
      this.#flows.set(flow, direction);
      to.once("close", () => this.#flows.delete(flow));
    }
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.setNoDelay(true);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => this.#sockets.delete(socket));
  }
}
