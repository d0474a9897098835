// rogerctl.ts — runs the compiled rogerctl as a process and gives what it printed and its exit code.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { projectRoot } from "../project-root.ts";

export interface CommandLineOutcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const binary = join(projectRoot, "packages", "daemon", "bin", "rogerctl.js");

export function runRogerctl(call: {
  readonly endpoints: readonly string[];
  readonly args: readonly string[];
}): Promise<CommandLineOutcome> {
  const env = { ...process.env, ROGERCTL_ENDPOINTS: call.endpoints.join(",") };
  const child = spawn(process.execPath, [binary, ...call.args], {
    stdio: ["ignore", "pipe", "pipe"],
    env,
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
