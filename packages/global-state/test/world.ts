// world.ts — a state machine with a leader's hand around it: stamps entries, checks the invariants
// after each. For tests only.
import { createHash } from "node:crypto";
import {
  defaultLimits,
  fencingToken,
  GlobalState,
  jobId,
  key,
  type LimitRule,
  type Limits,
  logTimeMs,
  type Origin,
  type Outcome,
  openId,
  type PartitionRead,
  type PartitionWrite,
  partitionId,
  type Read,
  type ReadAnswer,
  type Refusal,
  type Result,
  revision,
  type Submission,
  selector,
  sessionId,
  type Write,
} from "../src/index.ts";
import { differences, EventFold } from "./event-fold.ts";

export const sha256 = (bytes: Uint8Array): Uint8Array =>
  createHash("sha256").update(bytes).digest();

export const noOrigin: Origin = { kind: "none" };

export function smallLimits(limits: Partial<Limits>): Limits {
  return { ...defaultLimits, ...limits };
}

export const startWallMs = 1_800_000_000_000;

export class World {
  state: GlobalState;
  readonly #limits: Limits | undefined;
  #revision = 0;
  #logTime = 0;
  term = 1;
  checksInvariants = true;
  /** Until a backup comes in, which is no event. */
  #fold: EventFold | undefined = new EventFold();

  constructor(limits?: Limits) {
    this.#limits = limits;
    this.state = this.empty();
  }

  empty(): GlobalState {
    return new GlobalState({ digest: sha256, ...(this.#limits && { limits: this.#limits }) });
  }

  get logTime(): number {
    return this.#logTime;
  }

  /** Log time goes on; nothing is applied. */
  wait(ms: number): void {
    this.#logTime += ms;
  }

  /** One entry. */
  apply(submissions: readonly Submission[]): readonly Outcome[] {
    this.#revision += 1;
    const outcomes = this.state.apply({
      revision: revision(this.#revision),
      term: this.term,
      logTime: logTimeMs(this.#logTime),
      wallMs: startWallMs + this.#revision,
      submissions,
    });
    this.#foldEvents();
    if (this.checksInvariants) this.state.checkInvariants();
    return outcomes;
  }

  /** I11: who has seen all events knows what a list says. */
  #foldEvents(): void {
    const { events } = this.state;
    if (events === undefined) this.#fold = undefined;
    else this.#fold?.see(events);
    if (this.#fold === undefined || !this.checksInvariants) return;
    // Lists of a long play are long: then not after each entry.
    if (this.#revision > 40 && this.#revision % 8 !== 0) return;
    const wrong = differences(this.state, this.#fold);
    if (wrong.length > 0) throw new Error(`I11: ${wrong.join("; ")}`);
  }

  tick(): void {
    this.apply([]);
  }

  outcome(write: Write, origin: Origin = noOrigin): Outcome {
    const [outcome] = this.apply([{ origin, write }]);
    if (outcome === undefined) throw new Error("one call, one outcome");
    return outcome;
  }

  /** The result or refusal alone. */
  write(write: Write, origin: Origin = noOrigin): Result | Refusal {
    return bodyOf(this.outcome(write, origin));
  }

  read(read: Read): Result | Refusal {
    return answerOf(this.state.read(read));
  }

  open(id: number, asked?: Opening): number {
    const result = this.write(openWrite(id, asked));
    if (!("status" in result) || result.status !== "opened") throw new Error("opened");
    return result.session;
  }

  hash(): string {
    return encodeAll(this.state).root;
  }
}

export function bodyOf(outcome: Outcome): Result | Refusal {
  return outcome.kind === "result" ? outcome.result : outcome.refusal;
}

export function answerOf(answer: ReadAnswer): Result | Refusal {
  return "result" in answer ? answer.result : answer.refusal;
}

export interface Opening {
  readonly ttlMs?: number;
  readonly keyDelayMs?: number;
}

export function openWrite(id: number, asked: Opening = {}): Write {
  const text = id.toString(16).padStart(32, "0");
  const { ttlMs, ...others } = asked;
  const args = { openId: openId(text), name: `client-${id}`, ttlMs, ...others };
  return { name: "session.open", args };
}

/** From the second feature level on. */
export const keyWrites = {
  hold: (name: string, owner: string): PartitionWrite => ({
    name: "executionKey.acquire",
    partition: acme,
    args: { key: key(name), owner: jobId(owner), mode: "try", waitTimeoutMs: undefined },
  }),
  wait: (name: string, owner: string, waitTimeoutMs?: number): PartitionWrite => ({
    name: "executionKey.acquire",
    partition: acme,
    args: { key: key(name), owner: jobId(owner), mode: "wait", waitTimeoutMs },
  }),
  withdraw: (name: string, owner: string): PartitionWrite => ({
    name: "executionKey.withdraw",
    partition: acme,
    args: { key: key(name), owner: jobId(owner) },
  }),
  release: (name: string, owner: string, token: number): PartitionWrite => ({
    name: "executionKey.release",
    partition: acme,
    args: { key: key(name), owner: jobId(owner), token: fencingToken(token) },
  }),
  setRules: (rules: readonly LimitRule[]): PartitionWrite => ({
    name: "executionKey.setRules",
    partition: acme,
    args: { rules },
  }),
};

export function rule(prefix: string, limit: number, others: Partial<LimitRule> = {}): LimitRule {
  return { prefix, limit, maxHoldMs: undefined, maxWaiters: undefined, ...others };
}

export function inSession(session: number, sequence: number, floor = 0): Origin {
  return { kind: "session", session: sessionId(session), sequence, floor };
}

export const acme = partitionId("acme");
export const other = partitionId("other");

export const start: PartitionWrite = { name: "partition.start", partition: acme, args: {} };
export const stop: PartitionWrite = { name: "partition.stop", partition: acme, args: {} };

type Updating = Extract<PartitionWrite, { name: "partition.update" }>["args"];

export const drop: PartitionWrite = { name: "partition.drop", partition: acme, args: {} };
export function update(args: Partial<Updating>): PartitionWrite {
  const none = { limits: {}, defaults: {} };
  return { name: "partition.update", partition: acme, args: { ...none, ...args } };
}

/** Where all commands are known to every member. */
export function aSecondLevel(limits?: Partial<Limits>): World {
  const world = aStartedPartition(limits);
  world.write({ name: "admin.raiseFeatureLevel", args: { level: 2 } });
  return world;
}

/** A world in which `acme` is started. */
export function aStartedPartition(limits?: Partial<Limits>): World {
  const world = new World(limits === undefined ? undefined : smallLimits(limits));
  world.write(start);
  return world;
}

/** The same, under the rules of the second level. */
export function aPartitionOfLevelTwo(limits?: Partial<Limits>): World {
  const world = aStartedPartition(limits);
  world.write(raiseLevel);
  return world;
}

export const raiseLevel: Write = { name: "admin.raiseFeatureLevel", args: { level: 2 } };

type Claiming = Extract<PartitionWrite, { name: "queueKey.claim" }>["args"];

type Ruling = Extract<PartitionWrite, { name: "cancel.addRule" }>["args"];

/** Commands that clear marks and make rules. */
export const cancels = {
  clear: (jobs: readonly string[]): PartitionWrite => ({
    name: "cancel.clear",
    partition: acme,
    args: { jobIds: jobs.map(jobId) },
  }),
  addRule: (match: Partial<Ruling>): PartitionWrite => ({
    name: "cancel.addRule",
    partition: acme,
    args: { by: "ann", reason: "wrong list", ttlMs: undefined, ...match },
  }),
  removeRule: (rule: string): PartitionWrite => ({
    name: "cancel.removeRule",
    partition: acme,
    args: { rule },
  }),
};

/** Commands about queue keys that jobs own. */
export const claims = {
  claim: (
    name: string,
    owner: string,
    how: Partial<Omit<Claiming, "key" | "owner">> = {},
  ): PartitionWrite => {
    const { ttlMs, provisionalMs, onConflict = "reject" } = how;
    const args = { key: key(name), owner: jobId(owner), ttlMs, provisionalMs, onConflict };
    return { name: "queueKey.claim", partition: acme, args };
  },
  confirm: (name: string, owner: string): PartitionWrite => ({
    name: "queueKey.confirm",
    partition: acme,
    args: { key: key(name), owner: jobId(owner) },
  }),
  extend: (name: string, owner: string, ttlMs: number): PartitionWrite => ({
    name: "queueKey.extend",
    partition: acme,
    args: { key: key(name), owner: jobId(owner), ttlMs },
  }),
  release: (name: string, owner: string): PartitionWrite => ({
    name: "queueKey.release",
    partition: acme,
    args: { key: key(name), owner: jobId(owner) },
  }),
};

export const writes = {
  cancelJob: (job: string): PartitionWrite => ({
    name: "roger.cancelJob",
    partition: acme,
    args: { jobId: jobId(job) },
  }),
  consume: (job: string): PartitionWrite => ({
    name: "roger.isCancelled",
    partition: acme,
    args: { jobId: jobId(job), remove: true },
  }),
  mark: (jobs: readonly string[], ttlMs?: number): PartitionWrite => ({
    name: "cancel.mark",
    partition: acme,
    args: { jobIds: jobs.map(jobId), by: "ann", reason: "wrong list", ttlMs },
  }),
  addQueued: (name: string): PartitionWrite => ({
    name: "roger.isQueued",
    partition: acme,
    args: { key: key(name), add: true },
  }),
  removeQueued: (name: string): PartitionWrite => ({
    name: "roger.removeQueued",
    partition: acme,
    args: { key: key(name) },
  }),
  addExecuting: (name: string): PartitionWrite => ({
    name: "roger.isExecuting",
    partition: acme,
    args: { key: key(name), add: true },
  }),
  removeExecuted: (name: string): PartitionWrite => ({
    name: "roger.removeExecuted",
    partition: acme,
    args: { key: key(name) },
  }),
  rogerPause: (queue: string): PartitionWrite => ({
    name: "roger.queuePause",
    partition: acme,
    args: { queue: selector(queue) },
  }),
  rogerResume: (queue: string): PartitionWrite => ({
    name: "roger.queueResume",
    partition: acme,
    args: { queue: selector(queue) },
  }),
  pause: (
    queue: string,
    how: { readonly until?: number; readonly mode?: "stop" } = {},
  ): Extract<PartitionWrite, { name: "queue.pause" }> => ({
    name: "queue.pause",
    partition: acme,
    args: { selector: selector(queue), by: "ann", reason: "provider down", ...how },
  }),
  resume: (queue: string): PartitionWrite => ({
    name: "queue.resume",
    partition: acme,
    args: { selector: selector(queue) },
  }),
  close: { name: "session.close", args: {} } satisfies Write,
  expire: (session: number, decidedInTerm: number): Write => ({
    name: "session.expire",
    args: { session: sessionId(session), decidedInTerm },
  }),
};

type ListRead = Extract<Read, { name: "list" }>;

export const reads = {
  isCancelled: (job: string): PartitionRead => ({
    name: "roger.isCancelled",
    partition: acme,
    args: { jobId: jobId(job) },
  }),
  check: (job: string): PartitionRead => ({
    name: "cancel.check",
    partition: acme,
    args: { jobId: jobId(job) },
  }),
  isQueued: (name: string): PartitionRead => ({
    name: "roger.isQueued",
    partition: acme,
    args: { key: key(name) },
  }),
  isExecuting: (name: string): PartitionRead => ({
    name: "roger.isExecuting",
    partition: acme,
    args: { key: key(name) },
  }),
  paused: { name: "roger.queueGetPaused", partition: acme, args: {} } satisfies PartitionRead,
  list: (kind: ListRead["args"]["kind"], page: Partial<ListRead["args"]> = {}): PartitionRead => ({
    name: "list",
    partition: acme,
    args: { kind, prefix: "", limit: 100, cursor: undefined, ...page },
  }),
};

export const ok: Result = { status: "ok" };
export const member = (before: boolean): Result => ({ status: "member", before });
export const changed = (isChanged: boolean): Result => ({ status: "changed", changed: isChanged });

/** A whole snapshot, taken at once. */
export function encodeAll(state: GlobalState): {
  readonly root: string;
  readonly chunks: readonly Uint8Array[];
} {
  const epoch = state.beginEpoch();
  if (epoch === undefined) throw new Error("no other epoch is open");
  while (epoch.encodeSlice(1_000_000) === "more");
  const encoded = { root: epoch.root(), chunks: [...epoch.chunks()].map((chunk) => chunk.slice()) };
  epoch.close();
  return encoded;
}

export function restored(limits: Limits | undefined, chunks: Iterable<Uint8Array>): GlobalState {
  return GlobalState.restore({ digest: sha256, ...(limits && { limits }) }, chunks);
}
