// I1–I6, I8, I12 with runs: random histories of jobs, beside a naive model, with snapshots and restores.
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Limits, ListedItem, Notice, Refusal, Result, Write } from "../src/index.ts";
import { JobModel } from "./job-model.ts";
import { finishOf, jobWrites, startOf } from "./jobs.ts";
import { type JobStep, jobSteps, type Of } from "./script-of-jobs.ts";
import {
  aSecondLevel,
  cancels,
  claims,
  drop,
  encodeAll,
  inSession,
  keyWrites,
  openWrite,
  reads,
  restored,
  smallLimits,
  start,
  update,
  type World,
  writes,
} from "./world.ts";

/** Clients that open a session when they have none; every second one asks for a delay. */
class Players {
  readonly world: World;
  readonly model: JobModel | undefined;
  readonly #limits: Partial<Limits>;
  readonly #sessions: (number | undefined)[] = [];
  readonly #tokens: Map<string, number> = new Map();
  #sequence = 0;
  #rules: string[] = [];
  #isDropped = false;

  constructor(parts: { readonly limits: Partial<Limits>; readonly model?: JobModel }) {
    this.#limits = parts.limits;
    this.world = aSecondLevel(parts.limits);
    this.model = parts.model;
  }

  sessionOf(at: number): number {
    const known = this.#sessions[at];
    if (known !== undefined) return known;
    const keyDelayMs = at % 2 === 1 ? 250 : undefined;
    const answer = this.world.write(openWrite(at, keyDelayMs === undefined ? {} : { keyDelayMs }));
    if (!("status" in answer) || answer.status !== "opened") throw new Error("opened");
    this.model?.open(answer.session, keyDelayMs ?? 0);
    this.#sessions[at] = answer.session;
    return answer.session;
  }

  caller(at: number): { readonly session: number; readonly sequence: number } {
    const session = this.sessionOf(at);
    this.#sequence += 1;
    return { session, sequence: this.#sequence };
  }

  call(by: { readonly session: number; readonly sequence: number }, write: Write): string {
    return wordsOf(this.world.write(write, inSession(by.session, by.sequence)));
  }

  drop(): string {
    this.#isDropped = true;
    this.#rules = [];
    return wordsOf(this.world.write(drop));
  }

  /** What was dropped is started again, once that can be. */
  startAgain(): void {
    if (!this.#isDropped) return;
    const told = this.world.write(start);
    this.#isDropped = "code" in told;
  }

  forget(at: number): void {
    this.#sessions[at] = undefined;
  }

  note({ key: name, owner }: Of, told: string): void {
    const [status, token] = told.split(" ");
    if (status === "held") this.#tokens.set(`${name} ${owner}`, Number(token));
  }

  tokenOf({ key: name, owner }: Of, otherwise: number): number {
    return this.#tokens.get(`${name} ${owner}`) ?? otherwise;
  }

  addRule(named: { readonly queue: string; readonly tag: string | undefined }): void {
    const { queue: of, tag } = named;
    const match = tag === undefined ? { queue: of } : { queue: of, tag };
    const answer = this.world.write(cancels.addRule({ ...match, ttlMs: 86_400_000 }));
    if ("rule" in answer && typeof answer.rule === "string") this.#rules.push(answer.rule);
    this.model?.addCancelRule(named);
  }

  removeRules(): void {
    for (const rule of this.#rules) this.world.write(cancels.removeRule(rule));
    this.world.tick();
    this.#rules = [];
    this.model?.removeCancelRules();
  }

  restore(): void {
    const { chunks } = encodeAll(this.world.state);
    this.world.state = restored(smallLimits(this.#limits), chunks);
  }
}

function wordsOf(answer: Result | Refusal): string {
  if ("code" in answer) return answer.code;
  switch (answer.status) {
    case "started":
    case "held":
      return `${answer.status} ${answer.token}`;
    case "waiting":
      return `waiting ${answer.ticket} ${answer.position}`;
    case "paused":
      return `paused ${answer.queues.join()}`;
    case "already_running":
      return `already_running ${answer.by}`;
    case "already_waiting":
      return `already_waiting ${answer.by} ${answer.ticket}`;
    case "already_finished":
      return `already_finished ${answer.outcome}`;
    case "finished":
      return `finished ${answer.cancel}${answer.remembered === true ? " remembered" : ""}`;
    case "not_held":
      return `not_held ${answer.reason}`;
    case "both":
      return `${wordsOf(answer.finish)}, ${wordsOf(answer.start)}`;
    case "marked": {
      const [one] = answer.jobs;
      return [one?.outcome, one?.running && "running", one?.waiting && "waiting"]
        .filter(Boolean)
        .join(" ");
    }
    case "member":
      return String(answer.before);
    default:
      return answer.status;
  }
}

function wordsOfNotice(notice: Notice): string {
  const { session } = notice;
  switch (notice.kind) {
    case "waitEnded": {
      const { ending, sequence, ticket } = notice;
      const token = "token" in ending ? ` ${ending.token}` : "";
      return `${ending.kind}${token} ${session} ${sequence} ${ticket}`;
    }
    case "holdEnded":
      return `lost ${session} ${notice.token} ${notice.cause}`;
    case "runFenced":
      return `fenced ${session} ${notice.jobId} ${notice.token} ${notice.cause}`;
    case "runToStop":
      return `stop ${session} ${notice.jobId} ${notice.token} ${notice.cause}`;
  }
}

interface Played {
  readonly told: string;
  readonly model: string | undefined;
}

function play(players: Players, next: JobStep): Played {
  const { model } = players;
  if (next.kind !== "restore") players.startAgain();
  switch (next.kind) {
    case "start": {
      const by = players.caller(next.client);
      const told = players.call(by, jobWrites.start(next.job, next.how));
      return { told, model: model?.start(by, startOf(next.job, next.how)) };
    }
    case "finish": {
      const by = players.caller(next.client);
      const { outcome, keepQueueKey, rememberMs, token } = next.how;
      const remembered = outcome === "retry" ? undefined : rememberMs;
      const finish = finishOf(next.job, outcome, { keepQueueKey, rememberMs: remembered, token });
      const told = players.call(by, jobWrites.finish(next.job, outcome, finish));
      return { told, model: model?.finish(by, finish) };
    }
    case "next": {
      const by = players.caller(next.client);
      const [finish, start] = [finishOf(next.job), startOf(next.next, next.how)];
      const told = players.call(by, jobWrites.finishAndStart(finish, start));
      return { told, model: model && `${model.finish(by, finish)}, ${model.start(by, start)}` };
    }
    case "acquire": {
      const by = players.caller(next.client);
      const { key: name, owner } = next.of;
      const write = next.isWait ? keyWrites.wait(name, owner) : keyWrites.hold(name, owner);
      const told = players.call(by, write);
      players.note(next.of, told);
      return { told, model: model?.acquire(by, { ...next.of, isWait: next.isWait }) };
    }
    case "withdraw": {
      const by = players.caller(next.client);
      const told = players.call(by, keyWrites.withdraw(next.of.key, next.of.owner));
      return { told, model: model?.withdraw(by, next.of) };
    }
    case "end": {
      const by = players.caller(next.client);
      if (next.how === "closed") players.call(by, writes.close);
      else players.world.write(writes.expire(by.session, 1));
      players.forget(next.client);
      model?.endSession(by.session, next.how);
      return same("ended");
    }
    default:
      return playWithoutSession(players, next);
  }
}

type WithoutSession = Exclude<
  JobStep,
  { kind: "start" | "finish" | "next" | "acquire" | "withdraw" | "end" }
>;

function playWithoutSession(players: Players, next: WithoutSession): Played {
  const { world, model } = players;
  switch (next.kind) {
    case "release": {
      const token = players.tokenOf(next.of, next.token);
      const told = wordsOf(world.write(keyWrites.release(next.of.key, next.of.owner, token)));
      return { told, model: model?.release({ ...next.of, token }) };
    }
    case "mark":
      return { told: wordsOf(world.write(writes.mark([next.job]))), model: model?.mark(next.job) };
    case "clear":
      world.write(cancels.clear([next.job]));
      model?.marks.delete(next.job);
      return same("cleared");
    case "rule":
      players.addRule(next);
      return same("rule");
    case "removeRules":
      players.removeRules();
      return same("removed");
    case "pause":
      world.write(writes.pause(next.queue, next.mode === "stop" ? { mode: "stop" } : {}));
      model?.pause(next.queue, next.mode);
      return same("paused");
    case "resume":
      for (const paused of ["mail", "images", "*"]) world.write(writes.resume(paused));
      model?.pauses.clear();
      return same("resumed");
    case "claim":
      world.write(claims.claim(next.queueKey, next.job));
      if (model?.queueKeys.has(next.queueKey) !== false) return same("claimed");
      if (model.isFull("queueKeys", model.queueKeys.size)) return same("refused");
      model.queueKeys.set(next.queueKey, next.job);
      return same("claimed");
    case "limits":
      world.write(keyWrites.setRules(next.rules));
      model?.setRules(next.rules);
      return same("set");
    case "roger": {
      const isAdd = next.name === "add";
      const write = isAdd ? writes.addExecuting(next.key) : writes.removeExecuted(next.key);
      const told = wordsOf(world.write(write));
      if (isAdd) return { told, model: model?.addExecuting(next.key) };
      model?.removeExecuted(next.key);
      return same(told);
    }
    case "drop":
      model?.drop();
      return { told: players.drop(), model: "changed" };
    case "settings":
      world.write(update({ limits: next.limits }));
      if (model !== undefined) model.settings = { ...model.settings, ...next.limits };
      return same("set");
    case "pass":
      world.wait(next.ms);
      world.tick();
      if (model !== undefined) model.now += next.ms;
      model?.tick();
      return same("passed");
    case "restore":
      players.restore();
      return same("restored");
  }
}

function same(word: string): Played {
  return { told: word, model: word };
}

function listed(world: World, kindOf: "runs" | "queueKeys" | "executionKeys" | "cancelMarks") {
  const answer = world.read(reads.list(kindOf));
  // A partition that was dropped just now has nothing.
  if ("code" in answer && answer.code === "not_started") return [];
  if (!("items" in answer)) throw new Error("a list");
  return answer.items;
}

/** All that the model knows of the state, in words. */
function stateOf(world: World): readonly string[] {
  const lines = (["runs", "queueKeys", "executionKeys", "cancelMarks"] as const).flatMap((kindOf) =>
    listed(world, kindOf).flatMap(wordsOfItem),
  );
  return lines.toSorted();
}

function wordsOfItem(item: ListedItem): readonly string[] {
  if ("queue" in item && "jobId" in item) {
    const { jobId, session, token, executionKey = null, queueKey: unique = null } = item;
    return [`run ${jobId} ${session} ${token} ${item.queue} ${executionKey} ${unique}`];
  }
  if ("holders" in item) {
    const holders = item.holders.map(
      ({ owner, token, session = 0 }) => `hold ${item.key} ${owner} ${session} ${token}`,
    );
    return [
      ...holders,
      ...(item.waiters === undefined ? [] : [`${item.key} ${item.waiters} wait`]),
    ];
  }
  if ("jobId" in item && "state" in item) return [`mark ${item.jobId} ${item.state}`];
  return "owner" in item ? [`queued ${item.key} ${item.owner}`] : [];
}

function stateOfModel(model: JobModel): readonly string[] {
  const keys = new Set(model.waiters.map((waiter) => waiter.key));
  return [
    ...model.runs.map((run) => {
      const { job: name, session, token, queue: of, key: under, queueKey: unique } = run;
      return `run ${name} ${session} ${token} ${of} ${under} ${unique}`;
    }),
    ...model.holders.map(
      ({ key: name, owner, session, token }) => `hold ${name} ${owner} ${session} ${token}`,
    ),
    ...[...keys].map((name) => `${name} ${model.line(name).length} wait`),
    ...[...model.marks].map(([name, state]) => `mark ${name} ${state}`),
    ...[...model.queueKeys].map(([name, owner]) => `queued ${name} ${owner}`),
  ].toSorted();
}

describe("jobs (property)", () => {
  test("start, end, wait and are told as the naive model says, across restores (I1–I6, I12)", () => {
    fc.assert(
      fc.property(jobSteps, (script) => {
        const model = new JobModel();
        const players = new Players({ limits: {}, model });
        for (const next of script) {
          const { told, model: expected } = play(players, next);

          expect(told).toBe(expected);
          const notices = next.kind === "restore" ? [] : players.world.state.notices;
          expect(notices.map(wordsOfNotice)).toEqual(model.takeNotices());
          expect(stateOf(players.world)).toEqual(stateOfModel(model));
        }
      }),
      { numRuns: 200 },
    );
  });

  test("with little work in an entry, get to the same end, and no restore is seen (I8, I12)", () => {
    const limits = { workMax: 2, dueMax: 2 };
    fc.assert(
      fc.property(jobSteps, (script) => {
        const steady = new Players({ limits });
        const restarted = new Players({ limits });
        for (const next of script) {
          const told = next.kind === "restore" ? "restored" : play(steady, next).told;
          expect(play(restarted, next).told).toBe(told);
          expect(restarted.world.hash()).toBe(steady.world.hash());
          expect(restarted.world.state.nextDeadline()).toBe(steady.world.state.nextDeadline());
        }
        for (let ticks = 0; steady.world.state.nextDeadline() === 0; ticks++) {
          expect(ticks).toBeLessThan(1_000);
          steady.world.tick();
          expect(steady.world.state.notices.length).toBeLessThanOrEqual(2);
        }
      }),
      { numRuns: 80 },
    );
  });
});
