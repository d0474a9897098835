// link-proxy.ts — a TCP link that can be cut: stands before a daemon's peer port and knows who dials,
// because a daemon names itself in the header `x-rogerd-node` of its upgrade. A cut ends the
// connections of a source and lets no new ones through until it is mended.
import type { Server, Socket } from "node:net";
import { connect, createServer } from "node:net";

const sourceHeader = /^x-rogerd-node: *(\S+) *\r$/im;

export class LinkProxy {
  readonly port: number;
  readonly #server: Server;
  readonly #targetPort: number;
  readonly #connections = new Map<Socket, { readonly source: string; readonly outgoing: Socket }>();
  readonly #cutSources = new Set<string>();
  #isCut = false;

  private constructor(parts: {
    readonly server: Server;
    readonly port: number;
    readonly targetPort: number;
  }) {
    this.#server = parts.server;
    this.port = parts.port;
    this.#targetPort = parts.targetPort;
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

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #isCutFor(source: string): boolean {
    return this.#isCut || this.#cutSources.has(source);
  }

  /** The first chunk of a dial is its upgrade request: small, and sent at once. */
  #accept(incoming: Socket): void {
    incoming.setNoDelay(true);
    incoming.on("error", () => incoming.destroy());
    incoming.once("data", (upgrade: Buffer) => {
      const source = sourceHeader.exec(upgrade.toString("latin1"))?.[1] ?? "unknown";
      if (this.#isCutFor(source)) incoming.destroy();
      else this.#carry({ incoming, source, upgrade });
    });
  }

  #carry(link: {
    readonly incoming: Socket;
    readonly source: string;
    readonly upgrade: Buffer;
  }): void {
    const { incoming, source, upgrade } = link;
    const outgoing = connect(this.#targetPort, "127.0.0.1");
    outgoing.setNoDelay(true);
    outgoing.write(upgrade);
    this.#connections.set(incoming, { source, outgoing });
    outgoing.on("error", () => incoming.destroy());
    outgoing.on("close", () => incoming.destroy());
    incoming.on("close", () => {
      this.#connections.delete(incoming);
      outgoing.destroy();
    });
    incoming.pipe(outgoing);
    outgoing.pipe(incoming);
  }
}
