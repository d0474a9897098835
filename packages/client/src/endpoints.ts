// endpoints.ts — which node next: whom the cluster says leads, then those that the user gave in turn, then
// those that nodes told of, which may be reachable for others only. Knows addresses; it never dials, and
// forgets no address the user gave.
import type { LeaderHint, NodeHint } from "@rogerd/protocol";
import { wrongGiven } from "./given.ts";

/** `host:port` or `ws(s)://host:port` as the URL to dial; undefined if it is none of them. */
export function endpointUrl(text: string): string | undefined {
  const spelled = /^wss?:\/\//.test(text) ? text : `ws://${text}`;
  if (text.includes("://") && spelled !== text) return undefined;
  if (!URL.canParse(spelled)) return undefined;
  const url = new URL(spelled);
  if (url.hostname === "" || url.username !== "" || url.search !== "" || url.hash !== "") {
    return undefined;
  }
  if (!/^\/(?:v1\/?)?$/.test(url.pathname)) return undefined;
  // A port that is the scheme's own default is not kept by URL, and counts all the same.
  const hasPort = /:\d+\/?(?:v1\/?)?$/.test(spelled);
  return hasPort && url.port !== "0" ? `${url.protocol}//${url.host}/v1` : undefined;
}

/** What a user gave as the URLs to dial, or an error that says which of them is none. */
export function endpointUrls(given: unknown): readonly string[] {
  if (!isList(given)) throw wrongGiven("endpoints", "must be a list of texts");
  if (given.length === 0) throw wrongGiven("endpoints", "must name a node");
  return given.map((endpoint, at) => {
    const url = typeof endpoint === "string" ? endpointUrl(endpoint) : undefined;
    if (url !== undefined) return url;
    const shown = typeof endpoint === "string" ? `, not ${JSON.stringify(endpoint)}` : "";
    throw wrongGiven(`endpoints[${at}]`, `must be host:port or ws://host:port${shown}`);
  });
}

function isList(given: unknown): given is readonly unknown[] {
  return Array.isArray(given);
}

/** Addresses learned from nodes, at most. */
const learnedMax = 64;

export class Endpoints {
  readonly #given: readonly string[];
  /** In the order in which they are tried; the one that failed last is last. */
  #urls: string[];
  #learned: string[] = [];
  #hinted: string | undefined;

  constructor(endpoints: readonly string[]) {
    this.#given = [...new Set(endpointUrls(endpoints))];
    this.#urls = [...this.#given];
  }

  /** The addresses of the user. */
  given(): readonly string[] {
    return this.#given;
  }

  /** The next one for which `isFree`: the hinted leader before all others. */
  next(isFree: (url: string) => boolean): string | undefined {
    if (this.#hinted !== undefined && isFree(this.#hinted)) return this.#hinted;
    return this.#urls.find(isFree) ?? this.#learned.find(isFree);
  }

  /** A node says who leads; null or an address that makes no sense: nobody. */
  hint(leader: LeaderHint | null): void {
    this.#hinted = leader === null ? undefined : endpointUrl(leader.clientUrl);
    const url = this.#hinted;
    if (url !== undefined) this.#learn([url, ...this.#learned]);
  }

  /** A node says who belongs to the cluster: who left it is asked no more, unless the user gave its address. */
  members(members: readonly NodeHint[]): void {
    const urls = members.flatMap(({ clientUrl }) => endpointUrl(clientUrl) ?? []);
    if (urls.length === 0) return;
    const isKnown = (url: string): boolean => urls.includes(url);
    const hinted = this.#hinted === undefined ? [] : [this.#hinted];
    this.#learn([...hinted, ...this.#learned.filter(isKnown), ...urls]);
  }

  #learn(urls: readonly string[]): void {
    const learned = [...new Set(urls)].filter((url) => !this.#given.includes(url));
    this.#learned = learned.slice(0, learnedMax);
  }

  /** It could not be reached or was lost: others first. */
  failed(url: string): void {
    if (this.#hinted === url) this.#hinted = undefined;
    this.#urls = lastOf(this.#urls, url);
    this.#learned = lastOf(this.#learned, url);
  }
}

function lastOf(urls: readonly string[], url: string): string[] {
  return urls.includes(url) ? [...urls.filter((other) => other !== url), url] : [...urls];
}
