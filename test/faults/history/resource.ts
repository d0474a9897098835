// resource.ts — the world outside that workers write to under a key, as a server of HTTP: it takes a write unless its
// token is lower than the highest that it has seen for that thing, and notes what it was given. It knows no cluster.
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { nowUs, type ResourceLine } from "./history-line.ts";

export interface OutsideWrite {
  readonly thing: string;
  readonly owner: string;
  readonly token: number;
}

export class FencedResource implements AsyncDisposable {
  readonly lines: ResourceLine[] = [];
  readonly #highest = new Map<string, number>();
  readonly #server: Server;

  constructor() {
    this.#server = createServer((request, response) => {
      // Whoever is killed as he writes has written nothing.
      request.on("error", () => response.destroy());
      void bodyOf(request).then((text) => {
        if (text === undefined) return;
        response.writeHead(this.#judge(JSON.parse(text)) ? 200 : 409).end();
      });
    });
  }

  /** `address`: of the runner's host, as the clients' machines reach it. */
  async open(address: string): Promise<string> {
    this.#server.listen(0, address);
    await once(this.#server, "listening");
    const bound = this.#server.address();
    if (bound === null || typeof bound === "string") throw new Error("it has a port");
    return `http://${address}:${bound.port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #judge({ thing, owner, token }: OutsideWrite): boolean {
    const highest = this.#highest.get(thing) ?? 0;
    const isTaken = token >= highest;
    this.#highest.set(thing, Math.max(token, highest));
    this.lines.push({ kind: "resource", at: nowUs(), thing, owner, token, isTaken });
    return isTaken;
  }
}

/** Undefined: it broke off. */
async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  await new Promise((resolve) => request.once("end", resolve).once("close", resolve));
  return request.complete ? Buffer.concat(chunks).toString("utf8") : undefined;
}
