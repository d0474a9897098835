// recover.ts — `rogerd recover`: the ways out of damage, and of a lost majority. Each gives something up, so
// each says what and asks first; where nobody can be asked it wants --yes. What may be given up at all is
// decided by the storage.
import {
  DamagedDataError,
  FolderTakenError,
  NothingToRecoverError,
  RecoveryRefusedError,
} from "@rogerd/raft";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import type { Surroundings } from "./surroundings.ts";

export const recoveryWays = ["rejoin", "accept-tail-loss", "force-new-cluster"] as const;
export type RecoveryWay = (typeof recoveryWays)[number];

export interface RecoverAsked {
  readonly directory: string;
  readonly way: RecoveryWay;
  /** `given`: the operator wrote --yes. */
  readonly consent: "given" | "to-be-asked";
}

const meanings = {
  rejoin:
    "sets the data of this node aside and makes the folder a new node with a new id; the cluster must replace the old member by it",
  "accept-tail-loss":
    "begins a new cluster of one with what can be kept; what was acknowledged and can't is lost for good",
  "force-new-cluster":
    "begins a new cluster with what this node has, for when a majority of the voters is lost for good; the old cluster must never come back",
} as const satisfies Record<RecoveryWay, string>;

export async function recover(surroundings: Surroundings, asked: RecoverAsked): Promise<ExitCode> {
  const { directory, way } = asked;
  if (!(await surroundings.isFolder(directory))) {
    surroundings.say(`rogerd: there is no folder ${directory}; name what --data-dir named`);
    return exitCodes.usage;
  }
  try {
    const declined = asked.consent === "given" ? undefined : await ask(surroundings, asked);
    if (declined !== undefined) return declined;
    const { lines } = await surroundings.recoverFolder({ directory, way });
    for (const line of lines) surroundings.out(`${line}\n`);
    return exitCodes.stopped;
  } catch (error) {
    if (error instanceof FolderTakenError) {
      surroundings.say(`rogerd: ${error.message}; stop that node first`);
      return exitCodes.taken;
    }
    if (error instanceof NothingToRecoverError) {
      surroundings.say(`rogerd: ${error.message}`);
      return exitCodes.nothingToRecover;
    }
    if (error instanceof RecoveryRefusedError || error instanceof DamagedDataError) {
      surroundings.say(`rogerd: ${error.message}`);
      return exitCodes.damaged;
    }
    throw error;
  }
}

/** Undefined: go on. What is refused is refused before anybody is asked. */
async function ask(
  surroundings: Surroundings,
  { directory, way }: RecoverAsked,
): Promise<ExitCode | undefined> {
  surroundings.say(`recover --${way} ${meanings[way]}.`);
  const { lines } = await surroundings.foreseeRecovery({ directory, way });
  for (const line of lines) surroundings.say(line);
  const answer = await surroundings.confirm(`Do it to ${directory}?`);
  if (answer === "no-terminal") {
    surroundings.say(
      "rogerd: there is no terminal to ask on; write --yes if that is what you want",
    );
    return exitCodes.usage;
  }
  if (answer === "yes") return undefined;
  surroundings.say("nothing was changed");
  return exitCodes.stopped;
}
