// told-checks.ts — judges what watches were told, by the committed log applied once more: every change of what was
// asked for, once, in the order of the log, as it was; nothing in between left out, on whichever nodes it was
// heard and however often it was begun again (SEMANTICS §3, I11).
import { isDeepStrictEqual } from "node:util";
import type { EventKind, EventType, WatchedEvent } from "@rogerd/client";
import type { StateEvent } from "@rogerd/global-state";
import { partitionOf } from "../checkers/state-fold.ts";
import type { Findings } from "./violation.ts";

export interface Place {
  readonly revision: number;
  /** Undefined: all of the revision. */
  readonly n?: number;
}

export interface WatchOfWhat {
  readonly partition: string | undefined;
  readonly types: readonly (EventKind | EventType)[] | undefined;
}

export interface ToldWatch extends WatchOfWhat {
  readonly who: string;
  readonly events: WatchedEvent[];
  /** What came before is not asked for; undefined: nobody knows before the first event. */
  begin: Place | undefined;
  /** All through here is in `events`. */
  place: Place | undefined;
}

type Told = Pick<StateEvent, "revision" | "n" | "type" | "partition" | "name">;

export class ToldChecks {
  readonly #findings: Findings;
  readonly #watches: ToldWatch[] = [];
  compacted = 0;

  constructor(parts: { readonly findings: Findings }) {
    this.#findings = parts.findings;
  }

  begins(who: string, what: WatchOfWhat): ToldWatch {
    const watch: ToldWatch = { ...what, who, events: [], begin: undefined, place: undefined };
    this.#watches.push(watch);
    return watch;
  }

  get told(): number {
    return this.#watches.reduce((sum, { events }) => sum + events.length, 0);
  }

  /** `happened`: all events through this revision. */
  judge(happened: readonly StateEvent[], through: number): void {
    for (const watch of this.#watches) this.#judgeOne(watch, happened, through);
  }

  #judgeOne(watch: ToldWatch, happened: readonly StateEvent[], through: number): void {
    const { place } = watch;
    const told = watch.events.filter(({ revision }) => revision <= through);
    const [first] = told;
    if (place === undefined) return;
    const isIn = (event: Told): boolean => {
      if (isAfter(event, place) || !isWished(watch, event)) return false;
      if (watch.begin !== undefined) return isAfter(event, watch.begin);
      return first !== undefined && !isAfter(first, event);
    };
    const expected = happened.filter(isIn);
    for (let at = 0; at < Math.max(told.length, expected.length); at += 1) {
      if (isDeepStrictEqual(plain(told[at]), plain(expected[at]))) continue;
      this.#findings.broken("a watch is not told what happened (I11)", [
        `${watch.who}  event ${at} of ${told.length}: ${JSON.stringify(told[at])}`,
        `the committed log makes it: ${JSON.stringify(expected[at])}, of ${expected.length}`,
        `asked for ${watch.partition ?? "all partitions"}, ${watch.types?.join() ?? "all types"}`,
      ]);
      return;
    }
  }
}

function isWished({ partition, types }: WatchOfWhat, event: Told): boolean {
  const kind = event.type.slice(0, event.type.indexOf("."));
  if (partition !== undefined && partitionOf(event) !== partition) return false;
  return types === undefined || types.some((type) => type === event.type || type === kind);
}

function isAfter(event: Pick<Told, "revision" | "n">, place: Place): boolean {
  const { revision, n = Number.POSITIVE_INFINITY } = place;
  return event.revision > revision || (event.revision === revision && event.n > n);
}

function plain(event: object | undefined): unknown {
  return event === undefined ? undefined : JSON.parse(JSON.stringify(event));
}
