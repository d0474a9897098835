// session-pages.ts — what a sync shows, gathered page by page, until all of it is read. Each page is of its own
// revision, and what happens between two of them is pushed between them (SEMANTICS §3): so a grant that a page has shown
// may be gone before the last one comes. What runs are to be told waits until it is known whose they are.
import type { Push, Synced, SyncedHold, SyncedRun } from "@rogerd/protocol";

/** All that the session has, read in full. */
export interface SessionView {
  /** Of the first page: what is of an earlier revision and not in here is no more. */
  readonly revision: number;
  readonly tickets: ReadonlySet<number>;
  /** By token, but for what runs hold. */
  readonly holds: ReadonlyMap<number, SyncedHold>;
  /** By token. */
  readonly runs: ReadonlyMap<number, SyncedRun>;
}

type ToStop = Extract<Push, { readonly kind: "runToStop" }>;

export class SessionPages {
  /** Where the next page begins; null at the first one, and behind the last one. */
  next: string | null = null;
  #revision: number | undefined;
  readonly #tickets = new Set<number>();
  readonly #holds = new Map<number, SyncedHold>();
  readonly #runs = new Map<number, SyncedRun>();
  readonly #stops: ToStop[] = [];

  add(page: Synced, { revision }: { readonly revision: number }): void {
    this.#revision ??= revision;
    this.next = page.next;
    for (const { ticket } of page.waits) this.#tickets.add(ticket);
    for (const hold of page.holds) this.#holds.set(hold.token, hold);
    for (const run of page.runs) {
      this.#runs.set(run.token, run);
      const stop = stopOf(run, revision);
      if (stop !== undefined) this.#stops.push(stop);
    }
  }

  pushed(push: Push): void {
    if (push.kind === "runToStop") this.#stops.push(push);
    if (push.kind === "holdEnded") this.#holds.delete(push.token);
    if (push.kind === "runFenced") this.#runs.delete(push.token);
  }

  /** Of runs that are still there. */
  get stops(): readonly ToStop[] {
    return this.#stops.filter(({ token }) => this.#runs.has(token));
  }

  /** After the first page. */
  get view(): SessionView {
    const [tickets, holds, runs] = [this.#tickets, this.#holds, this.#runs];
    return { revision: this.#revision ?? 0, tickets, holds, runs };
  }
}

/** As if it were pushed just now: perhaps it was told before. */
function stopOf(run: SyncedRun, revision: number): ToStop | undefined {
  const { partition, jobId, token, mark, pause } = run;
  const wish = mark ?? pause;
  if (wish === undefined) return undefined;
  const cause = mark === undefined ? "paused" : "cancelled";
  const { by, reason } = wish;
  return { kind: "runToStop", revision, n: 0, partition, jobId, token, cause, by, reason };
}
