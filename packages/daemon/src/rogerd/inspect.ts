// inspect.ts — `rogerd inspect DIR`: a data folder in words. Changes nothing, damaged or not.
import { FolderTakenError } from "@rogerd/raft";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import type { Surroundings } from "./surroundings.ts";

export async function inspect(
  surroundings: Surroundings,
  asked: { readonly directory: string },
): Promise<ExitCode> {
  if (!(await surroundings.isFolder(asked.directory))) {
    surroundings.say(`rogerd: there is no folder ${asked.directory}; name what --data-dir named`);
    return exitCodes.usage;
  }
  try {
    for await (const line of surroundings.inspectFolder(asked.directory))
      surroundings.out(`${line}\n`);
    return exitCodes.stopped;
  } catch (error) {
    if (!(error instanceof FolderTakenError)) throw error;
    surroundings.say(`rogerd: ${error.message}; stop that node first, or inspect a copy`);
    return exitCodes.taken;
  }
}
