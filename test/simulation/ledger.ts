// ledger.ts — what all messages of all nodes together prove or refute: one leader a term (V1), a leader
// only appends (V2), equal logs at equal positions (V3), what is committed is in every later leader's
// log and nowhere else anything else (V4, V5), one vote a term across restarts (V7), and commits that
// rest on a majority (V6, V8). It sees messages as they leave and believes nothing else.

import { crc32 } from "node:zlib";
import type { Entry, Message } from "@rogerd/raft";
import type { Findings } from "./violation.ts";

/** What the ledger must know that no message tells. */
export interface LedgerView {
  readonly voters: number;
  nameOf(nodeId: string): string;
  /** What a leader's own disk holds by now, as it says itself. */
  persistedIndexOf(nodeId: string): number;
  /** A commit rests on the leader's own copy: is it on its disk, as it says? */
  countedItself(nodeId: string, entry: { readonly index: number; readonly term: number }): void;
  say(who: string, text: string): void;
}

/** A leader's log as far as its messages have shown it. */
interface TermOfOffice {
  readonly leader: string;
  readonly terms: Map<number, number>;
  readonly accepted: Map<string, number>;
  commitIndex: number;
}

export interface Pledged {
  term: number;
  matchIndex: number;
}

export class Ledger {
  readonly #view: LedgerView;
  readonly #findings: Findings;
  readonly #offices = new Map<number, TermOfOffice>();
  /** `index@term` → what stands there. */
  readonly #entries = new Map<string, string>();
  readonly #committed = new Map<number, number>();
  #highestCommitted = 0;
  readonly #votes = new Map<string, string>();
  /** For each node, the latest pledge about its log. */
  readonly pledges = new Map<string, Pledged>();

  constructor(parts: { readonly view: LedgerView; readonly findings: Findings }) {
    this.#view = parts.view;
    this.#findings = parts.findings;
  }

  get committedCount(): number {
    return this.#committed.size;
  }

  get termCount(): number {
    return this.#offices.size;
  }

  /** What stands at this position, if any message showed it. */
  entryAt(position: { readonly index: number; readonly term: number }): string | undefined {
    return this.#entries.get(`${position.index}@${position.term}`);
  }

  committedTermAt(index: number): number | undefined {
    return this.#committed.get(index);
  }

  left(message: Message): void {
    switch (message.kind) {
      case "append-entries":
        return this.#appends(message);
      case "heartbeat":
        return this.#commits(this.#office(message), message.commitIndex, message.term);
      case "append-accepted":
        return this.#accepts(message);
      case "vote-granted":
        return this.#votesFor({ voter: message.from, candidate: message.to, term: message.term });
      case "request-vote":
        return this.#votesFor({ voter: message.from, candidate: message.from, term: message.term });
      default:
        return undefined;
    }
  }

  #office(message: { readonly from: string; readonly term: number }): TermOfOffice {
    const known = this.#offices.get(message.term);
    if (known !== undefined) {
      if (known.leader !== message.from) {
        this.#broken("election-safety: two leaders in one term (V1)", [
          `${this.#name(known.leader)} leads term ${message.term}`,
          `${this.#name(message.from)} leads term ${message.term}`,
        ]);
      }
      return known;
    }
    const office: TermOfOffice = {
      leader: message.from,
      terms: new Map(),
      accepted: new Map(),
      commitIndex: 0,
    };
    this.#offices.set(message.term, office);
    this.#checkElected(message.from, message.term);
    return office;
  }

  /** The sole voter and the first configuration need no votes of others. */
  #checkElected(leader: string, term: number): void {
    const votes = [...this.#votes].filter(
      ([key, candidate]) => key.endsWith(`@${term}`) && candidate === leader,
    );
    this.#view.say(this.#name(leader), `leads term ${term} with ${votes.length} votes`);
    if (votes.length * 2 > this.#view.voters) return;
    this.#broken("election-safety: a leader without a majority of votes (V1)", [
      `${this.#name(leader)} leads term ${term} with the votes of ${votes.map(([key]) => this.#name(key.split("@")[0] ?? "")).join(", ")}`,
    ]);
  }

  #appends(message: Extract<Message, { readonly kind: "append-entries" }>): void {
    const office = this.#office(message);
    const { prevIndex, prevTerm, entries, term } = message;
    let before = prevTerm as number;
    if (prevIndex > 0) this.#holds(office, { index: prevIndex, term: prevTerm, office: term });
    for (const entry of entries) {
      this.#sees(entry, before);
      this.#holds(office, { index: entry.index, term: entry.term, office: term });
      before = entry.term;
    }
    this.#checkCounted(office, message);
    this.#commits(office, message.commitIndex, term);
  }

  /**
   * What an append tells is the leader's own commit index. If that entry is of an earlier term, somebody
   * must have told before that it is committed: a leader may not count copies of it (§3.6.2).
   */
  #checkCounted(
    office: TermOfOffice,
    { commitIndex, term }: { readonly commitIndex: number; readonly term: number },
  ): void {
    const there = office.terms.get(commitIndex);
    if (there === undefined || there === term || commitIndex <= this.#highestCommitted) return;
    this.#broken("commit: an entry of an earlier term was committed by counting (V6)", [
      `${this.#name(office.leader)} leads term ${term} and commits ${commitIndex}@${there}`,
      `committed as far as anybody was told: ${this.#highestCommitted}`,
    ]);
  }

  /** By induction over the term before it, equal prefixes (V3). */
  #sees(entry: Entry, termBefore: number): void {
    const key = `${entry.index}@${entry.term}`;
    const what = `${fingerprint(entry)} after ${entry.index - 1}@${termBefore}`;
    const known = this.#entries.get(key);
    if (known === undefined) this.#entries.set(key, what);
    else if (known !== what) {
      this.#broken("log-matching: two entries at one position (V3)", [
        `${key} is ${known}`,
        `${key} is ${what}`,
      ]);
    }
  }

  #holds(
    office: TermOfOffice,
    entry: { readonly index: number; readonly term: number; readonly office: number },
  ): void {
    const known = office.terms.get(entry.index);
    if (known === entry.term) return;
    const name = this.#name(office.leader);
    if (known !== undefined) {
      this.#broken("leader-append-only: a leader has changed its log (V2)", [
        `${name}  term ${entry.office}: ${entry.index}@${known}`,
        `${name}  term ${entry.office}: ${entry.index}@${entry.term}`,
      ]);
    }
    office.terms.set(entry.index, entry.term);
    const committed = this.#committed.get(entry.index);
    if (committed === undefined || committed === entry.term) return;
    if (committed > entry.office) return;
    this.#broken("leader-completeness: a leader lacks what was committed (V4)", [
      `committed: ${entry.index}@${committed}`,
      `${name} leads term ${entry.office} with ${entry.index}@${entry.term}`,
    ]);
  }

  #commits(office: TermOfOffice, commitIndex: number, term: number): void {
    if (commitIndex <= office.commitIndex) return;
    const from = office.commitIndex;
    office.commitIndex = commitIndex;
    this.#highestCommitted = Math.max(this.#highestCommitted, commitIndex);
    if (office.terms.get(commitIndex) === term) this.#checkMajority(office, commitIndex, term);
    for (let index = commitIndex; index > from; index -= 1) {
      const here = office.terms.get(index);
      if (here === undefined) continue;
      const known = this.#committed.get(index);
      if (known === undefined) this.#committed.set(index, here);
      else if (known !== here) {
        this.#broken("state-machine-safety: two entries committed at one index (V5)", [
          `committed before: ${index}@${known}`,
          `${this.#name(office.leader)} leads term ${term} and commits ${index}@${here}`,
        ]);
      }
    }
    this.#checkLaterLeaders(office, { from, through: commitIndex, term });
  }

  /** A leader of a later term may have shown its log before this commit was told. */
  #checkLaterLeaders(
    office: TermOfOffice,
    committed: { readonly from: number; readonly through: number; readonly term: number },
  ): void {
    for (const [term, later] of this.#offices) {
      if (term <= committed.term) continue;
      for (let index = committed.from + 1; index <= committed.through; index += 1) {
        const [theirs, ours] = [later.terms.get(index), office.terms.get(index)];
        if (theirs === undefined || ours === undefined || theirs === ours) continue;
        this.#broken("leader-completeness: a leader lacks what was committed (V4)", [
          `${this.#name(office.leader)} leads term ${committed.term} and commits ${index}@${ours}`,
          `${this.#name(later.leader)} leads term ${term} with ${index}@${theirs}`,
        ]);
      }
    }
  }

  /** Of an entry of the leader's own term; earlier ones are committed along with it (§3.6.2). */
  #checkMajority(office: TermOfOffice, index: number, term: number): void {
    const holders = [...office.accepted].filter(([, matchIndex]) => matchIndex >= index);
    const isOthers = holders.length * 2 > this.#view.voters;
    if (!isOthers) this.#view.countedItself(office.leader, { index, term });
    const own = this.#view.persistedIndexOf(office.leader) >= index ? 1 : 0;
    if ((holders.length + own) * 2 > this.#view.voters) return;
    this.#broken("commit: not on the disks of a majority (V6, V8)", [
      `${this.#name(office.leader)} leads term ${term} and commits ${index}`,
      `it is on the disk of: ${holders.map(([id]) => this.#name(id)).join(", ")}${own === 1 ? " and its own" : ""}`,
    ]);
  }

  #accepts(message: Extract<Message, { readonly kind: "append-accepted" }>): void {
    const { from, term, matchIndex } = message;
    const pledge = this.pledges.get(from);
    if (pledge === undefined || pledge.term < term) this.pledges.set(from, { term, matchIndex });
    else if (pledge.term === term) pledge.matchIndex = Math.max(pledge.matchIndex, matchIndex);
    const office = this.#offices.get(term);
    if (office === undefined) return;
    office.accepted.set(from, Math.max(office.accepted.get(from) ?? 0, matchIndex));
  }

  #votesFor(vote: {
    readonly voter: string;
    readonly candidate: string;
    readonly term: number;
  }): void {
    const key = `${vote.voter}@${vote.term}`;
    const known = this.#votes.get(key);
    if (known === undefined) this.#votes.set(key, vote.candidate);
    else if (known !== vote.candidate) {
      this.#broken("election-safety: two votes in one term (V7)", [
        `${this.#name(vote.voter)} voted in term ${vote.term} for ${this.#name(known)}`,
        `${this.#name(vote.voter)} votes in term ${vote.term} for ${this.#name(vote.candidate)}`,
      ]);
    }
  }

  #name(nodeId: string): string {
    return this.#view.nameOf(nodeId);
  }

  #broken(property: string, facts: readonly string[]): void {
    this.#findings.broken(property, facts);
  }
}

export function fingerprint(entry: Entry): string {
  if (entry.kind === "noop") return "noop";
  if (entry.kind === "command") {
    return `command ${crc32(entry.payload).toString(16)}+${entry.payload.byteLength}`;
  }
  return `configuration ${entry.configuration.voters.join("+")}`;
}
