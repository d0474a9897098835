import { type LogTimeMs, logTimeMs } from "@rogerd/global-state";
import { logIndex, type RoleName, type Term, term } from "@rogerd/raft";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { RaftEvents } from "../observe/raft-events.ts";
import { decodeEntry } from "./command-codec.ts";
import { LogClock } from "./log-clock.ts";
import type { StateListener } from "./replicated-state.ts";

/** A leader-to-be whose clock, log and state the test moves. */
class Stage {
  nowMs = 5_000;
  wallMs = 1_790_000_000_000;
  logTime = 70_000;
  deadline: number | undefined;
  lastIndex = 10;
  appliedIndex = 10;
  outcome = "applied";
  readonly proposed: number[] = [];
  readonly #events = new RaftEvents();
  readonly #listeners: StateListener[] = [];
  #timer: { readonly atMs: number; readonly callback: () => void } | undefined;
  readonly clock: LogClock;

  constructor() {
    const logTime = () => logTimeMs(this.logTime);
    this.clock = new LogClock({
      platform: {
        monotonicNow: () => this.nowMs,
        wallNow: () => this.wallMs,
        setTimer: (delayMs, callback) => {
          const timer = { atMs: this.nowMs + delayMs, callback };
          this.#timer = timer;
          return {
            cancel: () => {
              if (this.#timer === timer) this.#timer = undefined;
            },
          };
        },
      },
      events: this.#events,
      state: {
        listen: (listener) => this.#listeners.push(listener),
        current: {
          get logTime(): LogTimeMs {
            return logTime();
          },
          nextDeadline: () => (this.deadline === undefined ? undefined : logTimeMs(this.deadline)),
        },
      },
      node: {
        propose: async (payload) => {
          this.proposed.push(decodeEntry(payload).logTime);
          return { kind: this.outcome };
        },
        status: () => ({ lastIndex: this.lastIndex, appliedIndex: this.appliedIndex }),
      },
    });
  }

  role(role: RoleName, inTerm: number): void {
    this.#events.roleChanged({ role, term: term(inTerm), leaderId: undefined, cause: "test" });
  }

  applies(inTerm: number): void {
    const at: { index: ReturnType<typeof logIndex>; term: Term } = {
      index: logIndex(this.appliedIndex),
      term: term(inTerm),
    };
    for (const listener of this.#listeners) listener.appliedOne?.(at);
    for (const listener of this.#listeners) listener.appliedAll?.();
  }

  leads(inTerm = 3): void {
    this.role("leader", inTerm);
    this.applies(inTerm);
  }

  pass(ms: number): void {
    this.nowMs += ms;
    const timer = this.#timer;
    if (timer === undefined || timer.atMs > this.nowMs) return;
    this.#timer = undefined;
    timer.callback();
  }

  get waitsMs(): number | undefined {
    return this.#timer === undefined ? undefined : this.#timer.atMs - this.nowMs;
  }
}

const settled = (): Promise<void> => new Promise((resolve) => queueMicrotask(resolve));

describe("log time (SEMANTICS §5)", () => {
  test("there is none before the first entry of the own term is applied", () => {
    const stage = new Stage();

    const follower = stage.clock.stamp();
    stage.role("leader", 3);
    stage.applies(2);
    const electedOnly = stage.clock.stamp();
    stage.applies(3);

    expect([follower, electedOnly]).toEqual([undefined, undefined]);
    expect(stage.clock.stamp()).toEqual({ logTime: 70_000, wallMs: stage.wallMs });
  });

  test("it is the highest time in the log plus the time that passed since, rounded down", () => {
    const stage = new Stage();
    stage.leads();

    stage.pass(1_234.9);
    stage.logTime = 71_000; // its own entries raise the log's time; the clock does not count them twice

    expect(stage.clock.stamp()?.logTime).toBe(71_234);
  });

  test("the wall clock is only shown: it may jump as it likes", () => {
    const stage = new Stage();
    stage.leads();
    stage.wallMs -= 86_400_000;
    stage.pass(10);

    expect(stage.clock.stamp()).toEqual({ logTime: 70_010, wallMs: stage.wallMs });
  });

  test("it stands still while this node does not lead, and goes on from the log in a later term", () => {
    const stage = new Stage();
    stage.leads(3);
    stage.pass(500);
    stage.role("follower", 4);
    const deposed = stage.clock.stamp();
    stage.pass(60_000);
    stage.logTime = 70_400;
    stage.role("leader", 5);
    stage.applies(4);
    const early = stage.clock.stamp();
    stage.applies(5);

    expect([deposed, early]).toEqual([undefined, undefined]);
    expect(stage.clock.stamp()?.logTime).toBe(70_400);
  });

  test("the first entry of the term may be applied before we hear that we lead", () => {
    const stage = new Stage();

    stage.applies(3);
    stage.role("leader", 3);

    expect(stage.clock.stamp()?.logTime).toBe(70_000);
  });
});

/** What happens in a cluster of three: time passes, one of them leads, whoever thinks that he leads writes. */
const happenings = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.record({ passMs: fc.double({ min: 0, max: 900, noNaN: true }) }) },
    { weight: 1, arbitrary: fc.record({ leads: fc.nat(2) }) },
    { weight: 3, arbitrary: fc.record({ writes: fc.nat(2) }) },
  ),
  { maxLength: 60, size: "max" },
);

test("over all leaders together it never goes back, and never faster than time (I10, property)", () => {
  fc.assert(
    fc.property(happenings, (all) => {
      const stages = [1_000, 5_000, 900_000].map((startMs) => {
        const stage = new Stage();
        stage.nowMs = startMs;
        return stage;
      });
      let [leader, inTerm, passedMs] = [-1, 0, 0];
      let [logTime, writtenAtMs] = [70_000, 0];
      for (const happens of all) {
        if ("passMs" in happens) {
          passedMs += happens.passMs;
          for (const stage of stages) stage.pass(happens.passMs);
        } else if ("leads" in happens) {
          stages[leader]?.role("follower", inTerm + 1);
          [leader, inTerm] = [happens.leads, inTerm + 2];
          stages[leader]?.leads(inTerm);
        } else {
          const stamp = stages[happens.writes]?.clock.stamp();
          expect(stamp !== undefined).toBe(happens.writes === leader);
          if (stamp === undefined) continue;
          expect(stamp.logTime).toBeGreaterThanOrEqual(logTime);
          expect(stamp.logTime - logTime).toBeLessThan(passedMs - writtenAtMs + 1);
          [logTime, writtenAtMs] = [stamp.logTime, passedMs];
          for (const stage of stages) stage.logTime = logTime;
        }
      }
      expect(logTime).toBeLessThanOrEqual(70_000 + passedMs);
    }),
  );
});

describe("ticks", () => {
  test("an empty entry is proposed when the earliest deadline is due", async () => {
    const stage = new Stage();
    stage.deadline = 70_300;
    stage.leads();

    const waits = stage.waitsMs;
    stage.pass(299);
    const before = [...stage.proposed];
    stage.pass(1);
    await settled();

    expect(waits).toBe(300);
    expect(before).toEqual([]);
    expect(stage.proposed).toEqual([70_300]);
  });

  test("none is proposed while another entry is on its way: that one takes out what is due", () => {
    const stage = new Stage();
    stage.deadline = 70_300;
    stage.leads();

    stage.lastIndex = 11;
    stage.pass(300);
    stage.appliedIndex = 11;
    stage.deadline = undefined;
    stage.applies(3);
    stage.pass(10_000);

    expect(stage.proposed).toEqual([]);
  });

  test("what one tick leaves over is taken out by another", async () => {
    const stage = new Stage();
    stage.deadline = 70_300;
    stage.leads();
    stage.pass(300);
    stage.applies(3); // 1 000 things went, more are due
    await settled();
    stage.pass(0);
    await settled();

    expect(stage.proposed).toEqual([70_300, 70_300]);
  });

  test.each([
    ["there was no room", "overloaded"],
    ["leadership is being handed over", "not-leader"],
  ])("a tick that was refused because %s is tried again, after a while", async (_why, kind) => {
    const stage = new Stage();
    stage.deadline = 70_300;
    stage.outcome = kind;
    stage.leads();
    stage.pass(300);
    await settled();
    stage.pass(99);
    await settled();

    stage.outcome = "applied";
    stage.pass(1);
    await settled();

    expect(stage.proposed).toEqual([70_300, 70_400]);
  });

  test("who does not lead any more proposes none", async () => {
    const stage = new Stage();
    stage.deadline = 70_300;
    stage.leads();

    stage.role("follower", 4);
    stage.pass(300);
    await settled();

    expect(stage.proposed).toEqual([]);
    expect(stage.waitsMs).toBeUndefined();
  });
});
