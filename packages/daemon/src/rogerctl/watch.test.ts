import { errorObject, type WatchedEvent } from "@rogerd/protocol";
import { describe, expect, test } from "vitest";
import type { ChangesParts, ChangesWish, NextChange, OpenedChanges } from "./changes.ts";
import { runRogerctl } from "./command-line.ts";
import type { Surroundings } from "./surroundings.ts";

const at = Date.UTC(2026, 10, 24, 3, 12, 44, 500);
const since = at;
const until = at + 3_600_000;

function aChange(parts: Partial<WatchedEvent> = {}): WatchedEvent {
  return {
    revision: 4711,
    n: 0,
    type: "queueKey.taken",
    partition: "acme",
    name: "order/1",
    item: { key: "order/1", owner: "job-1", since, expiresAt: until, provisional: true },
    was: null,
    cause: "queueKey.claim",
    by: { session: 12 },
    at,
    logTimeMs: 7,
    ...parts,
  };
}

const change = (parts: Partial<WatchedEvent> = {}): NextChange => ({
  kind: "change",
  change: aChange(parts),
});

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly said: string;
  readonly wishes: readonly ChangesWish[];
  readonly asked: ChangesParts | undefined;
}

interface World {
  /** What each stream tells, in order; then the operator presses Ctrl-C. */
  readonly streams?: readonly (readonly NextChange[])[];
  readonly refuses?: Extract<OpenedChanges, { kind: "failed" }>;
  readonly outTaken?: Surroundings["outTaken"];
  /** Of each answer that is asked for. */
  readonly onAsk?: () => void;
}

async function watch(world: World, ...args: readonly string[]): Promise<Ended> {
  let out = "";
  let interrupt = (): void => undefined;
  let asked: ChangesParts | undefined;
  const said: string[] = [];
  const wishes: ChangesWish[] = [];
  const streams = [...(world.streams ?? [[]])];
  const surroundings: Surroundings = {
    out: (text) => {
      out += text;
    },
    outTaken: world.outTaken ?? (() => Promise.resolve()),
    say: (line) => {
      said.push(`${line}\n`);
    },
    emphasize: (text) => text,
    monotonicNow: () => 0,
    wallNow: () => at,
    sleep: () => Promise.resolve(),
    newRequestId: () => "request-1",
    exchange: () => Promise.reject(new Error("watch asks nothing over HTTP")),
    openChanges: (parts) => {
      asked = parts;
      if (world.refuses !== undefined) return Promise.resolve(world.refuses);
      const from = (wish: ChangesWish) => {
        wishes.push(wish);
        const stream = [...(streams.shift() ?? [])];
        return {
          through: undefined,
          next: (): Promise<NextChange> => {
            world.onAsk?.();
            const next = stream.shift();
            if (next !== undefined) return Promise.resolve(next);
            interrupt();
            return Promise.resolve({ kind: "over" });
          },
        };
      };
      return Promise.resolve({
        kind: "opened",
        changes: { from, close: () => Promise.resolve() },
      });
    },
    confirm: () => Promise.resolve("no-terminal"),
    onInterrupt: (told) => {
      interrupt = told;
      return () => undefined;
    },
    operator: "ada@tower",
    version: "0.1.0",
    nodeVersion: "v20",
  };
  const code = await runRogerctl(["watch", ...args], surroundings);
  return { code, out, said: said.join(""), wishes, asked };
}

describe("watch", () => {
  test("tells each change in a line: when, where, what, whose, by which call; Ctrl-C ends it with 0", async () => {
    const ended = await watch({ streams: [[change(), change({ n: 1, partition: null })]] });

    expect(ended.out).toBe(
      "2026-11-24T03:12:44Z  acme  queue key order/1 is taken by job job-1 until 2026-11-24T04:12:44Z, not confirmed yet (queueKey.claim, by session 12)\n" +
        "2026-11-24T03:12:44Z  -  queue key order/1 is taken by job job-1 until 2026-11-24T04:12:44Z, not confirmed yet (queueKey.claim, by session 12)\n",
    );
    expect(ended.code).toBe(0);
    expect(ended.said).toBe(
      "rogerctl: watching all partitions; Ctrl-C ends it\nrogerctl: watch on with --from 4711.1\n",
    );
  });

  test.each([["--json"], ["-o=json"]])(
    "%s: one object a line, times as everywhere",
    async (flag) => {
      const flags = flag === "--json" ? [flag] : ["-o", "json"];

      const { out } = await watch({ streams: [[change(), change({ n: 1 })]] }, ...flags);

      const [first, second, end] = out.split("\n");
      expect(JSON.parse(first ?? "")).toEqual({
        revision: 4711,
        n: 0,
        at: "2026-11-24T03:12:44.500Z",
        type: "queueKey.taken",
        partition: "acme",
        name: "order/1",
        item: {
          key: "order/1",
          owner: "job-1",
          since: "2026-11-24T03:12:44.500Z",
          expiresAt: "2026-11-24T04:12:44.500Z",
          provisional: true,
        },
        was: null,
        cause: "queueKey.claim",
        by: { session: 12 },
      });
      expect([JSON.parse(second ?? "").n, end]).toEqual([1, ""]);
    },
  );

  test("asks for what it was told to, and from where on", async () => {
    const args = ["--partition", "acme", "--prefix", "mail-", "--type", "cancel, job.fenced"];

    const one = await watch({}, ...args, "--from", "4711");
    const other = await watch({}, "--from", "4711.2");

    expect(one.wishes).toMatchObject([
      {
        partition: "acme",
        prefix: "mail-",
        types: ["cancel", "job.fenced"],
        place: { revision: 4711 },
      },
    ]);
    expect(other.wishes).toMatchObject([
      { partition: undefined, types: undefined, place: { revision: 4711, n: 2 } },
    ]);
    expect(one.said).toContain("watching partition acme;");
  });

  test("says in its place which changes are lost, and goes on behind them", async () => {
    const streams = (): NextChange[][] => [
      [change(), { kind: "lost", through: 5000 }],
      [change({ revision: 5001 })],
    ];

    const lines = await watch({ streams: streams() });
    const json = await watch({ streams: streams() }, "--json");

    expect(lines.out.split("\n")[1]).toBe(
      "CHANGES LOST: what happened after 4711.0 through revision 5000 is not known any more; look at what is there now (rogerctl keys, runs, paused, rules)",
    );
    expect(lines.wishes.map(({ place }) => place)).toEqual([undefined, { revision: 5000 }]);
    expect(lines.out.split("\n").length).toBe(4);
    expect(JSON.parse(json.out.split("\n")[1] ?? "")).toEqual({
      type: "lost",
      after: { revision: 4711, n: 0 },
      through: 5000,
    });
  });

  test("asks for nothing more before its output was taken", async () => {
    const order: string[] = [];

    await watch({
      streams: [[change(), change({ n: 1 })]],
      onAsk: () => order.push("ask"),
      outTaken: async () => {
        await Promise.resolve();
        order.push("taken");
      },
    });

    expect(order).toEqual(["ask", "taken", "ask", "taken", "ask"]);
  });

  test("is one line, whatever a name holds", async () => {
    const { out } = await watch({ streams: [[change({ name: "a\nb\u202e" })]] });

    expect(out).toContain("queue key a\\nb\\u{202e} is taken");
    expect(out.split("\n").length).toBe(2);
  });

  test.each([
    [
      "no place",
      ["--from", "yesterday"],
      '--from takes a revision, as 4711 or 4711.2, not "yesterday"',
    ],
    ["an empty place", ["--from", ""], '--from takes a revision, as 4711 or 4711.2, not ""'],
  ])("%s is wrong use", async (_name, args, sentence) => {
    const ended = await watch({}, ...args);

    expect([ended.code, ended.out, ended.asked]).toEqual([2, "", undefined]);
    expect(ended.said).toBe(`rogerctl: ${sentence}\n`);
  });

  test.each([
    {
      says: "nobody answers",
      outcome: { kind: "unavailable", reason: "no way leads there" } as const,
      code: 69,
    },
    {
      says: "the credential is wrong",
      outcome: { kind: "refused", error: errorObject("unauthenticated", "who is that") } as const,
      code: 4,
    },
  ])("$says: exit $code", async ({ code, outcome }) => {
    const ended = await watch({ refuses: { kind: "failed", outcome } });

    expect([ended.code, ended.out]).toEqual([code, ""]);
  });

  test("a type that there is not is wrong use, in the operator's words", async () => {
    const error = errorObject("invalid_argument", "args.types: must be a list of kinds", {
      path: "args.types",
    });
    const failed = { kind: "failed", outcome: { kind: "refused", error } } as const;

    const ended = await watch({ streams: [[failed]] }, "--type", "lock");

    expect(ended.code).toBe(2);
    expect(ended.said).toContain("rogerctl: --type: must be a list of kinds\n");
  });
});
