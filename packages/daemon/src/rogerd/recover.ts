// recover.ts — `rogerd recover`: the two ways out of damage. Both give something up, so both ask first;
// where nobody can be asked they want --yes. What may be given up at all is decided by the storage.
import { DamagedDataError, FolderTakenError, RecoveryRefusedError } from "@rogerd/raft";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import type { Surroundings } from "./surroundings.ts";

export const recoveryWays = ["rejoin", "accept-tail-loss"] as const;
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
    "cuts the log at the damage; writes after it that were acknowledged are lost for good",
} as const satisfies Record<RecoveryWay, string>;

export async function recover(surroundings: Surroundings, asked: RecoverAsked): Promise<ExitCode> {
  const { directory, way } = asked;
  if (!(await surroundings.isFolder(directory))) {
    surroundings.say(`rogerd: there is no folder ${directory}; name what --data-dir named`);
    return exitCodes.usage;
  }
  if (asked.consent === "to-be-asked") {
    surroundings.say(`recover --${way} ${meanings[way]}.`);
    const answer = await surroundings.confirm(`Do it to ${directory}?`);
    if (answer === "no-terminal") {
      surroundings.say(
        "rogerd: there is no terminal to ask on; write --yes if that is what you want",
      );
      return exitCodes.usage;
    }
    if (answer === "no") {
      surroundings.say("nothing was changed");
      return exitCodes.stopped;
    }
  }
  try {
    const { lines } = await surroundings.recoverFolder({ directory, way });
    for (const line of lines) surroundings.out(`${line}\n`);
    return exitCodes.stopped;
  } catch (error) {
    if (error instanceof FolderTakenError) {
      surroundings.say(`rogerd: ${error.message}; stop that node first`);
      return exitCodes.taken;
    }
    if (error instanceof RecoveryRefusedError || error instanceof DamagedDataError) {
      surroundings.say(`rogerd: ${error.message}`);
      return exitCodes.damaged;
    }
    throw error;
  }
}
