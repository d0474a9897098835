// child.ts — a process of ours with a time limit: it ends, or it is ended.
import { spawn } from "node:child_process";

export type Ending =
  | { readonly kind: "ended"; readonly code: number; readonly output: string }
  | { readonly kind: "hung"; readonly output: string };

export interface ChildParts {
  readonly directory: string;
  /** For what it would leave behind if it is ended. */
  readonly temporary: string;
  readonly args: readonly string[];
  /** So long without a word from it, or at all where it says nothing. */
  readonly silenceMs: number;
}

const outputMax = 64 * 1024;

/** Runs Node with these arguments; of what it says the end is kept. */
export function runNode(parts: ChildParts): Promise<Ending> {
  const { directory, args, silenceMs, temporary } = parts;
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...args], {
      cwd: directory,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, CI: "1", NO_COLOR: "1", TMPDIR: temporary },
    });
    let output = "";
    let hung = false;
    const giveUp = (): void => {
      hung = true;
      child.kill("SIGKILL");
    };
    let timer = setTimeout(giveUp, silenceMs);
    const heard = (chunk: string): void => {
      output = `${output}${chunk}`.slice(-outputMax);
      clearTimeout(timer);
      if (!hung) timer = setTimeout(giveUp, silenceMs);
    };
    child.stdout.setEncoding("utf8").on("data", heard);
    child.stderr.setEncoding("utf8").on("data", heard);
    child.on("error", reject);
    child.on("close", (code) => {
      clearTimeout(timer);
      resolve(hung ? { kind: "hung", output } : { kind: "ended", code: code ?? -1, output });
    });
  });
}
