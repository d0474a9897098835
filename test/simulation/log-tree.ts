// log-tree.ts — all positions of all logs that any message has shown, each with the one before it. Logs
// that share a position share all that comes before (V3), so a position tells a whole log, and which
// configuration is in force there (§4.1). It believes the first who shows a position.
import { crc32 } from "node:zlib";
import { type Configuration, EMPTY_CONFIGURATION, type Entry } from "@rogerd/raft";
import { configurationText } from "./quorums.ts";

export interface Place {
  readonly index: number;
  readonly term: number;
}

/** A configuration and where it was appended. */
export interface Appended {
  readonly at: Place;
  readonly configuration: Configuration;
}

/** An entry, and when a message first showed it. */
export interface ShownEntry {
  readonly entry: Entry;
  readonly shownAtMs: number;
}

interface Shown extends ShownEntry {
  readonly termBefore: number;
  readonly what: string;
  inForce: Appended | undefined;
}

export const origin: Place = { index: 0, term: 0 };

export class LogTree {
  readonly #now: () => number;
  readonly #shown = new Map<number, Shown>();
  /** Where a log begins for who was given a snapshot. */
  readonly #bases = new Map<number, Appended>();

  constructor(parts: { readonly now: () => number }) {
    this.#now = parts.now;
  }

  /** Undefined: as it was known, or new. Otherwise what stands there according to others. */
  show(entry: Entry, termBefore: number): string | undefined {
    const key = keyOf(entry);
    const known = this.#shown.get(key);
    const what = fingerprint(entry);
    if (known !== undefined) {
      const isSame = known.what === what && known.termBefore === termBefore;
      return isSame ? undefined : `${known.what} after ${entry.index - 1}@${known.termBefore}`;
    }
    const { index, term } = entry;
    const inForce =
      entry.kind === "configuration"
        ? { at: { index, term }, configuration: entry.configuration }
        : this.inForceAt({ index: index - 1, term: termBefore });
    const shownAtMs = this.#now();
    this.#shown.set(key, { termBefore, what, inForce, entry: kept(entry), shownAtMs });
    return undefined;
  }

  /** What a snapshot says of the configuration as of its place; false: a log says otherwise (M2, M11). */
  showSnapshot(place: Place, configuration: Configuration): boolean {
    const known = this.inForceAt(place);
    if (known !== undefined) {
      return configurationText(known.configuration) === configurationText(configuration);
    }
    this.#bases.set(keyOf(place), { at: place, configuration });
    return true;
  }

  /** All entries of all logs. */
  get entryCount(): number {
    return this.#shown.size;
  }

  whatStandsAt(place: Place): string | undefined {
    return this.#shown.get(keyOf(place))?.what;
  }

  entryAt(place: Place): ShownEntry | undefined {
    return this.#shown.get(keyOf(place));
  }

  before({ index, term }: Place): Place | undefined {
    const shown = this.#shown.get(keyOf({ index, term }));
    return shown === undefined ? undefined : { index: index - 1, term: shown.termBefore };
  }

  /** Undefined: no message has shown enough of that log. */
  inForceAt(place: Place): Appended | undefined {
    const passed: Shown[] = [];
    let found: Appended | undefined;
    for (let at: Place | undefined = place; at !== undefined; at = this.before(at)) {
      if (at.index === 0) found = { at: origin, configuration: EMPTY_CONFIGURATION };
      const shown = this.#shown.get(keyOf(at));
      found ??= shown?.inForce ?? this.#bases.get(keyOf(at));
      if (found !== undefined) break;
      if (shown !== undefined) passed.push(shown);
    }
    for (const shown of passed) shown.inForce = found;
    return found;
  }
}

/** The frame that brought it is the network's. */
function kept(entry: Entry): Entry {
  return entry.kind === "command" ? { ...entry, payload: entry.payload.slice() } : entry;
}

/** A simulation has far fewer terms. */
const termsMax = 2 ** 20;

function keyOf({ index, term }: Place): number {
  return index * termsMax + term;
}

export function fingerprint(entry: Entry): string {
  if (entry.kind === "noop") return "noop";
  if (entry.kind === "command") {
    return `command ${crc32(entry.payload).toString(16)}+${entry.payload.byteLength}`;
  }
  return `configuration ${configurationText(entry.configuration)}`;
}
