// proxies.ts — hosts on loopback, for machines that permit no namespaces: a proxy before every peer port, which is told
// who dials, and one for each clients' machine before every client port. Connections are cut, late or slow; packets
// are not lost, as there are none. Processes of a clients' machine dial their proxies, whatever they are told
// (client-routes.ts): only those that are started by the words of `within` are there.
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { freePorts } from "../../processes/free-port.ts";
import { LinkProxy } from "../../processes/link-proxy.ts";
import type { NodePlace } from "../../processes/test-cluster.ts";
import { projectRoot } from "../../project-root.ts";
import { Dice } from "../../simulation/dice.ts";
import type { HostName, Hosts, LinkRule, LinkTrouble } from "./hosts.ts";

const routes = join(projectRoot, "test", "dist", "faults", "hosts", "client-routes.js");

interface Way {
  readonly from: HostName;
  readonly to: HostName;
}

export async function startProxies(options: {
  readonly nodes: number;
  readonly clients: number;
  readonly seed: number;
}): Promise<Hosts> {
  const nodes = Array.from({ length: options.nodes }, (_, at) => `n${at + 1}`);
  const clients = Array.from({ length: options.clients }, (_, at) => `c${at + 1}`);
  const ports = [...(await freePorts(nodes.length * (3 + clients.length)))];
  const next = (): number => ports.pop() ?? 0;
  const places = new Map(nodes.map((node) => [node, place(next(), next(), next())]));
  const hosts = new Proxies({ places, clients });
  try {
    await hosts.open({ dice: new Dice(options.seed).fork("proxies"), next });
    return hosts;
  } catch (problem) {
    await hosts[Symbol.asyncDispose]();
    throw problem;
  }
}

class Proxies implements Hosts {
  readonly kind = "proxies";
  readonly impossible: ReadonlySet<LinkTrouble> = new Set<LinkTrouble>(["loss"]);
  readonly nodes: ReadonlyMap<HostName, NodePlace>;
  readonly clients: readonly HostName[];
  /** By the node that they stand before. */
  readonly #peerProxies = new Map<HostName, LinkProxy>();
  /** By the clients' machine, and the node. */
  readonly #clientProxies = new Map<HostName, Map<HostName, LinkProxy>>();
  readonly #ruled = new Map<string, Way>();

  constructor(parts: {
    readonly places: ReadonlyMap<HostName, NodePlace>;
    readonly clients: readonly HostName[];
  }) {
    this.nodes = parts.places;
    this.clients = parts.clients;
  }

  async open(parts: { readonly dice: Dice; readonly next: () => number }): Promise<void> {
    const { dice, next } = parts;
    for (const [node, { listenPeer, advertisePeer }] of this.nodes) {
      const link = { port: portOf(advertisePeer), targetPort: portOf(listenPeer), dice };
      this.#peerProxies.set(node, await LinkProxy.open(link));
    }
    for (const source of this.clients) {
      const proxies = new Map<HostName, LinkProxy>();
      this.#clientProxies.set(source, proxies);
      for (const [node, { listenClient }] of this.nodes) {
        const link = { port: next(), targetPort: portOf(listenClient), source, dice };
        proxies.set(node, await LinkProxy.open(link));
      }
    }
  }

  /** The nodes' own: what stands before them is found by those who are `within`. */
  endpointsFor(_client: HostName): readonly string[] {
    return [...this.nodes.values()].map(({ listenClient }) => listenClient);
  }

  within(host: HostName): readonly string[] {
    const proxies = this.#clientProxies.get(host);
    if (proxies === undefined) return [];
    const ways = [...proxies].map(
      ([node, { port }]) => `${this.nodes.get(node)?.listenClient}=${port}`,
    );
    const preload = `--import=${pathToFileURL(routes).href}`;
    const words = [process.env["NODE_OPTIONS"], preload].filter((word) => word !== undefined);
    return ["env", `NODE_OPTIONS=${words.join(" ")}`, `TEST_ROUTES=${ways.join(",")}`];
  }

  async link(way: Way, rule: LinkRule): Promise<void> {
    if (rule.loss !== undefined && rule.loss > 0) throw new Error("proxies lose no packets");
    this.#ruled.set(`${way.from} ${way.to}`, way);
    this.#tell(way, rule);
  }

  async restore(): Promise<void> {
    const ways = [...this.#ruled.values()];
    this.#ruled.clear();
    for (const way of ways) this.#tell(way, {});
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const before = [...this.#clientProxies.values()].flatMap((proxies) => [...proxies.values()]);
    await Promise.all([...this.#peerProxies.values(), ...before].map((proxy) => proxy.close()));
  }

  /** Between two nodes there are connections that either of them has dialled. */
  #tell({ from, to }: Way, rule: LinkRule): void {
    const there = this.#proxy({ from, to });
    const back = this.#proxy({ from: to, to: from });
    if (there === undefined && back === undefined) throw new Error(`no link from ${from} to ${to}`);
    there?.rule({ source: from, direction: "there" }, rule);
    back?.rule({ source: to, direction: "back" }, rule);
  }

  /** Where those who dial are from `from`. */
  #proxy({ from, to }: Way): LinkProxy | undefined {
    if (from === to) return undefined;
    if (this.nodes.has(from)) return this.#peerProxies.get(to);
    return this.#clientProxies.get(from)?.get(to);
  }
}

function place(client: number, peer: number, proxy: number): NodePlace {
  const [listenClient = "", listenPeer = "", advertisePeer = ""] = [client, peer, proxy].map(
    (port) => `127.0.0.1:${port}`,
  );
  return { listenClient, listenPeer, advertisePeer, within: [] };
}

function portOf(address: string): number {
  return Number(address.slice(address.lastIndexOf(":") + 1));
}
