// watch-command.ts — `rogerctl watch` as a process: what it has told so far, read or left unread, and how it ends.
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { projectRoot } from "../project-root.ts";
import { eventually } from "./eventually.ts";

const binary = join(projectRoot, "packages", "daemon", "bin", "rogerctl.js");

export class WatchCommand implements AsyncDisposable {
  readonly #child: ChildProcessByStdio<null, Readable, Readable>;
  readonly #exited: Promise<number | null>;
  #out = "";
  #said = "";

  constructor(call: { readonly endpoints: readonly string[]; readonly args: readonly string[] }) {
    this.#child = spawn(process.execPath, [binary, "watch", ...call.args], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, ROGERCTL_ENDPOINTS: call.endpoints.join(",") },
    });
    this.#child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#said += text;
    });
    this.#exited = new Promise((resolve, reject) => {
      this.#child.once("error", reject);
      this.#child.once("exit", (code) => resolve(code));
    });
  }

  /** From now on its output is read; before, nobody takes more than what pipes hold. */
  read(): void {
    this.#child.stdout.setEncoding("utf8").on("data", (text: string) => {
      this.#out += text;
    });
  }

  /** As `| head` does once it has enough. */
  hangUp(): void {
    this.#child.stdout.destroy();
  }

  /** Whole ones. */
  lines(): readonly string[] {
    return this.#out.split("\n").slice(0, -1);
  }

  get said(): string {
    return this.#said;
  }

  /** It has a node, and asks it. */
  async watches(): Promise<void> {
    await eventually("rogerctl watch has begun", () =>
      Promise.resolve(this.#said.includes("watching") || undefined),
    );
  }

  async tells(what: string, isTold: (lines: readonly string[]) => boolean): Promise<void> {
    await eventually(what, () => Promise.resolve(isTold(this.lines()) || undefined));
  }

  pressControlC(): Promise<number | null> {
    this.#child.kill("SIGINT");
    return this.#exited;
  }

  get exited(): Promise<number | null> {
    return this.#exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#exited;
  }
}
