// disk-checks.ts — is what a node has promised on its disk, so that a power cut now would not take it
// back (V8)? It takes the disk as a cut that keeps nothing unsynced would leave it, and lets the
// product's own recovery read it: what a start would find is what counts.
import {
  groupFolders,
  type MemoryDisk,
  openLogStorage,
  type Recovered,
  readIdentity,
} from "@rogerd/raft";
import type { Ledger } from "./ledger.ts";
import { fingerprint } from "./log-tree.ts";
import type { Machine } from "./machine.ts";
import type { Findings } from "./violation.ts";

export class DiskChecks {
  readonly #ledger: Ledger;
  readonly #findings: Findings;
  done = 0;

  constructor(parts: { readonly ledger: Ledger; readonly findings: Findings }) {
    this.#ledger = parts.ledger;
    this.#findings = parts.findings;
  }

  /** At the moment a vote leaves; of a leader, its own, when it first speaks as one. */
  checkVote(machine: Machine, vote: { readonly term: number; readonly candidate: string }): void {
    const { candidate } = vote;
    this.#look(machine, (left) => {
      const { term, votedFor } = left.hardState;
      if (term > vote.term || (term === vote.term && votedFor === candidate)) return;
      this.#findings.broken("durability: a vote leaves before it is on disk (V8)", [
        `${machine.name}  votes in term ${vote.term} for ${candidate}`,
        `${machine.name}  after a power cut now: term ${term}, vote for ${votedFor ?? "nobody"}`,
      ]);
    });
  }

  /** Whenever it is asked: the latest acknowledgement of this node is on its disk. */
  checkLog(machine: Machine): void {
    const pledge = this.#ledger.pledges.get(machine.nodeId ?? "");
    if (pledge === undefined) return;
    const { term, matchIndex } = pledge;
    this.#look(machine, (left) => {
      this.#judge(machine, { term, matchIndex }, left);
    });
  }

  /** A leader has counted its own copy of this entry, which is of its own term. */
  checkOwnCopy(machine: Machine, entry: { readonly index: number; readonly term: number }): void {
    this.#look(machine, (left) => {
      const { hardState, entries, base, snapshot } = left;
      const lastIndex = Math.max(entries.at(-1)?.index ?? base.index, snapshot?.index ?? 0);
      if (hardState.term > entry.term || lastIndex >= entry.index) return;
      this.#findings.broken("durability: a leader counts its own copy before it is on disk (R10)", [
        `${machine.name}  commits ${entry.index}@${entry.term} and needs its own copy for it`,
        `${machine.name}  after a power cut now: entries through ${lastIndex}`,
      ]);
    });
  }

  /** In the term of the pledge the leader's entry must stand there, not one that it replaces. */
  #judgeEntry(
    machine: Machine,
    { matchIndex, term }: { readonly term: number; readonly matchIndex: number },
    { entries, hardState }: Recovered,
  ): void {
    const expected = this.#ledger.termIn(term, matchIndex);
    const there = entries.find(({ index }) => index === matchIndex)?.term;
    if (hardState.term !== term || there === undefined || expected === undefined) return;
    if (there === expected) return;
    this.#findings.broken("durability: acknowledged before it replaced what was there (V8)", [
      `${machine.name}  acknowledged ${matchIndex}@${expected} in term ${term}`,
      `${machine.name}  after a power cut now: ${matchIndex}@${there}`,
    ]);
  }

  #judge(
    machine: Machine,
    pledge: { readonly term: number; readonly matchIndex: number },
    left: Recovered,
  ): void {
    const { hardState, entries, base, snapshot } = left;
    const lastIndex = Math.max(entries.at(-1)?.index ?? base.index, snapshot?.index ?? 0);
    // In a later term a leader may have replaced what was acknowledged to an earlier one.
    const isKept =
      hardState.term > pledge.term ||
      (hardState.term === pledge.term && lastIndex >= pledge.matchIndex);
    if (!isKept) {
      this.#findings.broken("durability: acknowledged before it was on disk (V8)", [
        `${machine.name}  acknowledged all entries through ${pledge.matchIndex} in term ${pledge.term}`,
        `${machine.name}  after a power cut now: entries through ${lastIndex}, term ${hardState.term}`,
      ]);
    }
    this.#judgeEntry(machine, pledge, left);
    for (const entry of entries) {
      const known = this.#ledger.entryAt(entry);
      if (known === undefined || known === fingerprint(entry)) continue;
      this.#findings.broken("log-matching: another entry on disk than was sent (V3)", [
        `sent: ${entry.index}@${entry.term} is ${known}`,
        `${machine.name}  on disk: ${fingerprint(entry)}`,
      ]);
    }
  }

  #look(machine: Machine, judge: (left: Recovered) => void): void {
    if (this.#findings.first !== undefined || machine.isRotten) return;
    this.done += 1;
    const disk = machine.memory.afterCrash({ keep: "nothing" });
    recovered(machine, disk).then(
      (left) => {
        if (left !== undefined) judge(left);
      },
      (error: unknown) => {
        const what = error instanceof Error ? error.message : String(error);
        this.#findings.broken("recovery: after a power cut a node would not start (D4)", [
          `${machine.name}  ${what}`,
        ]);
      },
    );
  }
}

/** What a start would find; rejects with DamagedDataError. The disk is changed by it, and has room. */
export async function recovered(
  machine: Machine,
  disk: MemoryDisk,
): Promise<Recovered | undefined> {
  const directory = machine.settings.dataDir;
  disk.limit({ capacityBytes: Number.MAX_SAFE_INTEGER });
  const record = await readIdentity({ disk, directory });
  if (record === undefined || record.clusterId === null) return undefined;
  const storage = await openLogStorage({
    disk,
    directory: groupFolders({ directory, group: 0 }).wal,
    identity: { clusterId: record.clusterId, nodeId: record.nodeId, group: 0 },
    incarnation: record.incarnation,
    limits: { segmentBytes: machine.settings.walSegmentBytes, reserveBytes: 0 },
  });
  await storage.close();
  return storage.recovered;
}
