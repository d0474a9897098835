// proxies.ts — hosts on loopback, for machines that permit no namespaces: a proxy for every way that somebody dials.
// Connections are cut, late or slow; packets are not lost, as there are none; and what nodes say to each other is told
// twice, and in another order. A dial that could not be answered is taken up, and stays silent until it can.
import { freePorts } from "../../processes/free-port.ts";
import { type Dialling, Links } from "../../processes/links.ts";
import type { NodePlace } from "../../processes/test-cluster.ts";
import { Dice } from "../../simulation/dice.ts";
import type { HostName, Hosts, LinkRule, LinkTrouble } from "./hosts.ts";
import { canEndOrphans, orphansEnd } from "./orphans.ts";

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
  const free = (await freePorts(nodes.length * 2)).map((port) => `127.0.0.1:${port}`);
  const diallings = nodes.flatMap((to, at): readonly Dialling[] => {
    const [client = "", peer = ""] = free.slice(at * 2);
    const others = nodes.filter((node) => node !== to);
    return [
      ...others.map((from) => ({ from, to, address: peer, carries: "messages" }) as const),
      ...clients.map((from) => ({ from, to, address: client })),
    ];
  });
  const dice = new Dice(options.seed).fork("links");
  const links = await Links.open({ diallings, reserved: free, dice });
  // Where this can't be, daemons stay when their run is killed.
  const before = canEndOrphans() ? orphansEnd : [];
  const places = nodes.map((node, at): readonly [HostName, NodePlace] => {
    const [listenClient = "", listenPeer = ""] = free.slice(at * 2);
    const within = [...before, ...links.within(node)];
    return [node, { listenClient, listenPeer, advertisePeer: listenPeer, within }];
  });
  return new Proxies({ nodes: new Map(places), clients, links, before });
}

class Proxies implements Hosts {
  readonly kind = "proxies";
  readonly impossible: ReadonlySet<LinkTrouble> = new Set<LinkTrouble>(["loss"]);
  readonly nodes: ReadonlyMap<HostName, NodePlace>;
  readonly clients: readonly HostName[];
  readonly #links: Links;
  readonly #before: readonly string[];
  readonly #ruled = new Map<string, Way>();

  constructor(parts: {
    readonly nodes: ReadonlyMap<HostName, NodePlace>;
    readonly clients: readonly HostName[];
    readonly links: Links;
    /** Words before each command. */
    readonly before: readonly string[];
  }) {
    this.nodes = parts.nodes;
    this.clients = parts.clients;
    this.#links = parts.links;
    this.#before = parts.before;
  }

  /** The nodes' own: who is `within` is led to what stands before them. */
  endpointsFor(_client: HostName): readonly string[] {
    return [...this.nodes.values()].map(({ listenClient }) => listenClient);
  }

  within(host: HostName): readonly string[] {
    const isHere = this.nodes.has(host) || this.clients.includes(host);
    return isHere ? [...this.#before, ...this.#links.within(host)] : [];
  }

  async link(way: Way, rule: LinkRule): Promise<void> {
    if (rule.loss !== undefined && rule.loss > 0) throw new Error("proxies lose no packets");
    this.#ruled.set(`${way.from} ${way.to}`, way);
    this.#links.rule(way, rule);
  }

  async restore(): Promise<void> {
    const ways = [...this.#ruled.values()];
    this.#ruled.clear();
    for (const way of ways) this.#links.rule(way, {});
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#links.close();
  }
}
