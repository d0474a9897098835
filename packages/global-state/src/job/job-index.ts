// job-index.ts — the jobs of one partition that run or wait to start, as others look for them: by job, and by
// queue, in an order that is the same on every node. Derived: it follows from the runs in the order of their
// tokens, and from the waiters in the order in which they came.
import type { JobId, Selector } from "../ids.ts";
import type { Run } from "./run.ts";

/** Who waits to start a job: a waiter (execution-key/waiter.ts), as far as it matters here. */
export interface WaitingStart {
  readonly owner: JobId;
  readonly arrival: number;
  readonly job: { readonly queue: Selector } | null;
}

interface OfQueue<Start> {
  readonly runs: Map<number, Run>;
  readonly starts: Map<number, Start>;
}

const allQueues = "*";

export class JobIndex<Start extends WaitingStart> {
  readonly #all: OfQueue<Start> = newOfQueue();
  readonly #byQueue: Map<string, OfQueue<Start>> = new Map();
  readonly #starts: Map<JobId, Start> = new Map();

  get runCount(): number {
    return this.#all.runs.size;
  }

  get startCount(): number {
    return this.#starts.size;
  }

  /** A job waits to start once. */
  startOf(jobId: JobId): Start | undefined {
    return this.#starts.get(jobId);
  }

  /** In the order of their tokens; `*`: of all queues. Live: it may be walked on while it changes. */
  runsOf(queues: Selector): ReadonlyMap<number, Run> {
    return this.#of(queues).runs;
  }

  /** In the order in which they came. */
  startsOf(queues: Selector): ReadonlyMap<number, Start> {
    return this.#of(queues).starts;
  }

  addRun(run: Run): void {
    this.#all.runs.set(run.token, run);
    this.#toAdd(run.queue).runs.set(run.token, run);
  }

  removeRun(run: Run): void {
    this.#all.runs.delete(run.token);
    this.#of(run.queue).runs.delete(run.token);
    this.#letGo(run.queue);
  }

  addStart(start: Start): void {
    if (start.job === null) return;
    this.#starts.set(start.owner, start);
    this.#all.starts.set(start.arrival, start);
    this.#toAdd(start.job.queue).starts.set(start.arrival, start);
  }

  removeStart(start: Start): void {
    if (start.job === null) return;
    this.#starts.delete(start.owner);
    this.#all.starts.delete(start.arrival);
    this.#of(start.job.queue).starts.delete(start.arrival);
    this.#letGo(start.job.queue);
  }

  #of(queues: Selector): OfQueue<Start> {
    if (queues === allQueues) return this.#all;
    return this.#byQueue.get(queues) ?? newOfQueue();
  }

  #toAdd(queue: Selector): OfQueue<Start> {
    const found = this.#byQueue.get(queue);
    if (found !== undefined) return found;
    const added = newOfQueue<Start>();
    this.#byQueue.set(queue, added);
    return added;
  }

  #letGo(queue: Selector): void {
    const { runs, starts } = this.#of(queue);
    if (runs.size === 0 && starts.size === 0) this.#byQueue.delete(queue);
  }
}

function newOfQueue<Start>(): OfQueue<Start> {
  return { runs: new Map(), starts: new Map() };
}
