// I1–I5, I8, I12 of execution keys: random histories, beside a naive model, with snapshots and restores.
import * as fc from "fast-check";
import { afterEach, describe, expect, test, vi } from "vitest";
import { Line } from "../src/execution-key/line.ts";
import type { Limits, Notice, Refusal, Result, Write } from "../src/index.ts";
import { jobWrites, Worker } from "./jobs.ts";
import { KeyModel, type ModelRule } from "./key-model.ts";
import {
  aSecondLevel,
  encodeAll,
  inSession,
  keyWrites,
  noOrigin,
  openWrite,
  restored,
  smallLimits,
  type World,
  writes,
} from "./world.ts";

const { hold, wait, withdraw, release, setRules } = keyWrites;

type Step =
  | { readonly kind: "acquire"; readonly of: Of; readonly isWait: boolean; timeoutMs?: number }
  | { readonly kind: "withdraw"; readonly of: Of }
  | { readonly kind: "release"; readonly of: Of; readonly token: number }
  | { readonly kind: "end"; readonly client: number; readonly how: "closed" | "expired" }
  | { readonly kind: "rules"; readonly rules: readonly ModelRule[] }
  | { readonly kind: "roger"; readonly name: "add" | "remove"; readonly key: string }
  | { readonly kind: "mark"; readonly owner: string; readonly isRemoval: boolean }
  | { readonly kind: "pass"; readonly ms: number }
  | { readonly kind: "restore" };
interface Of {
  readonly client: number;
  readonly key: string;
  readonly owner: string;
}

const key = fc.constantFrom("a", "b", "b/1", "c");
const owner = fc.nat(9).map((at) => `job-${at}`);
const client = fc.nat(3);
const of = fc.record({ client, key, owner });
const limitRule = fc.record({
  limit: fc.integer({ min: 1, max: 3 }),
  maxHoldMs: fc.constantFrom(undefined, undefined, 300),
  maxWaiters: fc.constantFrom(undefined, undefined, 2),
});
const rules = fc
  .uniqueArray(fc.constantFrom("", "b", "b/"), { maxLength: 3 })
  .chain((prefixes) =>
    fc.tuple(...prefixes.map((prefix) => limitRule.map((rule) => ({ prefix, ...rule })))),
  );

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record(
      {
        kind: fc.constant("acquire" as const),
        of,
        isWait: fc.integer({ max: 3, min: 0 }).map((dice) => dice > 0),
        timeoutMs: fc.integer({ min: 1, max: 900 }),
      },
      { requiredKeys: ["kind", "of", "isWait"] },
    ),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("withdraw" as const), of }) },
  {
    weight: 9,
    arbitrary: fc.record({ kind: fc.constant("release" as const), of, token: fc.nat(60) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("end" as const),
      client,
      how: fc.constantFrom("closed" as const, "expired" as const),
    }),
  },
  { weight: 1, arbitrary: rules.map((all): Step => ({ kind: "rules", rules: all })) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("roger" as const),
      name: fc.constantFrom("add" as const, "remove" as const),
      key,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("mark" as const), owner, isRemoval: fc.boolean() }),
  },
  { weight: 3, arbitrary: fc.nat(400).map((ms): Step => ({ kind: "pass", ms })) },
  { weight: 1, arbitrary: fc.constant<Step>({ kind: "restore" }) },
);
const steps = fc.array(step, { minLength: 10, maxLength: 120, size: "max" });

/** Clients that open a session when they have none; every second one asks for a delay. */
class Players {
  readonly world: World;
  readonly model: KeyModel | undefined;
  readonly #limits: Partial<Limits>;
  readonly #sessions: (number | undefined)[] = [];
  #sequence = 0;
  /** What was held last under a name: so that releases meet. */
  readonly #tokens: Map<string, number> = new Map();

  constructor(parts: { readonly limits: Partial<Limits>; readonly model?: KeyModel }) {
    this.#limits = parts.limits;
    this.world = aSecondLevel(parts.limits);
    this.model = parts.model;
  }

  sessionOf(at: number): number {
    const known = this.#sessions[at];
    if (known !== undefined) return known;
    const keyDelayMs = at % 2 === 1 ? 250 : undefined;
    const opening = keyDelayMs === undefined ? {} : { keyDelayMs };
    const answer = this.world.write(openWrite(at, opening));
    if (!("status" in answer) || answer.status !== "opened") throw new Error("opened");
    this.model?.open(answer.session, keyDelayMs ?? 0);
    this.#sessions[at] = answer.session;
    return answer.session;
  }

  /** A number of its own for each call; none is given up. */
  call(session: number, write: Write): Result | Refusal {
    this.#sequence += 1;
    return this.world.write(write, inSession(session, this.#sequence));
  }

  forget(at: number): void {
    this.#sessions[at] = undefined;
  }

  tokenOf({ key: name, owner: job }: Of, otherwise: number): number {
    return this.#tokens.get(`${name} ${job}`) ?? otherwise;
  }

  note({ key: name, owner: job }: Of, answer: Result | Refusal): void {
    const isHeld = "status" in answer && answer.status === "held";
    if (isHeld) this.#tokens.set(`${name} ${job}`, answer.token);
  }

  restore(): void {
    const { chunks } = encodeAll(this.world.state);
    this.world.state = restored(smallLimits(this.#limits), chunks);
  }
}

/** Answers of the world and of the model, in the model's words. */
function play(players: Players, next: Step): { readonly told: string; readonly model: string } {
  const { world, model } = players;
  switch (next.kind) {
    case "acquire": {
      const session = players.sessionOf(next.of.client);
      const { key: name, owner: job } = next.of;
      const write = next.isWait ? wait(name, job, next.timeoutMs) : hold(name, job);
      const answer = players.call(session, write);
      players.note(next.of, answer);
      return {
        told: wordsOf(answer),
        model: model?.acquire({ ...next, ...next.of, session }) ?? "",
      };
    }
    case "withdraw": {
      const session = players.sessionOf(next.of.client);
      const told = wordsOf(players.call(session, withdraw(next.of.key, next.of.owner)));
      return { told, model: model?.withdraw({ ...next.of, session }) ?? "" };
    }
    case "release": {
      const token = players.tokenOf(next.of, next.token);
      const told = wordsOf(world.write(release(next.of.key, next.of.owner, token), noOrigin));
      return { told, model: model?.release({ ...next.of, token }) ?? "" };
    }
    case "end": {
      const session = players.sessionOf(next.client);
      if (next.how === "closed") players.call(session, writes.close);
      else world.write(writes.expire(session, 1));
      players.forget(next.client);
      model?.end(session, next.how);
      return same("ended");
    }
    case "rules":
      world.write(setRules(next.rules));
      model?.setRules(next.rules);
      return same("set");
    case "roger":
      return playRoger(players, next);
    case "mark":
      world.write(next.isRemoval ? writes.consume(next.owner) : writes.cancelJob(next.owner));
      if (next.isRemoval) model?.uncancel(next.owner);
      else model?.cancel(next.owner);
      return same("marked");
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

function same(word: string): { readonly told: string; readonly model: string } {
  return { told: word, model: word };
}

function playRoger(
  { world, model }: Players,
  next: Extract<Step, { kind: "roger" }>,
): { readonly told: string; readonly model: string } {
  if (next.name === "remove") {
    world.write(writes.removeExecuted(next.key));
    model?.removeExecuted(next.key);
    return same("removed");
  }
  const answer = world.write(writes.addExecuting(next.key));
  const told = "status" in answer && answer.status === "member" ? String(answer.before) : "?";
  return { told, model: String(model?.addExecuting(next.key)) };
}

function wordsOf(answer: Result | Refusal): string {
  if (!("status" in answer)) return answer.code;
  if (answer.status === "held") return `held ${answer.token}`;
  if (answer.status === "waiting") return `waiting ${answer.ticket} ${answer.position}`;
  return answer.status;
}

function wordsOfNotice(notice: Notice): string {
  if (notice.kind === "holdEnded") return `lost ${notice.session} ${notice.token}`;
  if (notice.kind !== "waitEnded") throw new Error(`nobody runs a job here: ${notice.kind}`);
  const { session, ticket, ending } = notice;
  const how = ending.kind === "granted" ? `granted ${ending.token}` : ending.kind;
  return `${how} ${session} ${ticket}`;
}

describe("execution keys (property)", () => {
  test("answer, grant and tell as the naive model does, also across restores (I1–I5, I12)", () => {
    fc.assert(
      fc.property(steps, (script) => {
        const model = new KeyModel();
        const players = new Players({ limits: {}, model });
        for (const next of script) {
          const { told, model: expected } = play(players, next);

          expect(told).toBe(expected);
          const notices = next.kind === "restore" ? [] : players.world.state.notices;
          expect(notices.map(wordsOfNotice)).toEqual(model.takeNotices());
        }
      }),
      { numRuns: 150 },
    );
  });

  test("with little work in an entry, get to the same end, and no restore is seen (I8, I12)", () => {
    const limits = { workMax: 2, dueMax: 2 };
    fc.assert(
      fc.property(steps, (script) => {
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
      { numRuns: 60 },
    );
  });
});

describe("waiters visited for one release", () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  /** Who waits for the key alone releases it; who waits to start finishes. */
  const ways = {
    release: {
      join: (at: number) => wait("k", `job-${at}`),
      leave: (at: number) => release("k", `job-${at}`, at + 1),
    },
    finish: {
      join: (at: number) => jobWrites.start(`job-${at}`, { key: "k" }),
      leave: (at: number) => jobWrites.finish(`job-${at}`),
    },
  };

  /** How often a line was looked at since; each waiter that a walk passes counts. */
  function countVisits(): () => number {
    let visits = 0;
    const [walk, joining] = ["items", "joinBehind"] as const;
    const [items, joinBehind] = [Line.prototype[walk], Line.prototype[joining]];
    const first = Object.getOwnPropertyDescriptor(Line.prototype, "first");
    vi.spyOn(Line.prototype, "first", "get").mockImplementation(function (this: unknown) {
      visits += 1;
      return first?.get?.call(this);
    });
    for (const name of ["behind", "leave", "join"] as const) {
      const original = Line.prototype[name];
      vi.spyOn(Line.prototype, name).mockImplementation(function (this: unknown, item: unknown) {
        visits += 1;
        return Reflect.apply(original, this, [item]);
      });
    }
    vi.spyOn(Line.prototype, "items").mockImplementation(function* (this: Line<unknown>) {
      for (const item of Reflect.apply(items, this, [])) {
        visits += 1;
        yield item;
      }
    });
    vi.spyOn(Line.prototype, "joinBehind").mockImplementation(function (
      this: unknown,
      item: unknown,
      comesBefore: (other: unknown) => boolean,
    ) {
      const counted = (other: unknown): boolean => {
        visits += 1;
        return comesBefore(other);
      };
      Reflect.apply(joinBehind, this, [item, counted]);
    });
    return () => visits;
  }

  function visitsWith(waiters: number, way: keyof typeof ways): readonly number[] {
    const world = aSecondLevel({ answersMax: 40_000, answersBytesMax: 64 * 1024 * 1024 });
    world.checksInvariants = false;
    const session = world.open(1);
    const origin = (at: number): ReturnType<typeof inSession> => inSession(session, at);
    for (let at = 0; at <= waiters; at++) world.write(ways[way].join(at), origin(at));
    const count = countVisits();
    const counts: number[] = [];
    for (let at = 0; at < waiters; at++) {
      const before = count();
      world.write(ways[way].leave(at), origin(waiters + 1 + at));
      expect(world.state.notices).toMatchObject([{ kind: "waitEnded", session }]);
      expect(world.state.notices).toHaveLength(1);
      expect(ticketOf(world)).toBe(way === "finish" ? at + 2 : at + 1);
      counts.push(count() - before);
    }
    return counts;
  }

  /** Of calls that reach into the line, wherever those stand whom they take out. */
  function visitsInTheMiddle(waiters: number): readonly number[] {
    const limits = { answersMax: 40_000, answersBytesMax: 64 * 1024 * 1024 };
    const world = aSecondLevel(limits);
    world.checksInvariants = false;
    const [one, two] = [new Worker(world, 1, { keyDelayMs: 500 }), new Worker(world, 2)];
    for (let at = 0; at <= waiters; at++) one.start(`job-${at}`, { key: "k" });
    const job = `job-${Math.floor(waiters / 2)}`;
    two.start("lonely", { queue: "images", key: "k" });
    const visited: number[] = [];
    const count = countVisits();
    const calls = [
      () => two.start(job, { key: "k", takeover: true }),
      () => two.start("job-0", { key: "k", takeover: true }),
      () => world.write(writes.mark([job])),
      () => world.write(writes.pause("images", { mode: "stop" })),
      () => two.call(withdraw("k", "job-0")),
    ];
    for (const call of calls) {
      const before = count();
      call();
      visited.push(count() - before);
    }
    expect(world.state.counts().waiters).toBe(waiters - 1);
    return visited;
  }

  test("are few for who is taken out of the middle, or comes back to the front", () => {
    const few = visitsInTheMiddle(100);
    vi.restoreAllMocks();
    const many = visitsInTheMiddle(9_000);

    expect(many).toEqual(few);
    expect(Math.max(...many)).toBeLessThanOrEqual(8);
  });

  function ticketOf({ state }: World): number | undefined {
    const [notice] = state.notices;
    return notice?.kind === "waitEnded" ? notice.ticket : undefined;
  }

  test.each(["release", "finish"] as const)(
    "by %s are as few with 10 000 in line as with 100, one is told, in strict order",
    (way) => {
      const few = new Set(visitsWith(100, way));
      vi.restoreAllMocks();
      const many = new Set(visitsWith(10_000, way));

      expect(many).toEqual(few);
      expect(Math.max(...many)).toBeLessThanOrEqual(5);
    },
  );
});
