// configuration-checks.ts — what changes of membership must keep (V10, §4): the latest appended
// configuration is in force; there is one change at a time, and none before the leader has committed an
// entry of its own term (M1, M9); quorums of one configuration and of the next have a node in common;
// who was removed stays so, and who leads has a vote.
import type { Appended, LogTree, Place } from "./log-tree.ts";
import type { Office } from "./office.ts";
import { isVoterIn, quorumsOverlap } from "./quorums.ts";
import type { Findings } from "./violation.ts";

export interface ConfigurationChecksParts {
  readonly tree: LogTree;
  readonly findings: Findings;
  readonly nameOf: (nodeId: string) => string;
}

export interface AppendedSince {
  /** Newest first. */
  readonly found: readonly Appended[];
  /** False: no message has shown that log far enough back. A sole voter shows nothing to anybody. */
  readonly isWhole: boolean;
}

export class ConfigurationChecks {
  readonly #parts: ConfigurationChecksParts;
  /** In the order in which they were first shown. */
  readonly #shown: Appended[] = [];

  constructor(parts: ConfigurationChecksParts) {
    this.#parts = parts;
  }

  get changes(): number {
    return this.#shown.length;
  }

  /**
   * All that some leader appended behind what is committed, and that may still come to be: logs that hold
   * it go on with no earlier term.
   */
  after(committed: Place): readonly Appended["configuration"][] {
    return this.#shown
      .filter(({ at }) => at.index > committed.index && at.term >= committed.term)
      .map(({ configuration }) => configuration);
  }

  /** In force in a leader's log as of an index, or appended after it. */
  since({ last }: Office, index: number): AppendedSince {
    const { tree } = this.#parts;
    const found: Appended[] = [];
    let place = last;
    while (place !== undefined) {
      const appended = tree.inForceAt(place);
      if (appended === undefined || appended.at.index === 0) break;
      found.push(appended);
      if (appended.at.index <= index) return { found, isWhole: true };
      place = tree.before(appended.at);
    }
    return { found, isWhole: false };
  }

  /** A leader shows an entry that it appended itself. */
  appended(office: Office, shown: { readonly place: Place; readonly commitIndex: number }): void {
    const { tree } = this.#parts;
    const { index, term } = shown.place;
    const appended = tree.inForceAt({ index, term });
    if (appended?.at.index !== index || index === 1) return;
    this.#shown.push(appended);
    const placeBefore = tree.before({ index, term });
    const previous = placeBefore === undefined ? undefined : tree.inForceAt(placeBefore);
    if (previous !== undefined) this.#judgeChange(office, { previous, next: appended, ...shown });
  }

  judgeLeader(leader: string, office: { readonly term: number; readonly inForce: Appended }): void {
    const { inForce, term } = office;
    const { nameOf, tree } = this.#parts;
    if (isVoterIn(inForce.configuration, leader)) return;
    // Who was left out goes on until it knows that to be committed (§4.2.2).
    const placeBefore = tree.before(inForce.at);
    const previous = placeBefore === undefined ? undefined : tree.inForceAt(placeBefore);
    if (previous === undefined || isVoterIn(previous.configuration, leader)) return;
    this.#broken("membership: who leads has no vote (V10)", [
      `${nameOf(leader)} leads term ${term}`,
      `in force: ${this.text(inForce)}`,
      `before: ${this.text(previous)}`,
    ]);
  }

  #judgeChange(
    office: Office,
    change: {
      readonly previous: Appended;
      readonly next: Appended;
      readonly commitIndex: number;
    },
  ): void {
    const { commitIndex, next, previous } = change;
    const { nameOf } = this.#parts;
    const facts = [
      `${nameOf(office.leader)} leads term ${office.term}, has committed through ${commitIndex}, its own entries begin at ${office.firstOfTerm ?? "?"}`,
      `in force: ${this.text(previous)}`,
      `appended: ${this.text(next)}`,
    ];
    if (previous.at.index > commitIndex) {
      this.#broken("membership: a second change before the first is committed (V10, M9)", facts);
    }
    if ((office.firstOfTerm ?? 0) > commitIndex) {
      this.#broken("membership: a change before an entry of the leader's own term (M1)", facts);
    }
    if (!quorumsOverlap(previous.configuration, next.configuration)) {
      this.#broken("membership: quorums before and after a change may be strangers (V10)", facts);
    }
    const ids = next.configuration.members.map(({ id }) => id);
    const comesBack = previous.configuration.removed.some(
      (id) => ids.includes(id) || !next.configuration.removed.includes(id),
    );
    if (comesBack) this.#broken("membership: who was removed is back (V10)", facts);
    const isLost = previous.configuration.members.some(
      ({ id }) => !ids.includes(id) && !next.configuration.removed.includes(id),
    );
    if (isLost) this.#broken("membership: who left has no tombstone (V10)", facts);
  }

  text({ at, configuration }: Appended): string {
    const { learners, removed, voters, votersOutgoing } = configuration;
    const { nameOf } = this.#parts;
    const names = (ids: readonly string[]): string => ids.map(nameOf).join("+") || "none";
    const leaving = votersOutgoing.length === 0 ? "" : ` joint with ${names(votersOutgoing)}`;
    return `${at.index}@${at.term} voters ${names(voters)}${leaving}, learners ${names(learners)}, removed ${removed.length}`;
  }

  #broken(property: string, facts: readonly string[]): void {
    this.#parts.findings.broken(property, facts);
  }
}
