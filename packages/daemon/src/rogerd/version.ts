// version.ts — `rogerd version`: which rogerd this is, and on what it runs.
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import type { Surroundings } from "./surroundings.ts";

export function version(surroundings: Surroundings): ExitCode {
  surroundings.out(`rogerd ${surroundings.version} on Node ${surroundings.nodeVersion}\n`);
  return exitCodes.stopped;
}
