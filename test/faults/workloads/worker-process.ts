// worker-process.ts — a worker as its runner has it: started on its host, what it says kept in a file, its answered
// calls counted; frozen, thawed, killed.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream, type WriteStream } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { projectRoot } from "../../project-root.ts";
import { type HistoryLine, isServed } from "../history/history-line.ts";
import type { WorkerOrder } from "./worker-order.ts";

export interface WorkerEnd {
  readonly name: string;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** What it wrote to stderr. */
  readonly said: string;
}

const program = join(projectRoot, "test", "dist", "faults", "workloads", "worker.js");
/** So every line of an answer begins (teller.ts): no others are parsed here. */
const beginOfAnEnd = '{"kind":"end"';
const saidMax = 20_000;

export class WorkerProcess {
  readonly name: string;
  /** Its lines of history. */
  readonly file: string;
  readonly ended: Promise<WorkerEnd>;
  readonly #child: ChildProcess;
  readonly #out: WriteStream;
  readonly #answered: () => void;
  #said = "";

  constructor(parts: {
    readonly order: WorkerOrder;
    readonly within: readonly string[];
    readonly folder: string;
    readonly answered: () => void;
  }) {
    this.name = parts.order.name;
    this.file = join(parts.folder, `${this.name}.jsonl`);
    this.#answered = parts.answered;
    this.#out = createWriteStream(this.file);
    const [command = process.execPath, ...words] = [
      ...parts.within,
      ...[process.execPath, program, JSON.stringify(parts.order)],
    ];
    this.#child = spawn(command, words, { stdio: ["pipe", "pipe", "pipe"] });
    this.ended = this.#keepsAll();
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Resolves when it has ended, and all that it said is in its file. */
  async #keepsAll(): Promise<WorkerEnd> {
    const { stdin, stdout, stderr } = this.#child;
    if (stdin === null || stdout === null || stderr === null) throw new Error("it has pipes");
    // It may be gone before it reads what it is told.
    stdin.on("error", (error) => {
      this.#said += `stdin: ${error.message}\n`;
    });
    stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#said = (this.#said + text).slice(-saidMax);
    });
    const closed = once(this.#child, "close");
    for await (const line of createInterface({ input: stdout })) this.#keep(line);
    await closed;
    this.#out.end();
    await once(this.#out, "finish");
    const { exitCode, signalCode } = this.#child;
    return { name: this.name, code: exitCode, signal: signalCode, said: this.#said };
  }

  #keep(line: string): void {
    this.#out.write(`${line}\n`);
    if (!line.startsWith(beginOfAnEnd) || !line.endsWith("}")) return;
    const end = JSON.parse(line) as HistoryLine;
    if (end.kind === "end" && isServed(end)) this.#answered();
  }

  /** Nothing new; it ends when what is open has ended. */
  finish(): void {
    this.#child.stdin?.write("finish\n");
  }

  /** As if its runner had ended. */
  leave(): void {
    this.#child.stdin?.end();
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }
}
