// ledger.ts — what all messages of all nodes together prove or refute: one leader a term (V1), a leader
// only appends (V2), equal logs at equal positions (V3), what is committed is in every later leader's
// log and nowhere else anything else (V4, V5), one vote a term across restarts (V7), commits that
// rest on quorums of the configuration in force (V6, V8), changes of membership one at a time (V10). It
// sees messages as they leave and believes nothing else.

import type { Configuration, Message } from "@rogerd/raft";
import { CommitChecks } from "./commit-checks.ts";
import { ConfigurationChecks } from "./configuration-checks.ts";
import { fingerprint, LogTree, origin, type Place, type ShownEntry } from "./log-tree.ts";
import { Office } from "./office.ts";
import { configurationText, isQuorum } from "./quorums.ts";
import type { Findings } from "./violation.ts";

/** What the ledger must know that no message tells. */
export interface LedgerView {
  nameOf(nodeId: string): string;
  /** What a leader's own disk holds by now, as it says itself. */
  persistedIndexOf(nodeId: string): number;
  /** Where a leader's log ends by now, as it says itself: it counts with what nobody was shown yet. */
  lastIndexOf(nodeId: string): number;
  /** A commit rests on the leader's own copy: is it on its disk, as it says? */
  countedItself(nodeId: string, entry: Place): void;
  /** Somebody leads: its vote for itself must be on its disk. */
  leads(nodeId: string, term: number): void;
  say(who: string, text: string): void;
  now(): number;
}

export interface Pledged {
  term: number;
  matchIndex: number;
}

type Of<Kind extends Message["kind"]> = Extract<Message, { readonly kind: Kind }>;

export class Ledger {
  readonly #view: LedgerView;
  readonly #findings: Findings;
  readonly #tree: LogTree;
  readonly #configurations: ConfigurationChecks;
  readonly #commitChecks: CommitChecks;
  readonly #offices = new Map<number, Office>();
  readonly #committed = new Map<number, number>();
  readonly #committedTexts = new Set<string>();
  /** The highest commit index that anybody was told, and the highest that is known with its term. */
  #told = 0;
  #highest: Place = origin;
  /** For each term, who voted for whom. */
  readonly #votes = new Map<number, Map<string, string>>();
  readonly #candidates = new Map<string, Place>();
  readonly #snapshots = new Set<string>();
  /** For each node, the latest pledge about its log. */
  readonly pledges = new Map<string, Pledged>();

  constructor(parts: { readonly view: LedgerView; readonly findings: Findings }) {
    this.#view = parts.view;
    this.#findings = parts.findings;
    this.#tree = new LogTree({ now: () => parts.view.now() });
    const nameOf = (id: string): string => this.#name(id);
    this.#configurations = new ConfigurationChecks({ ...parts, tree: this.#tree, nameOf });
    this.#commitChecks = new CommitChecks({
      ...parts,
      tree: this.#tree,
      configurations: this.#configurations,
      officeOf: (term) => this.#offices.get(term),
    });
  }

  get committedCount(): number {
    return this.#committed.size;
  }

  /** Of the entry that the leader of a term has at this index, if it has shown it. */
  termIn(term: number, index: number): number | undefined {
    return this.#offices.get(term)?.termAt(index);
  }

  /** Of all logs, also those that were overwritten. */
  get entryCount(): number {
    return this.#tree.entryCount;
  }

  get termCount(): number {
    return this.#offices.size;
  }

  get configurationCount(): number {
    return this.#configurations.changes;
  }

  /** What is committed, from the first entry on, as far as messages have shown all of it. */
  *committedLog(): Iterable<ShownEntry> {
    for (let index = 1; ; index += 1) {
      const term = this.#committed.get(index);
      const shown = term === undefined ? undefined : this.#tree.entryAt({ index, term });
      if (shown === undefined) return;
      yield shown;
    }
  }

  /** What stands at this position, if any message showed it. */
  entryAt(position: Place): string | undefined {
    return this.#tree.whatStandsAt(position);
  }

  /** In force as of the last entry that anybody was told to be committed. Undefined: nobody has shown it. */
  get committedConfiguration(): Configuration | undefined {
    const inForce = this.#tree.inForceAt(this.#highest)?.configuration;
    return inForce?.voters.length === 0 ? undefined : inForce;
  }

  /** Those that some log holds and that may still come to be in force, the committed one first. */
  possibleConfigurations(): readonly Configuration[] {
    const { committedConfiguration: committed } = this;
    const later = this.#configurations.after(this.#highest);
    return committed === undefined ? later : [committed, ...later];
  }

  isSuperseded(configuration: Configuration): boolean {
    const { committedConfiguration: committed } = this;
    const text = configurationText(configuration);
    if (committed === undefined || !this.#committedTexts.has(text)) return false;
    return text !== configurationText(committed);
  }

  /** A node's disk has lost what it had promised, and that is known: nobody may ask for it. */
  forgives(nodeId: string): void {
    this.pledges.delete(nodeId);
  }

  left(message: Message): void {
    switch (message.kind) {
      case "append-entries":
        return this.#appends(message);
      case "heartbeat":
        return this.#commits(this.#office(message), message.commitIndex);
      case "install-snapshot":
        return this.#sendsSnapshot(message);
      case "append-accepted":
        return this.#accepts(message);
      case "vote-granted":
        return this.#votesFor({ voter: message.from, candidate: message.to, term: message.term });
      case "request-vote":
        return this.#asksForVotes(message);
      default:
        return undefined;
    }
  }

  #asksForVotes({ from, lastIndex, lastTerm, term }: Of<"request-vote">): void {
    this.#candidates.set(`${from}@${term}`, { index: lastIndex, term: lastTerm });
    this.#votesFor({ voter: from, candidate: from, term });
  }

  #office({ from, term }: { readonly from: string; readonly term: number }): Office {
    const known = this.#offices.get(term);
    if (known === undefined) return this.#begins(from, term);
    if (known.leader !== from) {
      this.#broken("election-safety: two leaders in one term (V1)", [
        `${this.#name(known.leader)} leads term ${term}`,
        `${this.#name(from)} leads term ${term}`,
      ]);
    }
    if (!known.isElectionJudged) this.#judgeElection(known);
    return known;
  }

  #begins(leader: string, term: number): Office {
    const given = [...(this.#votes.get(term) ?? [])].filter(
      ([, candidate]) => candidate === leader,
    );
    // Its own vote is looked for on its disk: who needs no others asks nobody.
    const votes = new Set([leader, ...given.map(([voter]) => voter)]);
    const candidateAt = this.#candidates.get(`${leader}@${term}`);
    const office = new Office({ leader, term, tree: this.#tree, votes, candidateAt });
    this.#offices.set(term, office);
    this.#view.say(this.#name(leader), `leads term ${term} with ${votes.size} votes`);
    this.#view.leads(leader, term);
    this.#judgeElection(office);
    return office;
  }

  /** As soon as it is known which configuration was in force for it (§4.3, E9). */
  #judgeElection(office: Office): void {
    const { electedAt, leader, term, votes } = office;
    const inForce = electedAt === undefined ? undefined : this.#tree.inForceAt(electedAt);
    if (inForce === undefined) return;
    office.isElectionJudged = true;
    this.#configurations.judgeLeader(leader, { term, inForce });
    if (isQuorum(inForce.configuration, (id) => votes.has(id))) return;
    this.#broken("election-safety: a leader without a quorum of votes (V1, V10)", [
      `${this.#name(leader)} leads term ${term} with the votes of ${[...votes].map((id) => this.#name(id)).join(", ")}`,
      `in force was ${this.#configurations.text(inForce)}`,
    ]);
  }

  #appends(message: Of<"append-entries">): void {
    const office = this.#office(message);
    const { prevIndex, prevTerm, entries } = message;
    let before: number = prevTerm;
    if (prevIndex > 0) this.#holds(office, { index: prevIndex, term: prevTerm });
    for (const entry of entries) {
      const otherwise = this.#tree.show(entry, before);
      if (otherwise !== undefined) {
        const at = `${entry.index}@${entry.term}`;
        this.#broken("log-matching: two entries at one position (V3)", [
          `${at} is ${otherwise}`,
          `${at} is ${fingerprint(entry)} after ${entry.index - 1}@${before}`,
        ]);
      }
      this.#holds(office, entry, message.commitIndex);
      before = entry.term;
    }
    if (!office.isElectionJudged) this.#judgeElection(office);
    this.#commitChecks.shown(office);
    this.#commitChecks.counted(office, { commitIndex: message.commitIndex, told: this.#told });
    this.#commits(office, message.commitIndex);
  }

  /** `commitIndex`: of the message in which it showed an entry, and not only where that entry is. */
  #holds(office: Office, place: Place, commitIndex?: number): void {
    const { leader, term } = office;
    const name = this.#name(leader);
    const { news, replaced } = office.holds({ index: place.index, term: place.term });
    if (replaced !== undefined) {
      this.#broken("leader-append-only: a leader has changed its log (V2)", [
        `${name}  term ${term}: ${replaced.index}@${replaced.term}`,
        `${name}  term ${term}: no more after ${place.index}@${place.term}`,
      ]);
    }
    for (const { index, term: there } of news) {
      const committed = this.#committed.get(index);
      if (committed === undefined || committed === there || committed > term) continue;
      this.#broken("leader-completeness: a leader lacks what was committed (V4)", [
        `committed: ${index}@${committed}`,
        `${name} leads term ${term} with ${index}@${there}`,
      ]);
    }
    const isAppended = news.length > 0 && place.term === term;
    if (isAppended && commitIndex !== undefined) {
      this.#configurations.appended(office, { place, commitIndex });
    }
  }

  #commits(office: Office, commitIndex: number): void {
    if (commitIndex <= office.commitIndex) return;
    const { leader, term } = office;
    const from = office.commitIndex;
    office.commitIndex = commitIndex;
    this.#told = Math.max(this.#told, commitIndex);
    const there = office.termAt(commitIndex);
    if (there === term) this.#commitChecks.committed(office, commitIndex);
    if (there !== undefined && commitIndex > this.#highest.index) {
      this.#highest = { index: commitIndex, term: there };
    }
    for (let index = commitIndex; index > from; index -= 1) {
      const here = office.termAt(index);
      if (here === undefined) continue;
      const known = this.#committed.get(index);
      if (known === undefined) this.#settles({ index, term: here });
      else if (known !== here) {
        this.#broken("state-machine-safety: two entries committed at one index (V5)", [
          `committed before: ${index}@${known}`,
          `${this.#name(leader)} leads term ${term} and commits ${index}@${here}`,
        ]);
      }
    }
    this.#checkLaterLeaders(office, { from, through: commitIndex });
  }

  #settles(place: Place): void {
    this.#committed.set(place.index, place.term);
    const appended = this.#tree.inForceAt(place);
    if (appended?.at.index !== place.index) return;
    this.#committedTexts.add(configurationText(appended.configuration));
  }

  /** A leader of a later term may have shown its log before this commit was told. */
  #checkLaterLeaders(
    office: Office,
    committed: { readonly from: number; readonly through: number },
  ): void {
    const { leader, term } = office;
    for (const [laterTerm, later] of this.#offices) {
      if (laterTerm <= term) continue;
      for (let index = committed.from + 1; index <= committed.through; index += 1) {
        const [theirs, ours] = [later.termAt(index), office.termAt(index)];
        if (theirs === undefined || ours === undefined || theirs === ours) continue;
        this.#broken("leader-completeness: a leader lacks what was committed (V4)", [
          `${this.#name(leader)} leads term ${term} and commits ${index}@${ours}`,
          `${this.#name(later.leader)} leads term ${laterTerm} with ${index}@${theirs}`,
        ]);
      }
    }
  }

  #sendsSnapshot({ from, snapshot, term }: Of<"install-snapshot">): void {
    this.#office({ from, term });
    const { configuration, index, term: there } = snapshot;
    const key = `${from} ${index}@${there}`;
    if (this.#snapshots.has(key)) return;
    this.#snapshots.add(key);
    const committed = this.#committed.get(index);
    if (committed !== undefined && committed !== there) {
      this.#broken("snapshot: of another log than the committed one (V9)", [
        `committed: ${index}@${committed}`,
        `${this.#name(from)}  sends a snapshot of ${index}@${there}`,
      ]);
    }
    const known = this.#tree.inForceAt({ index, term: there });
    if (this.#tree.showSnapshot({ index, term: there }, configuration)) return;
    this.#broken("snapshot: another configuration than the log has there (V9, M11)", [
      `the log through ${index}@${there}: ${known === undefined ? "" : this.#configurations.text(known)}`,
      `${this.#name(from)}  sends a snapshot with ${this.#configurations.text({ at: { index, term: there }, configuration })}`,
    ]);
  }

  #accepts(message: Of<"append-accepted">): void {
    const { from, term, matchIndex } = message;
    const pledge = this.pledges.get(from);
    if (pledge === undefined || pledge.term < term) this.pledges.set(from, { term, matchIndex });
    else if (pledge.term === term) pledge.matchIndex = Math.max(pledge.matchIndex, matchIndex);
    const accepted = this.#offices.get(term)?.accepted;
    accepted?.set(from, Math.max(accepted.get(from) ?? 0, matchIndex));
  }

  #votesFor(vote: {
    readonly voter: string;
    readonly candidate: string;
    readonly term: number;
  }): void {
    const { candidate, term, voter } = vote;
    const ofTerm = this.#votes.get(term) ?? new Map<string, string>();
    this.#votes.set(term, ofTerm);
    const known = ofTerm.get(voter);
    if (known === undefined) ofTerm.set(voter, candidate);
    else if (known !== candidate) {
      this.#broken("election-safety: two votes in one term (V7)", [
        `${this.#name(voter)} voted in term ${term} for ${this.#name(known)}`,
        `${this.#name(voter)} votes in term ${term} for ${this.#name(candidate)}`,
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
