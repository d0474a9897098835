// commit-checks.ts — on what a commit rests: the disks of a quorum of the configuration in force (V8, V10),
// and an entry of the leader's own term: those of earlier terms are committed along with it (V6, §3.6.2).
import type { ConfigurationChecks } from "./configuration-checks.ts";
import type { LedgerView } from "./ledger.ts";
import type { Appended, LogTree, Place } from "./log-tree.ts";
import type { Office } from "./office.ts";
import { isQuorum } from "./quorums.ts";
import type { Findings } from "./violation.ts";

export interface CommitChecksParts {
  readonly view: LedgerView;
  readonly findings: Findings;
  readonly tree: LogTree;
  readonly configurations: ConfigurationChecks;
  readonly officeOf: (term: number) => Office | undefined;
}

export class CommitChecks {
  readonly #parts: CommitChecksParts;

  constructor(parts: CommitChecksParts) {
    this.#parts = parts;
  }

  /** A leader tells that an entry of its own term is committed. */
  committed(office: Office, index: number): void {
    const { configurations, view } = this.#parts;
    const { leader, term, accepted } = office;
    const { found, isWhole } = configurations.since(office, index);
    const holders = new Set([...accepted].filter(([, through]) => through >= index).map(idOf));
    if (isByQuorum(found, holders)) return;
    if (isWhole) view.countedItself(leader, { index, term });
    if (view.persistedIndexOf(leader) >= index) holders.add(leader);
    if (isByQuorum(found, holders)) return;
    office.claims.push({ index, holders, through: view.lastIndexOf(leader) });
    this.shown(office);
  }

  /**
   * A leader has shown more of its log: a commit may rest on a configuration that it had appended by then,
   * and shows only now (§4.3), or on one before all that it has shown.
   */
  shown(office: Office): void {
    const { configurations, findings } = this.#parts;
    for (const claim of office.takeShownClaims()) {
      const { index, holders } = claim;
      const { found, isWhole } = configurations.since(office, index);
      if (isByQuorum(found, holders)) continue;
      if (!isWhole) {
        office.claims.push(claim);
        continue;
      }
      const names = [...holders].map((id) => this.#name(id));
      findings.broken("commit: not on the disks of a quorum (V6, V8, V10)", [
        `${this.#name(office.leader)} leads term ${office.term} and commits ${index}`,
        `it is on the disk of: ${names.join(", ")}`,
        ...found.map((appended) => `in force: ${configurations.text(appended)}`),
      ]);
    }
  }

  /**
   * What an append tells is the leader's own commit index. If that entry is of an earlier term, somebody
   * must have told before that it is committed (`told`): a leader may not count copies of it (§3.6.2).
   */
  counted(office: Office, at: { readonly commitIndex: number; readonly told: number }): void {
    const { findings, tree } = this.#parts;
    const { commitIndex, told } = at;
    const there = office.termAt(commitIndex);
    if (there === undefined || there === office.term || commitIndex <= told) return;
    // A sole voter has told nobody what it committed.
    const inForce = tree.inForceAt({ index: commitIndex, term: there })?.configuration;
    if (inForce === undefined || inForce.voters.length + inForce.votersOutgoing.length < 2) return;
    if (this.#wasCommittedUntold(office.leader, { index: commitIndex, term: there })) return;
    findings.broken("commit: an entry of an earlier term was committed by counting (V6)", [
      `${this.#name(office.leader)} leads term ${office.term} and commits ${commitIndex}@${there}`,
      `committed as far as anybody was told: ${told}`,
    ]);
  }

  /** It led then too, committed, and stopped before it told anybody. */
  #wasCommittedUntold(leader: string, { index, term }: Place): boolean {
    const then = this.#parts.officeOf(term);
    if (then?.leader !== leader) return false;
    const held = [...then.accepted].filter(([, through]) => through >= index).map(idOf);
    const { found } = this.#parts.configurations.since(then, index);
    return isByQuorum(found, new Set([leader, ...held]));
  }

  #name(nodeId: string): string {
    return this.#parts.view.nameOf(nodeId);
  }
}

function isByQuorum(possible: readonly Appended[], holders: ReadonlySet<string>): boolean {
  return possible.some(({ configuration }) => isQuorum(configuration, (id) => holders.has(id)));
}

function idOf([id]: readonly [string, number]): string {
  return id;
}
