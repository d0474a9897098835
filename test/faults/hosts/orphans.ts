// orphans.ts — a run's daemons and workers end with it, however it ends: also by SIGKILL, after which nobody would look for
// them.
import { spawnSync } from "node:child_process";

/** The words before a command that is to end with whoever started it. */
export const orphansEnd: readonly string[] = ["setpriv", "--pdeathsig", "KILL", "--"];

/** Found out by trying: it is a command of Linux. */
export function canEndOrphans(): boolean {
  const [command = "", ...words] = orphansEnd;
  return spawnSync(command, [...words, "true"], { stdio: "ignore" }).status === 0;
}
