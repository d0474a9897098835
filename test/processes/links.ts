// links.ts — all links between places by name: a proxy for each way that somebody dials. Nodes and clients are told
// addresses by each other, so a process is led to its proxies where it dials (routes.ts): only those that were started
// by the words of `within` are in their place, all others are not held up by anything.
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { projectRoot } from "../project-root.ts";
import type { Dice } from "../simulation/dice.ts";
import type { FlowCargo, FlowRule } from "./flow.ts";
import { freePorts } from "./free-port.ts";
import { LinkProxy } from "./link-proxy.ts";

const routesProgram = join(projectRoot, "test", "dist", "processes", "routes.js");

/** Who dials whom, at which `host:port`. */
export interface Dialling {
  readonly from: string;
  readonly to: string;
  readonly address: string;
  /** `messages`: these can be repeated and reordered. */
  readonly carries?: FlowCargo;
}

interface Link extends Dialling {
  readonly proxy: LinkProxy;
}

export class Links {
  readonly #links: readonly Link[];

  private constructor(links: readonly Link[]) {
    this.#links = links;
  }

  static async open(parts: {
    readonly diallings: readonly Dialling[];
    /** Addresses at which somebody is going to listen. */
    readonly reserved: readonly string[];
    readonly dice: Dice;
  }): Promise<Links> {
    const { diallings, dice } = parts;
    const reserved = new Set(parts.reserved.map(portOf));
    const free = await freePorts(diallings.length + reserved.size);
    const ports = free.filter((port) => !reserved.has(port));
    const links = diallings.map(async (each, at) => {
      const { address, carries = "bytes" } = each;
      const link = { port: ports[at] ?? 0, targetPort: portOf(address), dice, carries };
      return { ...each, proxy: await LinkProxy.open(link) };
    });
    return new Links(await Promise.all(links));
  }

  /** The command that becomes a process in this place. */
  within(place: string): readonly string[] {
    const routes = this.#links
      .filter(({ from }) => from === place)
      .map(({ address, proxy }) => `${address}=${proxy.port}`);
    const preload = `--import=${pathToFileURL(routesProgram).href}`;
    const script = `NODE_OPTIONS="$NODE_OPTIONS ${preload}" TEST_ROUTES="${routes.join(",")}" exec "$@"`;
    return ["sh", "-c", script, "sh"];
  }

  /** Of one direction, whoever has dialled. */
  rule(way: { readonly from: string; readonly to: string }, rule: FlowRule): void {
    const { from, to } = way;
    const there = this.#links.filter((link) => link.from === from && link.to === to);
    const back = this.#links.filter((link) => link.from === to && link.to === from);
    if (there.length + back.length === 0) throw new Error(`no link from ${from} to ${to}`);
    for (const { proxy } of there) proxy.rule("there", rule);
    for (const { proxy } of back) proxy.rule("back", rule);
  }

  async close(): Promise<void> {
    await Promise.all(this.#links.map(({ proxy }) => proxy.close()));
  }
}

function portOf(address: string): number {
  return Number(address.slice(address.lastIndexOf(":") + 1));
}
