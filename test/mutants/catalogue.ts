// catalogue.ts — all seeded bugs, family by family.
import { application } from "./application.ts";
import { elections } from "./elections.ts";
import { membership } from "./membership.ts";
import type { Mutant } from "./mutant.ts";
import { reads } from "./reads.ts";
import { replication } from "./replication.ts";
import { snapshots } from "./snapshots.ts";
import { storages } from "./storage.ts";

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
];

export const catalogue: readonly Mutant[] = families.flatMap((family) => family.mutants);

/** The bug of the list that a mutant is a form of; undefined for a bug of our own. */
export function bugOf(mutant: Pick<Mutant, "id">): string | undefined {
  return /^[ERQMSDLJ]\d+/.exec(mutant.id)?.[0];
}
