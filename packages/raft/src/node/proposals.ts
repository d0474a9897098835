// proposals.ts — who waits for which (index, term), and every outcome a proposal can have. A waiter
// is never keyed by its index alone (R19), and "lost" is never said on a guess: that this node had to
// remove the entry proves nothing, another may still hold it and win. Only a committed entry does.
import { assert } from "../core/assert.ts";
import type { LogIndex, NodeId, Term } from "../core/ids.ts";
import type { Ticket } from "../core/input.ts";
import type { ProposalOutcome } from "./outcomes.ts";
import type { Committed } from "./state-machine.ts";

type Resolve<Result> = (outcome: ProposalOutcome<Result>) => void;

/** The proposals of one turn: one `propose` input, consecutive indexes. */
interface Placed<Result> {
  readonly first: LogIndex;
  readonly term: Term;
  readonly resolves: readonly Resolve<Result>[];
  /** How many of them, from the first on, have their outcome. */
  answered: number;
  /** After leadership was lost: when waiting any longer helps nobody. */
  answerBy: number | undefined;
}

export interface ProposalLimits {
  /** Gathered in one turn, at most: proposals … */
  readonly gatheredMax: number;
  /** … and bytes. */
  readonly gatheredBytesMax: number;
}

export class Proposals<Result> {
  readonly #limits: ProposalLimits;
  #payloads: Uint8Array[] = [];
  #payloadBytes = 0;
  #gathered: Resolve<Result>[] = [];
  /** The term in which this turn's proposals were made; they are appended in no other (R18). */
  #gatheredIn: Term | undefined;
  readonly #asked = new Map<Ticket, readonly Resolve<Result>[]>();
  #placed: Placed<Result>[] = [];

  constructor(limits: ProposalLimits) {
    this.#limits = limits;
  }

  add(proposal: {
    readonly payload: Uint8Array;
    readonly term: Term;
  }): Promise<ProposalOutcome<Result>> {
    const bytes = this.#payloadBytes + proposal.payload.byteLength;
    const isFull =
      this.#gathered.length >= this.#limits.gatheredMax || bytes > this.#limits.gatheredBytesMax;
    if (isFull) return Promise.resolve({ kind: "overloaded" });
    this.#gatheredIn ??= proposal.term;
    this.#payloadBytes = bytes;
    this.#payloads.push(proposal.payload);
    return new Promise((resolve) => {
      this.#gathered.push(resolve);
    });
  }

  get hasGathered(): boolean {
    return this.#gathered.length > 0;
  }

  /** What was proposed in this turn, to be stepped as one; undefined if nothing was, or it is refused here. */
  ask(at: {
    readonly ticket: Ticket;
    readonly term: Term;
    readonly leaderId: NodeId | undefined;
    readonly hasRoom: boolean;
  }): readonly Uint8Array[] | undefined {
    if (this.#gathered.length === 0) return undefined;
    const payloads = this.#payloads;
    this.#asked.set(at.ticket, this.#gathered);
    const madeIn = this.#gatheredIn;
    this.#payloads = [];
    this.#payloadBytes = 0;
    this.#gathered = [];
    this.#gatheredIn = undefined;
    if (madeIn !== at.term) {
      this.refused(at.ticket, { kind: "not-leader", leaderId: at.leaderId });
      return undefined;
    }
    if (!at.hasRoom) {
      this.refused(at.ticket, { kind: "overloaded" });
      return undefined;
    }
    return payloads;
  }

  accepted(place: {
    readonly ticket: Ticket;
    readonly first: LogIndex;
    readonly term: Term;
  }): void {
    const resolves = this.#take(place.ticket);
    this.#placed.push({
      first: place.first,
      term: place.term,
      resolves,
      answered: 0,
      answerBy: undefined,
    });
  }

  refused(ticket: Ticket, outcome: ProposalOutcome<Result>): void {
    for (const resolve of this.#take(ticket)) resolve(outcome);
  }

  /** These entries are applied, with these results: consecutive, and everything before them is known. */
  applied(committed: readonly Committed[], results: readonly (Result | undefined)[]): void {
    const last = committed.at(-1);
    if (last === undefined || this.#placed.length === 0) return;
    for (const placed of this.#placed) {
      settleThrough(placed, committed, results);
      if (placed.term < last.term) answerRest(placed, { kind: "lost" });
    }
    this.#forgetAnswered();
  }

  /**
   * A snapshot took the place of the log through `at`. Whether an entry below it was ours can't be
   * told, unless its term is above the snapshot's; and above it nothing of an earlier term survives.
   */
  covered(at: { readonly index: LogIndex; readonly term: Term }): void {
    for (const placed of this.#placed) {
      while (placed.answered < placed.resolves.length) {
        const isCovered = placed.first + placed.answered <= at.index;
        if (isCovered && placed.term <= at.term) {
          answerNext(placed, { kind: "indeterminate", cause: "leadership-lost" });
        } else if (isCovered || placed.term < at.term) {
          answerNext(placed, { kind: "lost" });
        } else break;
      }
    }
    this.#forgetAnswered();
  }

  /** The next leader may still settle what we placed, so that we can tell: wait, but not for ever. */
  leadershipLost(wait: { readonly until: number }): void {
    for (const placed of this.#placed) placed.answerBy ??= wait.until;
  }

  /** The earliest time at which `giveUp` has something to do. */
  get giveUpAt(): number {
    let earliest = Number.POSITIVE_INFINITY;
    for (const placed of this.#placed) earliest = Math.min(earliest, placed.answerBy ?? earliest);
    return earliest;
  }

  giveUp(now: number): void {
    if (this.giveUpAt > now) return;
    for (const placed of this.#placed) {
      if (placed.answerBy === undefined || placed.answerBy > now) continue;
      answerRest(placed, { kind: "indeterminate", cause: "leadership-lost" });
    }
    this.#forgetAnswered();
  }

  /** The node ends. What no core has seen is certainly not appended; of the rest we can't tell. */
  end(): void {
    for (const resolve of this.#gathered) resolve({ kind: "not-leader", leaderId: undefined });
    this.#gathered = [];
    this.#payloads = [];
    for (const ticket of this.#asked.keys()) {
      this.refused(ticket, { kind: "indeterminate", cause: "stopped" });
    }
    for (const placed of this.#placed) {
      answerRest(placed, { kind: "indeterminate", cause: "stopped" });
    }
    this.#placed = [];
  }

  #take(ticket: Ticket): readonly Resolve<Result>[] {
    const resolves = this.#asked.get(ticket);
    assert(resolves !== undefined, "the core answers each proposal once");
    this.#asked.delete(ticket);
    return resolves;
  }

  #forgetAnswered(): void {
    if (this.#placed.every((placed) => placed.answered < placed.resolves.length)) return;
    this.#placed = this.#placed.filter((placed) => placed.answered < placed.resolves.length);
  }
}

/** Answers those whose index is in or before `committed`: ours by index *and* term, or lost. */
function settleThrough<Result>(
  placed: Placed<Result>,
  committed: readonly Committed[],
  results: readonly (Result | undefined)[],
): void {
  const from = committed[0]?.index ?? 0;
  while (placed.answered < placed.resolves.length) {
    const offset = placed.first + placed.answered - from;
    if (offset >= committed.length) return;
    const entry = committed[offset];
    if (entry === undefined || entry.term !== placed.term) {
      answerNext(placed, { kind: "lost" });
      continue;
    }
    const result = results[offset];
    assert(result !== undefined, "the state machine answers every payload");
    answerNext(placed, { kind: "applied", index: entry.index, term: entry.term, result });
  }
}

function answerNext<Result>(placed: Placed<Result>, outcome: ProposalOutcome<Result>): void {
  placed.resolves[placed.answered]?.(outcome);
  placed.answered += 1;
}

function answerRest<Result>(placed: Placed<Result>, outcome: ProposalOutcome<Result>): void {
  while (placed.answered < placed.resolves.length) answerNext(placed, outcome);
}
