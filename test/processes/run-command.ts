// run-command.ts — runs a compiled command of ours as a process, without a terminal, and gives what it
// printed and its exit code.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { projectRoot } from "../project-root.ts";

export interface CommandLineOutcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export function runCommand(call: {
  readonly program: "rogerd" | "rogerctl";
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
}): Promise<CommandLineOutcome> {
  const binary = join(projectRoot, "packages", "daemon", "bin", `${call.program}.js`);
  const child = spawn(process.execPath, [binary, ...call.args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...call.env },
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ code: code ?? -1, stdout, stderr }));
  });
}
