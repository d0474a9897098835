import { errorObject } from "@rogerd/protocol";
import { describe, expect, test } from "vitest";
import type { FakeResult } from "../test/fake-cluster.ts";
import {
  aScriptedClient,
  nothing,
  type Script,
  type ScriptedSituation,
  waiting,
} from "../test/scripted-client.ts";
import { type Situation, watched } from "../test/situation.ts";
import type { CallOptions } from "./caller.ts";
import {
  ClientClosedError,
  DeadlineExceededError,
  KeyLostError,
  LeaseLostError,
} from "./errors.ts";
import type { ExecutionKeyAcquired, ExecutionKeyWish } from "./execution-key.ts";
import { HeldKey } from "./held-key.ts";

const held = { status: "held", token: 5 };

interface KeySituation extends ScriptedSituation {
  acquire(options?: Partial<ExecutionKeyWish & CallOptions>): Promise<ExecutionKeyAcquired>;
}

async function aClient(script: Script, options = {}): Promise<KeySituation> {
  const situation = await aScriptedClient(script, options);
  const acme = situation.client.partition("acme");
  return {
    ...situation,
    acquire: (wish = {}) => acme.acquireExecutionKey("k", { owner: "j", ...wish }),
  };
}

const granted = {
  seq: 1,
  ticket: 31,
  ending: { kind: "granted", token: 6 },
} as const;

function grantedPush(): object {
  return { kind: "waitEnded", revision: 8, n: 0, ...granted };
}

function tokenOf(outcome: unknown): number | undefined {
  const value =
    typeof outcome === "object" && outcome !== null && "value" in outcome
      ? outcome.value
      : undefined;
  return value instanceof HeldKey ? value.token : undefined;
}

function errorOf(outcome: unknown): unknown {
  return typeof outcome === "object" && outcome !== null && "error" in outcome
    ? outcome.error
    : undefined;
}

async function aHeldKey(situation: KeySituation): Promise<HeldKey> {
  const acquiring = situation.acquire();
  await situation.world.run(10);
  const acquired = await acquiring;
  if (acquired.status !== "held") throw new Error("held");
  return acquired;
}

/** Its keepalives come to nothing from now on. */
function unheard({ cluster }: Situation): void {
  for (const node of cluster.nodes.values()) {
    node.judge = ({ command }) => (command === "session.keepalive" ? "ignore" : "answer");
  }
}

describe("a key that is free", () => {
  test("is held at once, and given back by its token", async () => {
    const situation = await aClient({
      "executionKey.acquire": [held],
      "executionKey.release": [{ status: "released" }],
    });
    const key = await aHeldKey(situation);

    const releasing = key.release();
    await situation.world.run(10);

    expect([key.key, key.owner, key.token, key.revision]).toEqual(["k", "j", 5, 7]);
    expect(await releasing).toEqual({ status: "released", revision: 7 });
    expect(situation.requests("executionKey.acquire")[0]?.args).toEqual({
      key: "k",
      owner: "j",
      mode: "wait",
    });
    expect(situation.requests("executionKey.release")[0]?.args).toEqual({
      key: "k",
      owner: "j",
      token: 5,
    });
    expect(key.signal.aborted).toBe(false);
  });

  test("is given back at the end of its block, and whoever asks for the same comes after that", async () => {
    const situation = await aClient({
      "executionKey.acquire": [held, { status: "held", token: 6 }],
      "executionKey.release": [{ status: "released" }],
    });
    const { cluster, world } = situation;
    const block = async (): Promise<void> => {
      const acquired = await situation.acquire();
      if (acquired.status !== "held") throw new Error("held");
      await using key = acquired;
      expect(key.token).toBe(5);
    };
    cluster.node("n1").judge = ({ command }) =>
      command === "executionKey.release" ? "answer-late" : "answer";

    const using = block();
    await world.run(100);
    const next = watched(situation.acquire());
    await world.run(200);
    const before = situation.requests("executionKey.acquire").length;
    await world.run(200);
    await using;

    expect([before, tokenOf(next.outcome())]).toEqual([1, 6]);
  });

  test("two calls of one owner share what it holds", async () => {
    const situation = await aClient({ "executionKey.acquire": [held] });

    const [one, two] = [await aHeldKey(situation), await aHeldKey(situation)];

    expect(one).toBe(two);
  });

  test("a try is told that it is busy, cancelled, or waits already", async () => {
    const busy = { status: "busy", holders: 1, waiters: 0, retryAfterMs: 1_000 };
    const situation = await aClient({
      "executionKey.acquire": [busy, { status: "cancelled" }, waiting],
    });

    const outcomes = [1, 2, 3].map(() => situation.acquire({ mode: "try" }));
    await situation.world.run(10);

    expect(await Promise.all(outcomes)).toEqual([
      { ...busy, revision: 7 },
      { status: "cancelled", revision: 7 },
      { status: "waiting", ticket: 31, revision: 7 },
    ]);
  });

  test("what was not decided is thrown as it is", async () => {
    const situation = await aClient({});
    const { cluster, world } = situation;
    cluster.node("n1").judge = ({ command }) =>
      command === "executionKey.acquire"
        ? errorObject("not_started", "no", { partition: "acme" })
        : "answer";

    const acquiring = watched(situation.acquire());
    await world.run(10);

    expect(errorOf(acquiring.outcome())).toMatchObject({ code: "not_started" });
  });
});

describe("a wait", () => {
  test("is told by a push; the session is synced once, and the number stays open until it is known", async () => {
    const situation = await aClient({ "executionKey.acquire": [waiting] });
    const acquiring = watched(situation.acquire());
    await situation.world.run(10);
    void situation.client.roger().cancelJob("acme", "j9");
    await situation.world.run(10);
    const before = acquiring.outcome();

    await situation.push(grantedPush());
    void situation.client.roger().cancelJob("acme", "j10");
    await situation.world.run(10);

    expect(before).toBe("open");
    expect(tokenOf(acquiring.outcome())).toBe(6);
    expect(situation.requests("session.sync").length).toBe(1);
    const { frames } = situation.cluster.node("n1");
    const floors = frames.flatMap(({ floor }) => (floor === undefined ? [] : [floor]));
    expect(floors).toEqual([1, 1, 3]);
  });

  test("is told though the push comes before the answer", async () => {
    const situation = await aClient({ "executionKey.acquire": [waiting] });
    situation.cluster.node("n1").judge = ({ command }) =>
      command === "executionKey.acquire" ? "answer-late" : "answer";
    const acquiring = watched(situation.acquire());
    await situation.world.run(10);

    await situation.push(grantedPush());
    const before = acquiring.outcome();
    await situation.world.run(500);

    expect([before, tokenOf(acquiring.outcome())]).toEqual(["open", 6]);
  });

  test.each([
    ["cancelled", { status: "cancelled", revision: 8 }],
    ["timed_out", { status: "timed_out" }],
  ] as const)("that is %s is told so", async (kind, outcome) => {
    const situation = await aClient({ "executionKey.acquire": [waiting] });
    const acquiring = watched(situation.acquire());
    await situation.world.run(10);

    await situation.push({ ...grantedPush(), ending: { kind } });

    expect(acquiring.outcome()).toEqual({ value: outcome });
  });

  test("whose end is another's, or came on a connection of before, is not told", async () => {
    const situation = await aClient({ "executionKey.acquire": [waiting] });
    const acquiring = watched(situation.acquire());
    await situation.world.run(10);

    const pushes = [grantedPush()];
    situation.cluster.node("n1").say({ kind: "pushes", session: 99, pushes });
    await situation.push({ ...grantedPush(), ticket: 32 });

    expect(acquiring.outcome()).toBe("open");
  });

  test("of one owner is one, however often it is asked for", async () => {
    const situation = await aClient({ "executionKey.acquire": [waiting] });
    const { signal, abort } = abortable();
    const one = watched(situation.acquire({ signal }));
    const two = watched(situation.acquire());
    await situation.world.run(10);

    abort("enough");
    await situation.world.run(10);
    const withdrawn = situation.requests("executionKey.withdraw");
    await situation.push(grantedPush());

    expect([errorOf(one.outcome()), tokenOf(two.outcome())]).toEqual(["enough", 6]);
    expect(withdrawn).toEqual([]);
  });
});

describe("after a reconnect", () => {
  async function aWaitThatMoved(
    sync: FakeResult,
    more: Script = {},
  ): Promise<[KeySituation, ReturnType<typeof watched<ExecutionKeyAcquired>>]> {
    const situation = await aClient({ "executionKey.acquire": [waiting] });
    const acquiring = watched(situation.acquire());
    await situation.world.run(10);
    situation.answer({ "session.sync": [sync], ...more });
    situation.cluster.node("n1").kill();
    situation.cluster.elect("n2");
    await situation.world.run(2_000);
    return [situation, acquiring];
  }

  test("the sync says how it ended while nobody listened", async () => {
    const endings = [granted];
    const holds = [{ partition: "acme", key: "k", owner: "j", token: 6 }];
    const [situation, acquiring] = await aWaitThatMoved({ ...nothing, endings, holds });

    expect(tokenOf(acquiring.outcome())).toBe(6);
    expect(situation.asked()).toEqual(["session.sync"]);
  });

  test("a wait that is still there goes on, and is told by the new leader", async () => {
    const waits = [{ partition: "acme", key: "k", owner: "j", seq: 1, ticket: 31, to: "hold" }];
    const [situation, acquiring] = await aWaitThatMoved({ ...nothing, waits });
    const before = acquiring.outcome();

    await situation.push(grantedPush());

    expect([before, tokenOf(acquiring.outcome())]).toEqual(["open", 6]);
  });

  test("a wait of which nobody knows the end is asked for again", async () => {
    const [situation, acquiring] = await aWaitThatMoved(nothing, {
      "executionKey.acquire": [{ status: "held", token: 9 }],
    });

    expect(tokenOf(acquiring.outcome())).toBe(9);
    expect(situation.asked()).toEqual(["session.sync", "executionKey.acquire 2"]);
  });

  const waits = [{ partition: "acme", key: "k", owner: "j2", seq: 2, ticket: 31, to: "hold" }];
  const holds = [{ partition: "acme", key: "k", owner: "j", token: 5 }];

  async function aHoldAndAWaitThatMoved(
    syncs: readonly FakeResult[],
    at: { readonly revision: number },
  ): Promise<[KeySituation, HeldKey, ReturnType<typeof watched<ExecutionKeyAcquired>>]> {
    const situation = await aClient({ "executionKey.acquire": [held, waiting] });
    const key = await aHeldKey(situation);
    const acquiring = watched(situation.acquire({ owner: "j2" }));
    await situation.world.run(10);
    situation.answer({ "session.sync": syncs, "executionKey.acquire": [{ status: "cancelled" }] });
    situation.cluster.node("n2").applied = at.revision;
    situation.cluster.node("n1").kill();
    situation.cluster.elect("n2");
    await situation.world.run(2_000);
    return [situation, key, acquiring];
  }

  test("nothing is judged before the last page", async () => {
    const pages = [
      { ...nothing, next: "s1.endings.4" },
      { ...nothing, waits, next: "s1.waits.9" },
      { ...nothing, holds },
    ];
    const [situation, key, acquiring] = await aHoldAndAWaitThatMoved(pages, { revision: 7 });

    expect(situation.requests("session.sync").map(({ args }) => args)).toEqual([
      {},
      {},
      { cursor: "s1.endings.4" },
      { cursor: "s1.waits.9" },
    ]);
    expect([key.signal.aborted, acquiring.outcome()]).toEqual([false, "open"]);
  });

  test("what is of a later revision than the sync is not judged by it", async () => {
    const [, key, acquiring] = await aHoldAndAWaitThatMoved([nothing], { revision: 6 });

    expect([key.signal.aborted, acquiring.outcome()]).toEqual([false, "open"]);
  });

  test("what is of no later revision, and is not there, is judged", async () => {
    const [, key, acquiring] = await aHoldAndAWaitThatMoved([nothing], { revision: 7 });

    expect(key.signal.reason).toMatchObject({ code: "key_lost", why: "unknown" });
    expect(acquiring.outcome()).toEqual({ value: { status: "cancelled", revision: 7 } });
  });

  test("a sync that can't be answered just now is asked for again", async () => {
    const situation = await aClient({ "executionKey.acquire": [waiting] });
    let refusals = 2;
    situation.cluster.node("n1").judge = ({ command }) => {
      if (command !== "session.sync" || refusals === 0) return "answer";
      refusals -= 1;
      return errorObject("unavailable", "no round", { retryAfterMs: 100 });
    };

    void situation.acquire().catch(() => undefined);
    await situation.world.run(2_000);

    expect(situation.requests("session.sync").length).toBe(3);
  });

  test("where no daemon tells anything, waiting is of no use, and is said to be", async () => {
    const situation = await aClient({
      "executionKey.acquire": [waiting],
      "executionKey.withdraw": [{ status: "withdrawn" }],
    });
    situation.cluster.node("n1").judge = ({ command }) =>
      command === "session.sync"
        ? errorObject("invalid_argument", "command is unknown", { path: "command" })
        : "answer";
    const first = watched(situation.acquire());
    await situation.world.run(100);
    const second = watched(situation.acquire());
    await situation.world.run(100);

    for (const each of [first, second]) {
      expect(errorOf(each.outcome())).toMatchObject({ code: "invalid_argument" });
    }
    expect(situation.requests("executionKey.withdraw").length).toBe(2);
  });
});

describe("who gives up", () => {
  test("a wait is told so at once, and the wait is withdrawn", async () => {
    const situation = await aClient({
      "executionKey.acquire": [waiting],
      "executionKey.withdraw": [{ status: "withdrawn" }],
    });
    const { signal, abort } = abortable();
    const acquiring = watched(situation.acquire({ signal }));
    await situation.world.run(10);

    abort("enough");
    await situation.world.run(0);
    const outcome = acquiring.outcome();
    await situation.world.run(10);

    expect(errorOf(outcome)).toBe("enough");
    expect(situation.requests("executionKey.withdraw")).toMatchObject([
      { partition: "acme", args: { key: "k", owner: "j" } },
    ]);
    expect(situation.cluster.node("n1").frames.at(-1)?.floor).toBe(2);
  });

  test.each([waiting, held])(
    "what was sent is heard to its end, and %o is given back",
    async (result) => {
      const situation = await aClient({
        "executionKey.acquire": [result],
        "executionKey.withdraw": [{ status: "released" }],
      });
      situation.cluster.node("n1").judge = ({ command }) =>
        command === "executionKey.acquire" ? "answer-late" : "answer";
      const { signal, abort } = abortable();
      const acquiring = watched(situation.acquire({ signal }));
      await situation.world.run(10);

      abort("enough");
      await situation.world.run(100);
      const before = [errorOf(acquiring.outcome()), situation.requests("executionKey.withdraw")];
      await situation.world.run(500);

      expect(before).toEqual(["enough", []]);
      expect(situation.requests("executionKey.withdraw").length).toBe(1);
    },
  );

  test("what is owed is given back when nobody else wants it any more", async () => {
    const situation = await aClient({
      "executionKey.acquire": [held],
      "executionKey.withdraw": [{ status: "released" }],
    });
    situation.cluster.node("n1").judge = ({ command }) =>
      command === "executionKey.acquire" ? "answer-late" : "answer";
    const [first, second] = [abortable(), abortable()];
    void situation.acquire({ signal: first.signal }).catch(() => undefined);
    await situation.world.run(10);
    first.abort("enough");
    situation.world.isClogged = true;
    void situation.acquire({ signal: second.signal }).catch(() => undefined);
    await situation.world.run(500);

    second.abort("enough");
    situation.world.isClogged = false;
    await situation.world.run(50);

    expect(situation.requests("executionKey.acquire").length).toBe(1);
    expect(situation.requests("executionKey.withdraw").length).toBe(1);
  });

  test("what frees a key is heard to its end, however long its user waits: nobody asks for the key before", async () => {
    const situation = await aClient({
      "executionKey.acquire": [held, { status: "held", token: 6 }],
      "executionKey.release": [{ status: "released" }],
    });
    const key = await aHeldKey(situation);
    situation.cluster.node("n1").judge = ({ command }) =>
      command === "executionKey.release" ? "answer-late" : "answer";

    const releasing = watched(key.release({ timeoutMs: 100 }));
    await situation.world.run(150);
    const next = watched(situation.acquire());
    await situation.world.run(100);
    const before = situation.requests("executionKey.acquire").length;
    await situation.world.run(300);

    expect(errorOf(releasing.outcome())).toMatchObject({
      code: "deadline_exceeded",
      outcomeKnown: false,
    });
    expect([before, tokenOf(next.outcome())]).toEqual([1, 6]);
  });

  test("what frees a key is sent though its user has given it up before: he does not want the key", async () => {
    const situation = await aClient({ "executionKey.acquire": [held] });
    const key = await aHeldKey(situation);
    const { signal, abort } = abortable();
    situation.world.isClogged = true;
    const releasing = watched(key.release({ signal }));
    await situation.world.run(50);

    abort("enough");
    situation.world.isClogged = false;
    await situation.world.run(50);

    expect(errorOf(releasing.outcome())).toBe("enough");
    expect(situation.requests("executionKey.release").length).toBe(1);
  });

  test("what was not sent is never sent", async () => {
    const situation = await aClient({ "executionKey.acquire": [held] });
    const { signal, abort } = abortable();
    situation.cluster.node("n1").kill();
    situation.cluster.elect(undefined);
    await situation.world.run(100);
    const acquiring = watched(situation.acquire({ signal }));
    abort("enough");
    situation.cluster.elect("n2");
    await situation.world.run(2_000);

    expect(errorOf(acquiring.outcome())).toBe("enough");
    expect(situation.requests("executionKey.acquire")).toEqual([]);
  });

  test("who gets no answer in time is told that it may have been executed", async () => {
    const situation = await aClient({ "executionKey.withdraw": [{ status: "withdrawn" }] });
    situation.cluster.node("n1").judge = ({ command }) =>
      command === "executionKey.acquire" ? "ignore" : "answer";

    const acquiring = watched(situation.acquire({ timeoutMs: 1_000 }));
    await situation.world.run(1_500);

    const error = errorOf(acquiring.outcome());
    expect(error).toBeInstanceOf(DeadlineExceededError);
    expect(error).toMatchObject({ outcomeKnown: false });
  });

  test("a wait without a leader ends by the own clock, and is withdrawn as soon as there is one", async () => {
    const situation = await aClient({
      "executionKey.acquire": [waiting],
      "executionKey.withdraw": [{ status: "released" }],
    });
    const acquiring = watched(situation.acquire({ waitTimeoutMs: 2_000 }));
    await situation.world.run(10);
    const [asked] = situation.requests("executionKey.acquire");
    situation.cluster.node("n1").kill();
    situation.cluster.elect(undefined);

    await situation.world.run(2_400);
    const before = acquiring.outcome();
    await situation.world.run(200);
    const after = acquiring.outcome();
    situation.cluster.elect("n2");
    await situation.world.run(2_000);

    expect(asked?.args).toMatchObject({ mode: "wait", waitTimeoutMs: 2_000 });
    expect([before, after]).toEqual(["open", { value: { status: "timed_out" } }]);
    expect(situation.requests("executionKey.withdraw").length).toBe(1);
  });

  test("a withdrawal by name ends the wait of whoever waits under it", async () => {
    const situation = await aClient({
      "executionKey.acquire": [waiting],
      "executionKey.withdraw": [{ status: "withdrawn" }],
    });
    const acquiring = watched(situation.acquire());
    await situation.world.run(10);

    const withdrawing = situation.client
      .partition("acme")
      .withdrawExecutionKey("k", { owner: "j" });
    await situation.world.run(10);

    expect(await withdrawing).toEqual({ status: "withdrawn", revision: 7 });
    expect(acquiring.outcome()).toEqual({ value: { status: "withdrawn" } });
  });

  test("a wait that was withdrawn before its answer came waits no more; one that began after that does", async () => {
    const situation = await aClient({
      "executionKey.acquire": [waiting],
      "executionKey.withdraw": [{ status: "withdrawn" }],
    });
    const node = situation.cluster.node("n1");
    node.judge = ({ command }) => (command === "executionKey.acquire" ? "answer-late" : "answer");
    const outcomes = [];
    for (const late of [8, 10]) {
      const acquiring = watched(situation.acquire());
      await situation.world.run(10);
      node.applied = 9;
      void situation.client.partition("acme").withdrawExecutionKey("k", { owner: "j" });
      await situation.world.run(10);
      node.applied = late;
      await situation.world.run(500);
      outcomes.push(acquiring.outcome());
    }

    expect(outcomes).toEqual([{ value: { status: "withdrawn" } }, "open"]);
  });
});

describe("a held key is lost", () => {
  test("with the lease of its session: its signal aborts, who waits is told, and nothing is given back", async () => {
    const situation = await aClient({ "executionKey.acquire": [held, waiting] });
    const key = await aHeldKey(situation);
    const acquiring = watched(situation.acquire({ owner: "j2" }));
    await situation.world.run(10);
    unheard(situation);

    await situation.world.run(30_000);
    await key[Symbol.asyncDispose]();

    expect(key.signal.reason).toBeInstanceOf(LeaseLostError);
    expect(errorOf(acquiring.outcome())).toBeInstanceOf(LeaseLostError);
    expect(situation.requests("executionKey.release")).toEqual([]);
  });

  test("with a session that ended in the log", async () => {
    const situation = await aClient({ "executionKey.acquire": [held] });
    const key = await aHeldKey(situation);
    situation.cluster.endSessions();

    void situation.client
      .roger()
      .cancelJob("acme", "j")
      .catch(() => undefined);
    await situation.world.run(100);

    expect(key.signal.reason).toBeInstanceOf(LeaseLostError);
  });

  test("with a session whose end was known before the answer came", async () => {
    const situation = await aClient({ "executionKey.acquire": [held] });
    situation.cluster.node("n1").judge = ({ command }) => {
      if (command === "roger.cancelJob") return errorObject("session_expired", "gone");
      return command === "session.keepalive" ? "answer" : "answer-late";
    };
    const acquiring = watched(situation.acquire());
    void situation.client
      .roger()
      .cancelJob("acme", "j")
      .catch(() => undefined);
    await situation.world.run(403);
    const before = acquiring.outcome();

    await situation.world.run(1_000);

    expect(tokenOf(before)).toBe(5);
    const key = before !== "open" && "value" in before ? before.value : undefined;
    expect(key instanceof HeldKey ? key.signal.reason : undefined).toBeInstanceOf(LeaseLostError);
  });

  test.each(["removed", "held_too_long", "dropped"] as const)(
    "when it is %s, as a push says",
    async (cause) => {
      const situation = await aClient({ "executionKey.acquire": [held] });
      const key = await aHeldKey(situation);

      const at = { revision: 8, n: 0, partition: "acme", key: "k" };
      await situation.push({ kind: "holdEnded", ...at, token: 5, cause });

      expect(key.signal.reason).toBeInstanceOf(KeyLostError);
      expect(key.signal.reason).toMatchObject({ code: "key_lost", why: cause });
    },
  );

  test("when a sync does not show it any more; what it shows is not", async () => {
    const situation = await aClient({
      "executionKey.acquire": [held, { status: "held", token: 6 }],
    });
    const lost = await aHeldKey(situation);
    const kept = await aHeldKey({
      ...situation,
      acquire: () => situation.acquire({ owner: "j2" }),
    });
    const holds = [{ partition: "acme", key: "k", owner: "j2", token: 6 }];
    situation.answer({ "session.sync": [{ ...nothing, holds }] });
    situation.cluster.node("n1").kill();
    situation.cluster.elect("n2");

    await situation.world.run(2_000);

    expect(lost.signal.reason).toMatchObject({ code: "key_lost", why: "unknown" });
    expect(kept.signal.aborted).toBe(false);
  });

  test("when the client is closed, and so is every wait", async () => {
    const situation = await aClient({ "executionKey.acquire": [held, waiting] });
    const key = await aHeldKey(situation);
    const acquiring = watched(situation.acquire({ owner: "j2" }));
    await situation.world.run(10);

    const closing = situation.client.close();
    await situation.world.run(1_000);
    await closing;

    expect(key.signal.reason).toBeInstanceOf(ClientClosedError);
    expect(errorOf(acquiring.outcome())).toBeInstanceOf(ClientClosedError);
    expect(await key.release().catch((error: unknown) => error)).toBeInstanceOf(ClientClosedError);
    expect(situation.world.timersRunning).toBe(0);
  });

  test("what can't be given back is told as an event", async () => {
    const situation = await aClient({ "executionKey.acquire": [waiting] });
    const events = situation.client.events();
    situation.cluster.node("n1").judge = ({ command }) =>
      command === "executionKey.withdraw"
        ? errorObject("not_started", "stopped", { partition: "acme" })
        : "answer";
    const { signal, abort } = abortable();
    void situation.acquire({ signal }).catch(() => undefined);
    await situation.world.run(10);

    abort("enough");
    await situation.world.run(10);

    expect(await events.next()).toMatchObject({
      value: { kind: "not-given-back", partition: "acme", key: "k", owner: "j" },
    });
  });
});

function abortable(): { readonly signal: AbortSignal; readonly abort: (reason: unknown) => void } {
  const controller = new AbortController();
  return { signal: controller.signal, abort: (reason) => controller.abort(reason) };
}
