// client-process.ts — a client as a process of its own, which can be frozen and killed; it says what happens to
// it as lines of JSON. The programs are beside this file.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { projectRoot } from "../project-root.ts";

export class ClientProcess<Fact> implements AsyncDisposable {
  readonly #child: ChildProcess;
  #said = "";

  constructor(parts: {
    /** Its name in this room, or its path in another one of the tests. */
    readonly program: string;
    readonly args: readonly string[];
    /** The command that it is given to, which becomes it: in another network, say. */
    readonly within?: readonly string[];
  }) {
    const path = resolve(projectRoot, "test", "dist", "processes", `${parts.program}.js`);
    const [command = process.execPath, ...words] = [
      ...(parts.within ?? []),
      ...[process.execPath, path, ...parts.args],
    ];
    this.#child = spawn(command, words, { stdio: ["pipe", "pipe", "inherit"] });
    this.#child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.#said += text;
    });
  }

  /** What it has said so far. */
  get facts(): readonly Fact[] {
    const lines = this.#said.split("\n").slice(0, -1);
    return lines.map((line): Fact => JSON.parse(line));
  }

  say(line: string): void {
    this.#child.stdin?.write(`${line}\n`);
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** By itself, with nothing left that holds it; resolves with its exit code. */
  async exited(): Promise<number | null> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      await once(this.#child, "exit");
    }
    return this.#child.exitCode;
  }

  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, "exit");
    this.signal("SIGCONT");
    this.signal("SIGKILL");
    await exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }
}
