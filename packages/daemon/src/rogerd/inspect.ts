// inspect.ts — `rogerd inspect DIR`: a data folder in words, and whether it is damaged as the exit code.
// Changes nothing, damaged or not.
import { FolderTakenError } from "@rogerd/raft";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import type { Surroundings } from "./surroundings.ts";

/** How the storage begins a line about damage. */
const damageMark = "DAMAGE";

export async function inspect(
  surroundings: Surroundings,
  asked: { readonly directory: string },
): Promise<ExitCode> {
  if (!(await surroundings.isFolder(asked.directory))) {
    surroundings.say(`rogerd: there is no folder ${asked.directory}; name what --data-dir named`);
    return exitCodes.usage;
  }
  try {
    let isDamaged = false;
    for await (const line of surroundings.inspectFolder(asked.directory)) {
      surroundings.out(`${line}\n`);
      isDamaged ||= line.startsWith(damageMark);
    }
    if (!isDamaged) return exitCodes.stopped;
    surroundings.say(
      `rogerd: the data in ${asked.directory} is damaged, as told above; rogerd serve says whether it may start and what to do`,
    );
    return exitCodes.damaged;
  } catch (error) {
    if (!(error instanceof FolderTakenError)) throw error;
    surroundings.say(`rogerd: ${error.message}; stop that node first, or inspect a copy`);
    return exitCodes.taken;
  }
}
