// daemon-process.ts — one real `rogerd serve` as an operating-system process: started from the
// compiled binary, stopped, killed, frozen. What it wrote to its log is kept for a failing test.
import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { join } from "node:path";
import { projectRoot } from "../project-root.ts";

const binary = "packages/daemon/bin/rogerd.js";
/** The same daemon on a disk of our own; compiled with the tests. */
const onWriteBackDisk = "test/dist/processes/serve-on-write-back-disk.js";
const logLinesKept = 400;

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export class DaemonProcess {
  readonly #child: ChildProcess;
  readonly #log: string[] = [];
  readonly exited: Promise<Exit>;
  #isAsked = false;

  constructor(start: {
    readonly args: readonly string[];
    readonly env?: NodeJS.ProcessEnv;
    readonly disk?: "real" | "drops-unsynced" | "never-syncs";
    /** The command that it is given to, which becomes it: in another network, say. */
    readonly within?: readonly string[];
    /** The root of another version of the project, built. */
    readonly product?: string;
  }) {
    const disk = start.disk ?? "real";
    const root = start.product ?? projectRoot;
    const program = join(root, disk === "real" ? binary : onWriteBackDisk);
    const [command = process.execPath, ...words] = [
      ...(start.within ?? []),
      ...[process.execPath, program],
      ...start.args,
    ];
    this.#child = spawn(command, words, {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, NODE_ENV: "production", TEST_DISK: disk, ...start.env },
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => this.#keep(text));
    }
    this.exited = new Promise((resolve, reject) => {
      this.#child.once("error", reject);
      this.#child.once("close", (code, signal) => resolve({ code, signal }));
    });
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error("the process has not started");
    return this.#child.pid;
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** It was told to end, or ended by force; else it ends by itself. */
  get isAsked(): boolean {
    return this.#isAsked;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  async kill(): Promise<Exit> {
    this.#isAsked = true;
    this.#child.kill("SIGKILL");
    return this.exited;
  }

  async stop(): Promise<Exit> {
    this.#isAsked = true;
    this.#child.kill("SIGTERM");
    return this.exited;
  }

  log(): string {
    return this.#log.join("");
  }

  #keep(text: string): void {
    this.#log.push(text);
    if (this.#log.length > logLinesKept) this.#log.splice(0, this.#log.length - logLinesKept);
  }
}
