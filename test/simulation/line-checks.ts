// line-checks.ts — the lines for execution keys once more, naively, by nothing but what the committed log tells:
// who came first is served first (I5), a grant leaves no more holders than the limit (I1), and who waits for a key
// that has room has it at the latest with the next entry (I2, V23). It does not know of delays: no client here
// asks for one (`keyDelayMs`).
import type { EventItem, StateEvent } from "@rogerd/global-state";
import type { Findings } from "./violation.ts";

type Holder = Extract<EventItem, { readonly holders: unknown }>["holders"][number];
type Waiter = Extract<EventItem, { readonly ticket: unknown }>;
type Rules = Extract<EventItem, { readonly rules: unknown }>["rules"];

/** An execution key of a partition. */
interface Line {
  readonly partition: string | null;
  readonly key: string;
  holders: readonly Holder[];
  readonly waiters: Map<number, Waiter>;
}

/** What an entry did to one line. */
interface Change {
  readonly line: Line;
  readonly heldBefore: readonly Holder[];
  readonly waitedBefore: readonly Waiter[];
  readonly left: Waiter[];
}

export class LineChecks {
  readonly #findings: Findings;
  readonly #lines = new Map<string, Line>();
  readonly #rules = new Map<string | null, Rules>();
  /** Lines whose first could be granted after the last entry, and who that was. */
  #open = new Map<Line, number>();
  /** To somebody who had waited. */
  granted = 0;

  constructor(parts: { readonly findings: Findings }) {
    this.#findings = parts.findings;
  }

  /** All that one entry changed. */
  sees(revision: number, events: readonly StateEvent[]): void {
    const changes = new Map<Line, Change>();
    const ruled = new Set<string | null>();
    for (const event of events) {
      if (event.type === "executionKey.rulesChanged") {
        this.#rules.set(event.partition, rulesOf(event.item));
        ruled.add(event.partition);
      } else if (event.type.startsWith("executionKey.")) this.#note(event, changes);
    }
    const fenced = new Set(
      events
        .filter(({ type }) => type === "job.fenced")
        .map(({ partition, name }) => `${partition} ${name}`),
    );
    for (const change of changes.values()) {
      const isTakeover = ({ owner }: Holder): boolean =>
        fenced.has(`${change.line.partition} ${owner}`) &&
        change.heldBefore.some((before) => before.owner === owner);
      const grants = newHolders(change).filter((holder) => !isTakeover(holder));
      for (const holder of grants) this.#judgeTurn(revision, change, holder);
      if (!ruled.has(change.line.partition)) this.#judgeRoom(revision, change.line, grants);
    }
    this.#judgeOpen(revision, [...changes.keys(), ...this.#linesOf(ruled)]);
    for (const { holders, key, partition, waiters } of changes.keys()) {
      if (holders.length === 0 && waiters.size === 0) this.#lines.delete(`${partition} ${key}`);
    }
  }

  #note({ item, name, partition, type, was }: StateEvent, changes: Map<Line, Change>): void {
    const place = `${partition} ${name}`;
    const line = this.#lines.get(place) ?? {
      partition,
      key: name,
      holders: [],
      waiters: new Map(),
    };
    this.#lines.set(place, line);
    const change: Change = changes.get(line) ?? {
      line,
      heldBefore: line.holders,
      waitedBefore: [...line.waiters.values()],
      left: [],
    };
    changes.set(line, change);
    const shown = item ?? was;
    if (shown === null || !("ticket" in shown)) {
      line.holders = item !== null && "holders" in item ? item.holders : [];
    } else if (type === "executionKey.waiting") line.waiters.set(shown.ticket, shown);
    else {
      line.waiters.delete(shown.ticket);
      change.left.push(shown);
    }
  }

  /** A slot that is taken over goes to the same job again: nobody's turn. */
  #judgeTurn(revision: number, change: Change, holder: Holder): void {
    const { left, line, waitedBefore } = change;
    const tickets = left
      .filter(({ owner, session }) => owner === holder.owner && session === holder.session)
      .map(({ ticket }) => ticket);
    if (tickets.length > 0) this.granted += 1;
    const ticket = Math.min(...tickets);
    const passed = waitedBefore.find(
      (each) => each.ticket < ticket && line.waiters.has(each.ticket),
    );
    if (passed === undefined) return;
    const its = tickets.length === 0 ? "without a wait" : `with ticket ${ticket}`;
    this.#findings.broken("a grant out of turn (I5)", [
      `${revision}  ${line.partition} ${line.key}: ${holder.owner} has token ${holder.token}, ${its}`,
      `${passed.owner} waits for it with ticket ${passed.ticket}`,
    ]);
  }

  #judgeRoom(revision: number, line: Line, grants: readonly Holder[]): void {
    const limit = this.#limitOf(line);
    if (grants.length === 0 || line.holders.length <= limit) return;
    this.#findings.broken("a grant above the limit (I1)", [
      `${revision}  ${line.partition} ${line.key}, limit ${limit}: ${line.holders.map(holderText).join(", ")}`,
    ]);
  }

  /** An entry does a bounded amount of work; no run here has as much. */
  #judgeOpen(revision: number, touched: readonly Line[]): void {
    const before = this.#open;
    this.#open = new Map();
    for (const line of new Set([...touched, ...before.keys()])) {
      const first = Math.min(...line.waiters.keys());
      if (line.waiters.size === 0 || line.holders.length >= this.#limitOf(line)) continue;
      this.#open.set(line, first);
      if (before.get(line) !== first) continue;
      this.#findings.broken("who waits first for a key that has room is not asked (I2, V23)", [
        `${revision}  ${line.partition} ${line.key}, limit ${this.#limitOf(line)}, held by: ${line.holders.map(holderText).join(", ")}`,
        `${line.waiters.get(first)?.owner} waits for it with ticket ${first}, already after the entry before`,
      ]);
    }
  }

  #linesOf(partitions: ReadonlySet<string | null>): readonly Line[] {
    if (partitions.size === 0) return [];
    return [...this.#lines.values()].filter(({ partition }) => partitions.has(partition));
  }

  /** The longest prefix decides. */
  #limitOf({ key, partition }: Line): number {
    const fitting = (this.#rules.get(partition) ?? []).filter(({ prefix }) =>
      key.startsWith(prefix),
    );
    return fitting.toSorted((one, other) => other.prefix.length - one.prefix.length)[0]?.limit ?? 1;
  }
}

function newHolders({ heldBefore, line }: Change): readonly Holder[] {
  const known = new Set(heldBefore.map(({ token }) => token));
  return line.holders.filter(({ token }) => !known.has(token));
}

function rulesOf(item: EventItem | null): Rules {
  return item !== null && "rules" in item ? item.rules : [];
}

function holderText({ owner, token }: Holder): string {
  return `${owner} with token ${token}`;
}
