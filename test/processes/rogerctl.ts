// rogerctl.ts — runs the compiled rogerctl against these endpoints.
import { type CommandLineOutcome, runCommand } from "./run-command.ts";

export type { CommandLineOutcome } from "./run-command.ts";

export function runRogerctl(call: {
  readonly endpoints: readonly string[];
  readonly args: readonly string[];
}): Promise<CommandLineOutcome> {
  const env = { ROGERCTL_ENDPOINTS: call.endpoints.join(",") };
  return runCommand({ program: "rogerctl", args: call.args, env });
}
