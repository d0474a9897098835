// workers.ts — all workers of a run: started on the clients' machines, replaced when they are gone, told to finish
// at the end. Keeps who was killed or frozen when, for the history; who ended by itself before it was told to is a finding.
import type { Dice } from "../../simulation/dice.ts";
import {
  type HistoryLine,
  nowUs,
  type RunLine,
  type WorkloadName,
} from "../history/history-line.ts";
import { readHistory } from "../history/read-history.ts";
import type { Hosts } from "../hosts/hosts.ts";
import type { WorkerHandle } from "../nemeses/nemesis.ts";
import { type WorkerEnd, WorkerProcess } from "./worker-process.ts";

export interface WorkersParts {
  readonly hosts: Pick<Hosts, "clients" | "within" | "endpointsFor">;
  readonly count: number;
  readonly workloads: readonly WorkloadName[];
  readonly dice: Dice;
  /** Where their lines are kept; made and removed by whoever gives it. */
  readonly folder: string;
  /** Of the resource outside, as seen from the clients' machines. */
  readonly resource: string;
}

/** With calls that take their time, and waits. */
const finishWithinMs = 60_000;

export class Workers implements AsyncDisposable {
  /** So many calls of all of them were answered by a node. */
  answers = 0;
  /** Those that ended by themselves, or did not end when they were told to. */
  readonly faulty: WorkerEnd[] = [];
  readonly #parts: WorkersParts;
  readonly #started: WorkerProcess[] = [];
  readonly #now: Worker[] = [];
  readonly #lines: RunLine[] = [];
  #isOver = false;

  constructor(parts: WorkersParts) {
    this.#parts = parts;
    for (let at = 0; at < parts.count; at += 1) this.#now.push(this.#start(at));
  }

  /** Those that work now: who is gone has been replaced by a new one of a new name. */
  get now(): readonly WorkerHandle[] {
    return this.#now;
  }

  /** No new calls; resolves when all have ended. */
  async finish(): Promise<void> {
    this.#isOver = true;
    for (const worker of this.#now) worker.finish();
    await Promise.all(this.#now.map((worker) => worker.endedWithin(finishWithinMs)));
  }

  /** Of all that ever worked here, and what was done to them. */
  history(more: readonly HistoryLine[]): Promise<readonly HistoryLine[]> {
    const files = this.#started.map(({ file }) => file);
    return readHistory(files, [...this.#lines, ...more]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#now.map((worker) => worker.kill()));
  }

  #start(at: number): Worker {
    const { dice, folder, hosts, resource, workloads } = this.#parts;
    const host = hosts.clients[at % hosts.clients.length];
    if (host === undefined) throw new Error("there are no clients' machines");
    const order = {
      name: `w${this.#started.length + 1}`,
      seed: dice.draw(),
      // Half of them, whoever is replaced.
      encoding: at % 2 === 0 ? "msgpack" : "json",
      keepalives: dice.chance(0.3) ? "thread" : "loop",
      workloads,
      resource,
      endpoints: hosts.endpointsFor(host),
    } as const;
    const answered = (): void => {
      this.answers += 1;
    };
    const process = new WorkerProcess({ order, within: hosts.within(host), folder, answered });
    this.#started.push(process);
    const worker = new Worker({ process, note: (line) => void this.#lines.push(line) });
    void process.ended.then((end) => this.#hasEnded({ worker, at, end }));
    return worker;
  }

  #hasEnded(one: { readonly worker: Worker; readonly at: number; readonly end: WorkerEnd }): void {
    const { at, end, worker } = one;
    const isAsked = worker.isKilled || (this.#isOver && end.code === 0);
    if (!isAsked) this.faulty.push(end);
    if (!this.#isOver) this.#now[at] = this.#start(at);
  }
}

class Worker implements WorkerHandle {
  readonly #process: WorkerProcess;
  readonly #note: (line: RunLine) => void;
  #isFrozen = false;
  isKilled = false;

  constructor(parts: { readonly process: WorkerProcess; readonly note: (line: RunLine) => void }) {
    this.#process = parts.process;
    this.#note = parts.note;
  }

  get name(): string {
    return this.#process.name;
  }

  freeze(): void {
    this.#isFrozen = true;
    this.#says("frozen", "SIGSTOP");
    this.#process.signal("SIGSTOP");
  }

  thaw(): void {
    if (!this.#isFrozen) return;
    this.#isFrozen = false;
    this.#process.signal("SIGCONT");
    this.#says("thawed", "SIGCONT");
  }

  async kill(): Promise<void> {
    if (this.#process.isRunning && !this.isKilled) {
      this.isKilled = true;
      this.#says("killed", "SIGKILL");
      this.#process.signal("SIGKILL");
    }
    await this.#process.ended;
  }

  finish(): void {
    this.thaw();
    this.#process.finish();
  }

  /** Else it is asked for no longer: it is killed, and its end is no good one. */
  async endedWithin(ms: number): Promise<void> {
    const timer = setTimeout(() => this.#process.signal("SIGKILL"), ms);
    await this.#process.ended;
    clearTimeout(timer);
  }

  #says(kind: RunLine["kind"], says: string): void {
    this.#note({ kind, at: nowUs(), says, whom: [this.name] });
  }
}
