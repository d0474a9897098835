// watches.ts — seeded bugs of what is told: events, watches, and what a session hears of its runs (SEMANTICS §3,
// SEMANTICS §4.9). No known bugs of others, but forms of what this layer must not do.
import type { Mutant } from "./mutant.ts";

const client = "packages/client/src";
const watch = "packages/daemon/src/watch";

export const watches: readonly Mutant[] = [
  {
    id: "X42",
    bug: "a change of a row that stays in its table is told to nobody",
    file: "packages/global-state/src/table/table.ts",
    text: "this.#observer?.touched(row);",
    replacement: "",
  },
  {
    id: "X43",
    bug: "who resumes behind what was dropped is told the rest, as if nothing was missing",
    file: `${watch}/event-ring.ts`,
    text: "if (isAfter(this.#lastGone, place)) return undefined;",
    replacement: "",
  },
  {
    id: "X44",
    bug: "a watch goes on over an installed snapshot: a gap",
    file: `${watch}/watches.ts`,
    text: "if (watch.told < revision) this.#finish(watch, this.#compacted());",
    replacement: "if (watch.told < 0) this.#finish(watch, this.#compacted());",
  },
  {
    id: "X44b",
    bug: "a watch that stopped within a revision goes on over a snapshot that has the rest of it: a gap",
    file: `${watch}/watch-request.ts`,
    text: "return from.revision - 1;",
    replacement: "return from.revision;",
  },
  {
    id: "X132",
    bug: "of a key that several hold an event does not say who went",
    file: "packages/global-state/src/execution-key/holders.ts",
    text: "if (!this.#change.came.delete(holder.token)) this.#change.went.push(holder);",
    replacement: "this.#change.came.delete(holder.token);",
  },
  {
    id: "X133",
    bug: "each call about a key looks through all who hold it",
    file: "packages/global-state/src/execution-key/holders.ts",
    text: "if (this.#index !== undefined) return this.#index.ofOwner(owner);",
    replacement: "",
  },
  {
    id: "X134",
    bug: "an event of a key says all who hold it",
    file: "packages/global-state/src/event/watched-rows.ts",
    text: "holders.first(holdersToldMax).map(holderItem)",
    replacement: "[...holders].map(holderItem)",
  },
  {
    id: "X135",
    bug: "events are told in frames of so many, however long they are",
    file: `${watch}/watches.ts`,
    text: "if (bytesLeft < 0 && events.length > 0) break;",
    replacement: "",
  },
  {
    id: "X136",
    bug: "so many events are kept, however long they are",
    file: `${watch}/event-ring.ts`,
    text: "this.end - this.#first > eventsMax || this.#bytes > bytesMax",
    replacement: "this.end - this.#first > eventsMax || bytesMax < 0",
  },
  {
    id: "X45",
    bug: "a bookmark is told before all events of its revision",
    file: `${watch}/watches.ts`,
    text: "const isAll = watch.next === ring.end;",
    replacement: "const isAll = true;",
  },
  {
    id: "X46",
    bug: "a watch that goes on elsewhere skips the rest of the revision that it stopped in",
    file: `${client}/watches.ts`,
    text: "standing.place = { revision, n };",
    replacement: "standing.place = { revision };",
  },
  {
    id: "X47",
    bug: "a cancel that is pushed before the answer that the job runs is lost",
    file: `${client}/early-news.ts`,
    text: "if (this.#hasRoom()) this.#losses.set(token, error);",
    replacement: "",
  },
  {
    id: "X48",
    bug: "a cancel whose push was lost is not heard of at the sync",
    file: `${client}/session-news.ts`,
    text: "for (const stop of pages.stops) this.#reader.pushed(stop);",
    replacement: "",
  },
  {
    id: "X49",
    bug: "a timer that is asked for more than it can take fires at once",
    file: `${client}/deadlines.ts`,
    text: "const delayMs = Math.min(timeoutMsMax, Math.max(0, leftMs));",
    replacement: "const delayMs = Math.max(0, leftMs);",
  },
];
