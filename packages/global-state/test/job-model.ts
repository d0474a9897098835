// job-model.ts — runs, execution keys, waits, marks, rules, pauses and queue keys once more, as naively as they can
// be written: lists that are looked through. A second implementation of SEMANTICS §3, §4 for jobs.test.ts; it knows
// no bound on work and no session that is still being emptied.
import type { JobFinish, JobStart } from "../src/index.ts";
import { ModelTables, type ModelWaiter } from "./model-tables.ts";

type JobOf = ModelWaiter["job"];

export interface Caller {
  readonly session: number;
  readonly sequence: number;
}
export interface KeyCall {
  readonly key: string;
  readonly owner: string;
}

export class JobModel extends ModelTables {
  start(by: Caller, asked: JobStart): string {
    const { jobId, job } = asked;
    if (this.isCancelled(jobId, job)) {
      this.freeUnique(jobId, job);
      return "cancelled";
    }
    const pause = this.pauseOf(job.queue);
    if (pause !== undefined) return `paused ${pause}`;
    const run = this.runs.find((one) => one.job === jobId);
    if (run !== undefined) {
      const isOthers = asked.takeover && run.session !== by.session;
      return isOthers ? this.#takeOverRun(by, asked) : `already_running ${run.session}`;
    }
    const waiter = this.waiters.find((one) => one.owner === jobId && one.job !== null);
    if (waiter !== undefined) {
      const isOthers = asked.takeover && waiter.session !== by.session;
      const { session, ticket } = waiter;
      return isOthers ? this.#takeOverWait(by, asked) : `already_waiting ${session} ${ticket}`;
    }
    const finished = this.finished.get(jobId);
    if (finished !== undefined) {
      this.freeUnique(jobId, job);
      return `already_finished ${finished.outcome}`;
    }
    const starts = this.waiters.filter((one) => one.job !== null).length;
    if (this.isFull("runs", this.runs.length + starts)) return "quota_exceeded";
    const place = this.#placeFor(asked);
    return place === "none" ? "busy" : this.#take(by, asked, place);
  }

  finish(by: Caller, asked: JobFinish): string {
    const { jobId, outcome, keepQueueKey, rememberMs, token } = asked;
    const run = this.runs.find((one) => one.job === jobId && one.session === by.session);
    if (run === undefined || (token !== undefined && token !== run.token)) return "not_running";
    this.endRun(jobId, "released");
    if (!keepQueueKey && run.queueKey !== null) this.freeKey(run.queueKey, jobId);
    const isInTime = outcome === "cancelled" || outcome === "retry";
    const mark = this.marks.get(jobId);
    const isOpen = mark === "pending" || mark === "delivered";
    const cancel = isInTime ? "acknowledged" : "too_late";
    if (isOpen) this.marks.set(jobId, cancel);
    const told = `finished ${mark === undefined ? "none" : cancel}`;
    if (rememberMs === undefined || outcome === "retry") return told;
    this.finished.set(jobId, { outcome, until: this.now + rememberMs });
    return `${told} remembered`;
  }

  acquire(by: Caller, asked: KeyCall & { isWait: boolean; timeoutMs?: number }): string {
    const { key, owner } = asked;
    const isIts = (one: { key: string | null; owner: string | null; session: number }): boolean =>
      one.key === key && one.owner === owner && one.session === by.session;
    const held = this.holders.find(isIts);
    if (held !== undefined) return `held ${held.token}`;
    const waiter = this.waiters.find((one) => isIts(one) && one.job === null);
    if (waiter !== undefined) {
      waiter.sequence = Math.max(waiter.sequence, by.sequence);
      return `waiting ${waiter.ticket} ${waiter.position}`;
    }
    if (this.isCancelled(owner, null)) return "cancelled";
    if (this.isFree(key)) return `held ${this.hold({ key, owner, session: by.session })}`;
    if (!asked.isWait || this.isLineFull(key)) return "busy";
    return this.#wait(by, { key, owner, job: null, timeoutMs: asked.timeoutMs });
  }

  /** Without a session: the one that held it is told. */
  release(asked: KeyCall & { token: number }): string {
    const held = this.holders.filter(
      ({ key, owner }) => key === asked.key && owner === asked.owner,
    );
    if (held.length === 0) return "not_held not_holder";
    if (!held.some(({ token }) => token === asked.token)) return "not_held other_token";
    if (this.runs.some(({ token }) => token === asked.token)) return "not_held run";
    this.endHold(asked.token, "removed");
    this.grantOn(asked.key);
    return "released";
  }

  withdraw(by: Caller, { key, owner }: KeyCall): string {
    const isIts = (one: { key: string | null; owner: string | null; session: number }): boolean =>
      one.key === key && one.owner === owner && one.session === by.session;
    const waits = this.waiters.filter(isIts);
    const waiter = waits.find(({ job }) => job === null) ?? waits[0];
    if (waiter !== undefined) {
      this.leave(waiter);
      return "withdrawn";
    }
    const held = this.holders.find(isIts);
    if (held === undefined) return "not_held not_holder";
    const run = this.runs.find(({ token }) => token === held.token);
    if (run !== undefined) {
      const retry = {
        outcome: "retry",
        keepQueueKey: true,
        rememberMs: undefined,
        token: undefined,
      } as const;
      const asked = this.startOf.get(run.job);
      if (asked !== undefined) this.finish(by, { ...retry, jobId: asked.jobId });
      return "released";
    }
    this.endHold(held.token, "released");
    this.grantOn(key);
    return "released";
  }

  #take(by: Caller, asked: JobStart, place: "beside-all" | "free" | "in-line"): string {
    const { jobId, job, executionKey } = asked;
    this.startOf.set(jobId, asked);
    if (executionKey === undefined || place === "beside-all") {
      const token = this.drawToken();
      this.begin({ job: jobId, session: by.session, token, ticket: this.drawTicket(), key: null });
      return `started ${token}`;
    }
    const { key, waitTimeoutMs: timeoutMs } = executionKey;
    if (place === "in-line") return this.#wait(by, { key, owner: jobId, job, timeoutMs });
    const token = this.hold({ key, owner: jobId, session: by.session });
    this.begin({ job: jobId, session: by.session, token, ticket: this.drawTicket(), key });
    return `started ${token}`;
  }

  #placeFor({ executionKey }: JobStart): "none" | "beside-all" | "free" | "in-line" {
    if (executionKey === undefined) return "beside-all";
    const { key, onBusy } = executionKey;
    if (this.isFree(key)) return "free";
    return onBusy === "reject" || this.isLineFull(key) ? "none" : "in-line";
  }

  #wait(
    by: Caller,
    asked: { key: string; owner: string; job: JobOf; timeoutMs: number | undefined },
    oldTicket?: number,
  ): string {
    const { key, owner, job, timeoutMs } = asked;
    const drawn = this.drawTicket();
    const ticket = oldTicket ?? drawn;
    const position = this.line(key).filter((one) => one.ticket < ticket).length + 1;
    const until = timeoutMs === undefined ? Infinity : this.now + timeoutMs;
    this.waiters.push({ key, owner, ...by, ticket, position, until, job });
    return `waiting ${ticket} ${position}`;
  }

  #takeOverRun(by: Caller, asked: JobStart): string {
    const { jobId, job, executionKey } = asked;
    const run = this.runs.find((one) => one.job === jobId);
    if (run === undefined) throw new Error("it runs");
    if (executionKey === undefined || executionKey.key !== run.key) {
      const place = this.#placeFor(asked);
      if (place === "none") return "busy";
      this.endRun(jobId, "taken_over");
      return this.#take(by, asked, place);
    }
    const { key, waitTimeoutMs: timeoutMs, onBusy } = executionKey;
    const isPutOff = this.delays.has(key) || this.delayMs(run.session) > 0;
    if (isPutOff && onBusy === "reject") return "busy";
    this.endHold(run.token, "taken_over");
    this.startOf.set(jobId, asked);
    const { ticket } = run;
    if (isPutOff) return this.#wait(by, { key, owner: jobId, job, timeoutMs }, ticket);
    const token = this.hold({ key, owner: jobId, session: by.session });
    this.begin({ job: jobId, session: by.session, token, ticket, key });
    return `started ${token}`;
  }

  #takeOverWait(by: Caller, asked: JobStart): string {
    const { jobId, job, executionKey } = asked;
    const waiter = this.waiters.find((one) => one.owner === jobId && one.job !== null);
    if (waiter === undefined) throw new Error("it waits");
    if (executionKey === undefined || executionKey.key !== waiter.key) {
      const place = this.#placeFor(asked);
      if (place === "none") return "busy";
      this.leave(waiter);
      this.tellWait(waiter, "taken_over");
      return this.#take(by, asked, place);
    }
    if (executionKey.onBusy === "reject") return "busy";
    this.tellWait(waiter, "taken_over");
    this.leave(waiter);
    this.drawTicket();
    this.startOf.set(jobId, asked);
    const { waitTimeoutMs } = executionKey;
    const until = waitTimeoutMs === undefined ? Infinity : this.now + waitTimeoutMs;
    this.waiters.push({ ...waiter, ...by, until, job });
    return `waiting ${waiter.ticket} ${waiter.position}`;
  }
}
