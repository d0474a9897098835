// scan-bounds.ts — how much structure may be parsed at once. Bytes alone are no bound: a megabyte of `{},`
// keeps a parser, and the garbage collector after it, ten times as long as a megabyte of text.
import {
  frameBytesMax,
  frameContainersMax,
  frameDepthMax,
  frameKeysMax,
  requestContainersMax,
  requestKeysMax,
} from "./limits.ts";

export interface ScanBounds {
  /** Lists and maps. */
  readonly containersMax: number;
  readonly keysMax: number;
}

/** Of a whole frame that a client sends. */
export const clientFrameBounds: ScanBounds = {
  containersMax: frameContainersMax,
  keysMax: frameKeysMax,
};

/** Of one request that comes alone, by HTTP. */
export const requestBounds: ScanBounds = {
  containersMax: requestContainersMax,
  keysMax: requestKeysMax,
};

/** A client believes the daemon that it chose: its lists have as many items as fit. */
export const daemonFrameBounds: ScanBounds = {
  containersMax: frameBytesMax,
  keysMax: frameBytesMax,
};

/** Counts what a scanner meets; undefined: go on. */
export class ScanCount {
  readonly #bounds: ScanBounds;
  #containers = 0;
  #keys = 0;

  constructor(bounds: ScanBounds) {
    this.#bounds = bounds;
  }

  /** A list or a map begins; `depth` of them are open around it. */
  container(depth: number): string | undefined {
    this.#containers += 1;
    if (depth >= frameDepthMax) return "lists and maps are nested too deeply";
    return this.#containers > this.#bounds.containersMax
      ? "it has too many lists and maps"
      : undefined;
  }

  keys(count: number): string | undefined {
    this.#keys += count;
    return this.#keys > this.#bounds.keysMax ? "its maps have too many keys" : undefined;
  }
}
