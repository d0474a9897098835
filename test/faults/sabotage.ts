// sabotage.ts — the system broken on purpose, to see that a run notices (`--sabotage NAME`). Each is a form of a seeded bug
// (test/mutants), put into a copy of the project; the faults that it takes to see it are given.
import { catalogue } from "../mutants/catalogue.ts";
import type { Mutant } from "../mutants/mutant.ts";
import { Workshop } from "../mutants/workshop.ts";
import type { DiskKind } from "../processes/test-cluster.ts";

export interface Sabotage {
  readonly name: string;
  readonly says: string;
  readonly mutants: readonly Mutant[];
  /** Power cuts are SIGKILLs on a disk that loses what was not synced. */
  readonly disk: DiskKind;
  /** Of all disks, always: what is not on them yet is not for long. */
  readonly syncLateMs?: number;
  /** Nemeses that it takes. */
  readonly only: readonly string[];
  /** The verdicts that can see it. */
  readonly caughtBy: readonly string[];
}

const state = "packages/global-state/src";

const answersForgotten: Mutant = {
  id: "S1",
  bug: "answers are not kept for retries",
  file: `${state}/apply.ts`,
  text: "if (!isOver) keepAnswer(state, { session, sequence, outcome });",
  replacement: "void [isOver, keepAnswer];",
};

const leaseIgnored: Mutant = {
  id: "S2",
  bug: "a session is ended long before its lease",
  file: "packages/daemon/src/session/leases.ts",
  text: "memory.deadlines.set(id, this.#parts.platform.monotonicNow() + ttlMs);",
  replacement: "memory.deadlines.set(id, this.#parts.platform.monotonicNow() + ttlMs / 10);",
};

const voteForgotten: Mutant = {
  id: "S3",
  bug: "a node that starts again knows no term and no vote but those of its last entry",
  file: "packages/raft/src/storage/wal/recovery.ts",
  text: "hardState: positions.hardState,",
  replacement: "hardState: { term: positions.last.term, votedFor: undefined },",
};

/** The log's own watch over it. */
const changedVoteUnseen: Mutant = {
  id: "S4",
  bug: "a vote that changes within its term is written",
  file: "packages/raft/src/storage/log-positions.ts",
  text: "if (hardState.term === term && votedFor !== undefined && hardState.votedFor !== votedFor) {",
  replacement: "if (false) {",
};

export const sabotages: readonly Sabotage[] = [
  {
    name: "acknowledge-before-sync",
    says: "writes are acknowledged before they are on any disk, and all nodes lose power",
    mutants: [known("R3b"), known("R10")],
    disk: "drops-unsynced",
    syncLateMs: 200,
    only: ["kill-all", "kill-majority"],
    caughtBy: ["Roger's answers", "queue keys' answers", "tokens", "first come", "watches"],
  },
  {
    name: "read-without-quorum",
    says: "whoever believes that it leads answers reads, and nobody tells it better",
    mutants: [known("Q7"), known("E19")],
    disk: "real",
    only: ["leader-with-clients"],
    caughtBy: ["Roger's answers", "queue keys' answers", "exclusion"],
  },
  {
    name: "lease-ignored",
    says: leaseIgnored.bug,
    mutants: [leaseIgnored],
    disk: "real",
    only: ["client-side", "pause-short"],
    caughtBy: ["exclusion"],
  },
  {
    name: "answers-not-kept",
    says: answersForgotten.bug,
    mutants: [answersForgotten],
    disk: "real",
    only: ["kill-one", "leader-alone"],
    caughtBy: ["Roger's answers", "queue keys' answers", "exactly once", "the log"],
  },
  {
    name: "token-reused",
    says: known("L10").bug,
    mutants: [known("L10")],
    disk: "real",
    only: ["kill-one"],
    caughtBy: ["tokens"],
  },
  {
    name: "vote-not-persisted",
    says: voteForgotten.bug,
    mutants: [voteForgotten, changedVoteUnseen],
    disk: "real",
    only: ["forgotten-vote"],
    caughtBy: ["leaders"],
  },
];

function known(id: string): Mutant {
  const mutant = catalogue.find((each) => each.id === id);
  if (mutant === undefined) throw new Error(`no seeded bug ${id}`);
  return mutant;
}

/** The root of a copy that has it, built; to be closed. */
export async function sabotagedCopy(sabotage: Sabotage): Promise<Workshop> {
  const workshop = await Workshop.open();
  for (const mutant of sabotage.mutants) {
    await workshop.putIn(mutant);
    await workshop.compile(mutant);
  }
  return workshop;
}
