// model-tables.ts — the lists of job-model.ts, what follows when they change, and what sessions are told, in words.
import type { JobAsStarted, JobOutcome, JobStart } from "../src/index.ts";
import type { ModelRule } from "./key-model.ts";

interface ModelHolder {
  readonly key: string;
  readonly owner: string | null;
  readonly session: number;
  readonly token: number;
  readonly until: number;
}
interface ModelRun {
  readonly job: string;
  readonly session: number;
  readonly token: number;
  readonly ticket: number;
  readonly key: string | null;
  readonly queue: string;
  readonly queueKey: string | null;
}
export interface ModelWaiter {
  readonly key: string;
  readonly owner: string;
  readonly session: number;
  sequence: number;
  readonly ticket: number;
  readonly position: number;
  readonly until: number;
  readonly job: JobAsStarted | null;
}
type End = "released" | "expired" | "removed" | "held_too_long" | "taken_over";
/** Of the partition; null: as many as there will ever be. */
export type ModelSettings = Readonly<Record<"runs" | "cancelMarks" | "queueKeys", number | null>>;
const noSettings: ModelSettings = { runs: null, cancelMarks: null, queueKeys: null };

export class ModelTables {
  now = 0;
  holders: ModelHolder[] = [];
  /** In the order of their tokens. */
  runs: ModelRun[] = [];
  /** In the order in which they came. */
  waiters: ModelWaiter[] = [];
  readonly delays: Map<string, number> = new Map();
  readonly marks: Map<string, string> = new Map();
  readonly pauses: Map<string, "drain" | "stop"> = new Map();
  readonly queueKeys: Map<string, string> = new Map();
  readonly finished: Map<string, { outcome: JobOutcome; until: number }> = new Map();
  /** What the last start of a job said. */
  readonly startOf: Map<string, JobStart> = new Map();
  readonly #cancelRules: { queue: string; tag: string | undefined }[] = [];
  readonly #sessions: Map<number, number> = new Map();
  settings: ModelSettings = noSettings;
  #limits: readonly ModelRule[] = [];
  #token = 0;
  #ticket = 0;
  #notices: string[] = [];

  takeNotices(): readonly string[] {
    const notices = this.#notices;
    this.#notices = [];
    return notices;
  }

  open(session: number, delayMs: number): void {
    this.#sessions.set(session, delayMs);
  }

  delayMs(session: number): number {
    return this.#sessions.get(session) ?? 0;
  }

  drawToken(): number {
    this.#token += 1;
    return this.#token;
  }

  drawTicket(): number {
    this.#ticket += 1;
    return this.#ticket;
  }

  isCancelled(owner: string, job: JobAsStarted | null): boolean {
    if (this.marks.has(owner)) return true;
    return this.#cancelRules.some(
      ({ queue, tag }) => job?.queue === queue && (tag === undefined || job.tags.includes(tag)),
    );
  }

  addCancelRule(rule: { readonly queue: string; readonly tag: string | undefined }): void {
    this.#cancelRules.push(rule);
  }

  removeCancelRules(): void {
    this.#cancelRules.length = 0;
  }

  pauseOf(queue: string): string | undefined {
    if (this.pauses.get("*") === "stop") return "*";
    if (this.pauses.has(queue)) return queue;
    return this.pauses.has("*") ? "*" : undefined;
  }

  pause(selector: string, mode: "drain" | "stop"): void {
    const before = this.pauses.get(selector);
    if (before === "stop" || before === mode) return;
    this.pauses.set(selector, mode);
    if (mode === "drain") return;
    const isOf = (queue: string): boolean => selector === "*" || queue === selector;
    for (const waiter of this.waiters.filter(({ job }) => job !== null && isOf(job.queue))) {
      this.leave(waiter);
      this.tellWait(waiter, "paused");
    }
    for (const run of this.runs.filter(({ queue }) => isOf(queue))) this.#tellRun(run, "paused");
  }

  /** All is gone, and who had something there is told, session by session. Counters go on. */
  drop(): void {
    const runs = this.runs.map(({ token }) => token);
    for (const session of [...this.#sessions.keys()].toSorted((a, b) => a - b)) {
      const isIts = (one: { readonly session: number }): boolean => one.session === session;
      for (const waiter of this.waiters.filter(isIts)) this.tellWait(waiter, "dropped");
      for (const { token } of this.holders.filter(isIts)) {
        if (!runs.includes(token)) this.#notices.push(`lost ${session} ${token} dropped`);
      }
      for (const { job, token } of this.runs.filter(isIts)) {
        this.#notices.push(`fenced ${session} ${job} ${token} dropped`);
      }
    }
    [this.holders, this.runs, this.waiters] = [[], [], []];
    for (const table of [this.delays, this.marks, this.pauses, this.queueKeys, this.finished]) {
      table.clear();
    }
    this.removeCancelRules();
    this.#limits = [];
    this.settings = noSettings;
  }

  isFull(limit: keyof ModelSettings, current: number): boolean {
    return current >= (this.settings[limit] ?? Number.POSITIVE_INFINITY);
  }

  mark(job: string): string {
    if (!this.marks.has(job) && this.isFull("cancelMarks", this.marks.size))
      return "quota_exceeded";
    const run = this.runs.find((one) => one.job === job);
    const waits = this.waiters.filter(({ owner }) => owner === job);
    const outcome = this.marks.has(job) ? "already_marked" : "marked";
    const isMet = run !== undefined || waits.length > 0;
    const state = this.marks.get(job) ?? "pending";
    this.marks.set(job, isMet && state === "pending" ? "delivered" : state);
    if (run !== undefined) this.#tellRun(run, "cancelled");
    for (const waiter of waits.toSorted(
      (a, b) => Number(a.job === null) - Number(b.job === null),
    )) {
      this.leave(waiter);
      this.freeUnique(job, waiter.job);
      this.tellWait(waiter, "cancelled");
    }
    return [outcome, run && "running", waits.length > 0 && "waiting"].filter(Boolean).join(" ");
  }

  setRules(rules: readonly ModelRule[]): void {
    this.#limits = rules;
    for (const { key } of this.waiters.slice()) this.grantOn(key);
  }

  addExecuting(key: string): string {
    if (this.#of(key).length > 0 || this.delays.has(key)) return "true";
    this.hold({ key, owner: null, session: 0 });
    return "false";
  }

  removeExecuted(key: string): void {
    for (const { token } of this.#of(key)) this.endHold(token, "removed");
    this.grantOn(key);
  }

  endSession(session: number, how: "closed" | "expired"): void {
    this.waiters = this.waiters.filter((one) => one.session !== session);
    const cause = how === "expired" ? "expired" : "released";
    for (const { key, token } of this.holders.filter((one) => one.session === session)) {
      this.endHold(token, cause);
      this.grantOn(key);
    }
    this.runs = this.runs.filter((one) => one.session !== session);
  }

  isFree(key: string): boolean {
    const isEmpty = this.line(key).length === 0 && !this.delays.has(key);
    return isEmpty && this.#of(key).length < this.#rule(key).limit;
  }

  isLineFull(key: string): boolean {
    return this.line(key).length >= (this.#rule(key).maxWaiters ?? 10_000);
  }

  /** By tickets. */
  line(key: string): readonly ModelWaiter[] {
    return this.waiters.filter((one) => one.key === key).toSorted((a, b) => a.ticket - b.ticket);
  }

  leave(waiter: ModelWaiter): void {
    this.waiters = this.waiters.filter((one) => one !== waiter);
  }

  hold(to: { readonly key: string; readonly owner: string | null; session: number }): number {
    const { maxHoldMs } = this.#rule(to.key);
    const isBounded = to.owner !== null && maxHoldMs !== undefined;
    const until = isBounded ? this.now + maxHoldMs : Infinity;
    const token = this.drawToken();
    this.holders.push({ ...to, token, until });
    return token;
  }

  begin(run: Omit<ModelRun, "queue" | "queueKey">): void {
    const job = this.startOf.get(run.job)?.job;
    if (job === undefined) throw new Error("it was asked for");
    if (job.unique?.until === "start") this.freeUnique(run.job, job);
    const queueKey = job.unique?.until === "finish" ? job.unique.queueKey : null;
    this.runs.push({ ...run, queue: job.queue, queueKey });
  }

  endRun(job: string, cause: End): void {
    const run = this.runs.find((one) => one.job === job);
    if (run === undefined) throw new Error("it runs");
    if (run.key !== null) {
      this.endHold(run.token, cause);
      return this.grantOn(run.key);
    }
    this.#endRun(run, cause);
  }

  /** The key is granted on by the caller. */
  endHold(token: number, cause: End): void {
    const holder = this.holders.find((one) => one.token === token);
    if (holder === undefined) throw new Error("it is held");
    this.holders = this.holders.filter((one) => one !== holder);
    const delayMs = this.delayMs(holder.session);
    const isDelaying = cause === "expired" || cause === "held_too_long" || cause === "taken_over";
    if (holder.owner !== null && isDelaying && delayMs > 0) {
      const until = Math.max(this.delays.get(holder.key) ?? 0, this.now + delayMs);
      this.delays.set(holder.key, until);
    }
    const run = this.runs.find((one) => one.token === token);
    if (run !== undefined) return this.#endRun(run, cause);
    if (holder.owner === null || cause === "released" || cause === "expired") return;
    this.#notices.push(`lost ${holder.session} ${token} ${cause}`);
  }

  freeUnique(owner: string, job: JobAsStarted | null): void {
    const queueKey = job?.unique?.queueKey;
    if (queueKey !== undefined) this.freeKey(queueKey, owner);
  }

  freeKey(queueKey: string, owner: string): void {
    if (this.queueKeys.get(queueKey) === owner) this.queueKeys.delete(queueKey);
  }

  tellWait({ session, sequence, ticket }: ModelWaiter, how: string): void {
    this.#notices.push(`${how} ${session} ${sequence} ${ticket}`);
  }

  grantOn(key: string): void {
    for (;;) {
      const next = this.line(key)[0];
      if (next === undefined || this.delays.has(key)) return;
      if (this.#of(key).length >= this.#rule(key).limit) return;
      this.leave(next);
      const { owner, session, ticket, job } = next;
      if (this.isCancelled(owner, job)) {
        this.freeUnique(owner, job);
        this.tellWait(next, "cancelled");
        continue;
      }
      const token = this.hold({ key, owner, session });
      if (job !== null) this.begin({ job: owner, session, token, ticket, key });
      this.tellWait(next, `${job === null ? "granted" : "started"} ${token}`);
    }
  }

  tick(): void {
    for (let next = this.#nextDue(); next !== undefined; next = this.#nextDue()) next();
    for (const [job, { until }] of this.finished) if (until <= this.now) this.finished.delete(job);
  }

  #endRun(run: ModelRun, cause: End): void {
    this.runs = this.runs.filter((one) => one !== run);
    if (cause === "released" || cause === "expired") return;
    this.#notices.push(`fenced ${run.session} ${run.job} ${run.token} ${cause}`);
  }

  #tellRun({ session, job, token }: ModelRun, cause: string): void {
    this.#notices.push(`stop ${session} ${job} ${token} ${cause}`);
  }

  #rule(key: string): ModelRule {
    const fitting = this.#limits.filter(({ prefix }) => key.startsWith(prefix));
    const longest = fitting.toSorted((a, b) => b.prefix.length - a.prefix.length)[0];
    return longest ?? { prefix: "", limit: 1, maxHoldMs: undefined, maxWaiters: undefined };
  }

  #of(key: string): readonly ModelHolder[] {
    return this.holders.filter((one) => one.key === key);
  }

  /** The earliest; keys before waiters, each in the order of their names. */
  #nextDue(): (() => void) | undefined {
    const keys = new Set([...this.holders.map(({ key }) => key), ...this.delays.keys()]);
    const due: { at: number; run: () => void }[] = [];
    for (const key of [...keys].toSorted()) {
      const at = Math.min(
        this.delays.get(key) ?? Infinity,
        ...this.#of(key).map((one) => one.until),
      );
      due.push({ at, run: () => this.#turn(key) });
    }
    for (const waiter of this.waiters.toSorted((a, b) => a.ticket - b.ticket)) {
      due.push({ at: waiter.until, run: () => this.#timeOut(waiter) });
    }
    return due.toSorted((a, b) => a.at - b.at).find(({ at }) => at <= this.now)?.run;
  }

  #turn(key: string): void {
    if ((this.delays.get(key) ?? Infinity) <= this.now) this.delays.delete(key);
    for (const { until, token } of this.#of(key)) {
      if (until <= this.now) this.endHold(token, "held_too_long");
    }
    this.grantOn(key);
  }

  #timeOut(waiter: ModelWaiter): void {
    this.leave(waiter);
    this.tellWait(waiter, "timed_out");
  }
}
