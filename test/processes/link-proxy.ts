// link-proxy.ts — a TCP link that can be cut: stands before a daemon's peer port. A cut link ends the
// connections through it and accepts no new ones until it is mended.
import type { Server, Socket } from "node:net";
import { connect, createServer } from "node:net";

export class LinkProxy {
  readonly port: number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #isCut = false;

  private constructor(parts: { readonly server: Server; readonly port: number }) {
    this.#server = parts.server;
    this.port = parts.port;
  }

  static async open(link: {
    readonly port: number;
    readonly targetPort: number;
  }): Promise<LinkProxy> {
    const server = createServer();
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(link.port, "127.0.0.1", resolve);
    });
    const proxy = new LinkProxy({ server, port: link.port });
    server.on("connection", (socket) => proxy.#carry(socket, link.targetPort));
    return proxy;
  }

  cut(): void {
    this.#isCut = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  mend(): void {
    this.#isCut = false;
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #carry(incoming: Socket, targetPort: number): void {
    if (this.#isCut) {
      incoming.destroy();
      return;
    }
    const outgoing = connect(targetPort, "127.0.0.1");
    for (const [from, to] of [
      [incoming, outgoing],
      [outgoing, incoming],
    ] as const) {
      this.#sockets.add(from);
      from.setNoDelay(true);
      from.pipe(to);
      from.on("error", () => to.destroy());
      from.on("close", () => {
        this.#sockets.delete(from);
        to.destroy();
      });
    }
  }
}
