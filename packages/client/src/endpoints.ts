// endpoints.ts — which node next: whom the cluster says leads, then the others in turn.
// Knows addresses only; it never dials, and forgets no address the user gave.
import type { LeaderHint } from "@rogerd/protocol";
import { InvalidArgumentError } from "./errors.ts";

const portDefault = "7401";

/** `host`, `host:port` or `ws(s)://host:port` as the URL to dial; undefined if it is none of them. */
export function endpointUrl(text: string): string | undefined {
  const spelled = /^wss?:\/\//.test(text) ? text : `ws://${text}`;
  if (text.includes("://") && spelled !== text) return undefined;
  if (!URL.canParse(spelled)) return undefined;
  const url = new URL(spelled);
  if (url.hostname === "" || url.username !== "" || url.search !== "" || url.hash !== "") {
    return undefined;
  }
  if (!/^\/(?:v1\/?)?$/.test(url.pathname)) return undefined;
  // A port that is the scheme's own default is not kept by URL: only an absent one is ours.
  const host = /:\d+\/?(?:v1\/?)?$/.test(spelled) ? url.host : `${url.hostname}:${portDefault}`;
  return `${url.protocol}//${host}/v1`;
}

/** Addresses learned from nodes, at most; those the user gave are never dropped for them. */
const learnedMax = 16;

export class Endpoints {
  readonly #given: readonly string[];
  /** In the order in which they are tried; the one that failed last is last. */
  #urls: string[];
  #hinted: string | undefined;

  constructor(endpoints: readonly string[]) {
    const urls = endpoints.map((endpoint) => {
      const url = endpointUrl(endpoint);
      if (url !== undefined) return url;
      const message = `${JSON.stringify(endpoint)} is not an endpoint: write host:port or ws://host:port`;
      throw new InvalidArgumentError({ message, path: "endpoints" });
    });
    if (urls.length === 0) {
      throw new InvalidArgumentError({ message: "no endpoints given", path: "endpoints" });
    }
    this.#given = [...new Set(urls)];
    this.#urls = [...this.#given];
  }

  /** The addresses of the user. */
  given(): readonly string[] {
    return this.#given;
  }

  /** The next one for which `isFree`: the hinted leader before all others. */
  next(isFree: (url: string) => boolean): string | undefined {
    if (this.#hinted !== undefined && isFree(this.#hinted)) return this.#hinted;
    return this.#urls.find(isFree);
  }

  /** A node says who leads; null or an address that makes no sense: nobody. */
  hint(leader: LeaderHint | null): void {
    this.#hinted = leader === null ? undefined : endpointUrl(leader.clientUrl);
    const url = this.#hinted;
    if (url !== undefined && !this.#urls.includes(url)) this.#learn(url);
  }

  #learn(url: string): void {
    const learned = this.#urls.filter((known) => !this.#given.includes(known));
    const dropped = learned.length < learnedMax ? undefined : learned.at(-1);
    this.#urls = [...this.#urls.filter((known) => known !== dropped), url];
  }

  /** It could not be reached or was lost: others first. */
  failed(url: string): void {
    if (this.#hinted === url) this.#hinted = undefined;
    this.#urls = [...this.#urls.filter((other) => other !== url), url];
  }
}
