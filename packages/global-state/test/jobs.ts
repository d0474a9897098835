// jobs.ts — commands about runs, and clients that give them numbers. For tests only.
import {
  type JobFinish,
  type JobOutcome,
  type JobStart,
  jobId,
  key,
  type PartitionWrite,
  type Refusal,
  type Result,
  selector,
  type Write,
} from "../src/index.ts";
import { acme, inSession, type Opening, type World } from "./world.ts";

export interface StartHow {
  readonly queue?: string;
  readonly queueKey?: string;
  readonly uniqueUntil?: "start" | "finish";
  readonly key?: string;
  readonly onBusy?: "wait" | "reject";
  readonly waitTimeoutMs?: number;
  readonly takeover?: boolean;
  readonly tags?: readonly string[];
  readonly enqueuedAt?: number;
}

export function startOf(job: string, how: StartHow = {}): JobStart {
  const { queue = "mail", queueKey, uniqueUntil = "finish", tags = [], enqueuedAt = null } = how;
  const { onBusy = "wait", waitTimeoutMs, takeover = false } = how;
  const unique = queueKey === undefined ? null : { queueKey: key(queueKey), until: uniqueUntil };
  return {
    jobId: jobId(job),
    job: { queue: selector(queue), unique, tags, enqueuedAt },
    executionKey: how.key === undefined ? undefined : { key: key(how.key), onBusy, waitTimeoutMs },
    takeover,
  };
}

export function finishOf(
  job: string,
  outcome: JobOutcome = "completed",
  how: Partial<JobFinish> = {},
): JobFinish {
  const token = undefined;
  return { jobId: jobId(job), token, outcome, keepQueueKey: false, rememberMs: undefined, ...how };
}

export const jobWrites = {
  start: (job: string, how?: StartHow): PartitionWrite => ({
    name: "job.start",
    partition: acme,
    args: startOf(job, how),
  }),
  finish: (job: string, outcome?: JobOutcome, how?: Partial<JobFinish>): PartitionWrite => ({
    name: "job.finish",
    partition: acme,
    args: finishOf(job, outcome, how),
  }),
  finishAndStart: (finish: JobFinish, start: JobStart): PartitionWrite => ({
    name: "job.finishAndStart",
    partition: acme,
    args: { finish, start },
  }),
};

/** A session whose calls have numbers of their own, from 1. */
export class Worker {
  readonly session: number;
  readonly #world: World;
  sequence = 0;

  constructor(world: World, id: number, opening: Opening = {}) {
    this.#world = world;
    this.session = world.open(id, opening);
  }

  call(write: Write): Result | Refusal {
    this.sequence += 1;
    return this.#world.write(write, inSession(this.session, this.sequence));
  }

  start(job: string, how?: StartHow): Result | Refusal {
    return this.call(jobWrites.start(job, how));
  }

  finish(job: string, outcome?: JobOutcome, how?: Partial<JobFinish>): Result | Refusal {
    return this.call(jobWrites.finish(job, outcome, how));
  }
}
