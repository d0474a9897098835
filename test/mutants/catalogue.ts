// catalogue.ts — all seeded bugs, family by family.
import { application } from "./application.ts";
import { elections } from "./elections.ts";
import { given } from "./given.ts";
import { jobs } from "./jobs.ts";
import { keepers } from "./keepers.ts";
import { links } from "./links.ts";
import { membership } from "./membership.ts";
import type { Mutant } from "./mutant.ts";
import { partitions } from "./partitions.ts";
import { reads } from "./reads.ts";
import { replication } from "./replication.ts";
import { snapshots } from "./snapshots.ts";
import { storages } from "./storage.ts";
import { told } from "./told.ts";
import { watches } from "./watches.ts";

export interface Family {
  readonly title: string;
  readonly mutants: readonly Mutant[];
}

export const families: readonly Family[] = [
  { title: "Elections, terms and votes", mutants: elections },
  { title: "Replication and commit", mutants: replication },
  { title: "Reads", mutants: reads },
  { title: "Membership and forming", mutants: membership },
  { title: "Snapshots and compaction", mutants: snapshots },
  { title: "Storage", mutants: storages },
  { title: "Flow, sessions, time, JavaScript", mutants: application },
  { title: "Runs and execution keys", mutants: jobs },
  { title: "What is told", mutants: watches },
  { title: "What a session is told", mutants: told },
  { title: "Partitions", mutants: partitions },
  { title: "Keepalives from a thread", mutants: keepers },
  { title: "The way to the leader", mutants: links },
  { title: "What users give", mutants: given },
];

export const catalogue: readonly Mutant[] = families.flatMap((family) => family.mutants);

/** How many bugs each family of the list has. */
export const knownBugs: Readonly<Record<string, number>> = {
  E: 21,
  R: 21,
  Q: 10,
  M: 15,
  S: 13,
  D: 15,
  L: 11,
  J: 7,
};

/** Bugs that no few lines could put into this code, and why. */
export const notSeeded: Readonly<Record<string, string>> = {
  E7: "an `await` between looking at a vote and giving it: the core is synchronous, which `test/tidy` checks",
  E12: "messages handled on a second path: everything that happens to a node is one queue, in `node/loop.ts`",
  E16: "two variables for the current term: there is one, and only `core/roles.ts` may change it",
  R14: "answers from before a node was removed and came back: ids never come back (M10b)",
  Q6: "a lease measured by the wrong clock: there are no leases, a quorum answers for every read",
  Q8: "reads while the log is replayed: a read needs a round of the leader, or says that it may be stale",
  M12: "calls that interleave the two steps of a joint change: a change is one input, and one at a time (M9)",
  M15: "of two nodes, the one that goes never learns it: the one that stays needs nobody",
  L7: "admission decided at apply from what is not replicated: `apply` sees the entry and the state only",
  J3: "an object shared by two nodes in memory: simulated frames are bytes, messages of cores are frozen",
};

/** The bug of the list that a mutant is a form of; undefined for a bug of our own. */
export function bugOf(mutant: Pick<Mutant, "id">): string | undefined {
  return /^[ERQMSDLJ]\d+/.exec(mutant.id)?.[0];
}
