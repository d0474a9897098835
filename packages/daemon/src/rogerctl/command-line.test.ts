import { createServer, type Server } from "node:http";
import { errorObject } from "@rogerd/protocol";
import { afterEach, describe, expect, test } from "vitest";
import { runRogerctl } from "./command-line.ts";
import { exchangeOverHttp } from "./node-surroundings.ts";
import type { Surroundings } from "./surroundings.ts";
import { isObject, parseObject, type WireObject } from "./wire-value.ts";

interface Asked {
  readonly route: string;
  readonly body: WireObject;
  readonly credential: string | undefined;
}

interface Said {
  readonly status: number;
  readonly body?: unknown;
  readonly location?: string;
}

/** What a daemon says to a request; `hang up` breaks the connection after it has read it. */
type Speech = (asked: Asked) => Said | "hang up";

/** A real HTTP server that speaks the contract of a daemon's client port. */
class StandIn {
  readonly asked: Asked[] = [];
  readonly #server: Server;
  #speech: Speech;

  private constructor(speech: Speech) {
    this.#speech = speech;
    this.#server = createServer((request, response) => {
      let text = "";
      request.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
      });
      request.on("end", () => {
        const credential = request.headers.authorization;
        const body = parseObject(text) ?? {};
        const asked = { route: `${request.method} ${request.url}`, body, credential };
        this.asked.push(asked);
        const said = this.#speech(asked);
        if (said === "hang up") {
          request.socket.destroy();
          return;
        }
        const location = said.location === undefined ? {} : { location: said.location };
        response.writeHead(said.status, { "content-type": "application/json", ...location });
        response.end(JSON.stringify(said.body ?? {}));
      });
    });
  }

  static async start(speech: Speech = () => ({ status: 500 })): Promise<StandIn> {
    const standIn = new StandIn(speech);
    await new Promise<void>((resolve) => standIn.#server.listen(0, "127.0.0.1", resolve));
    running.push(standIn);
    return standIn;
  }

  says(speech: Speech): void {
    this.#speech = speech;
  }

  get endpoint(): string {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("it does not listen");
    return `127.0.0.1:${address.port}`;
  }

  async stop(): Promise<void> {
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

const running: StandIn[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((standIn) => standIn.stop()));
});

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly said: string;
}

const startedAt = 1_790_000_000_000;

/** How long the last command waited on purpose. */
let waitedMs = 0;

/** What the operator answers to a question. */
let terminalSays: "yes" | "no" | "no-terminal" = "no-terminal";

/** Time passes only where the command waits on purpose, and then at once. */
async function rogerctl(daemons: readonly StandIn[], ...args: readonly string[]): Promise<Ended> {
  let now = 0;
  let requestIds = 0;
  let out = "";
  const said: string[] = [];
  const surroundings: Surroundings = {
    out: (text) => {
      out += text;
    },
    say: (line) => {
      said.push(`${line}\n`);
    },
    emphasize: (text) => text,
    monotonicNow: () => now,
    wallNow: () => startedAt + now,
    sleep: (durationMs) => {
      now += durationMs;
      return Promise.resolve();
    },
    newRequestId: () => {
      requestIds += 1;
      return `request-${requestIds}`;
    },
    exchange: exchangeOverHttp,
    outTaken: () => Promise.resolve(),
    openChanges: () => Promise.reject(new Error("nothing here watches")),
    confirm: (question) => {
      said.push(`${question}\n`);
      return Promise.resolve(terminalSays);
    },
    onInterrupt: () => () => undefined,
    operator: "ada@tower",
    version: "0.1.0",
    nodeVersion: "v20",
  };
  const endpoints =
    daemons.length === 0 ? [] : ["--endpoints", daemons.map((each) => each.endpoint).join(",")];
  const code = await runRogerctl([...args, ...endpoints], surroundings);
  waitedMs = now;
  return { code, out, said: said.join("") };
}

const answers = (revision: number, result: unknown): Said => ({
  status: 200,
  body: { revision, n: 0, result },
});
const refuses = (status: number, error: unknown): Said => ({ status, body: { error } });
const changed = (revision: number, isChanged: boolean): Said =>
  answers(revision, { status: "changed", changed: isChanged });

/** By command name; what is not named is a mistake of the test. */
function speaks(commands: Readonly<Record<string, Speech>>): Speech {
  return (asked) => {
    const name = asked.body["command"];
    const speech = typeof name === "string" ? commands[name] : undefined;
    return speech === undefined ? { status: 500 } : speech(asked);
  };
}

describe("--stale", () => {
  const noLeader = refuses(503, {
    code: "unavailable",
    message: "no leader is known to this node",
    retryable: true,
  });
  const mail = { selector: "mail", by: "ada", reason: "", since: 1_790_000_000_000 };

  /** It has no leader; it has the revision 5, in pages of one item if there is a cursor. */
  function aNodeWithoutLeader(next: string | null = null): Promise<StandIn> {
    return StandIn.start(
      speaks({
        list: ({ body }) => {
          const revisionMin = body["revisionMin"];
          if (typeof revisionMin !== "number" || revisionMin > 5) return noLeader;
          const isFirst = revisionMin === 0;
          return answers(5, { status: "list", items: [mail], next: isFirst ? next : null });
        },
      }),
    );
  }

  test("takes what one node has, says which state it is and who answered, and is done", async () => {
    const daemon = await aNodeWithoutLeader();

    const table = await rogerctl([daemon], "paused", "--partition", "acme", "--stale");
    const json = await rogerctl([daemon], "paused", "--partition", "acme", "--stale", "-o", "json");

    expect(table).toEqual({
      code: 0,
      out:
        "QUEUE  SINCE                 UNTIL  MODE   BY   REASON\n" +
        "mail   2026-09-21T14:13:20Z  -      drain  ada  -\n",
      said: `as of revision 5 at ${daemon.endpoint}, which need not be the newest\n`,
    });
    expect(json.said).toBe("");
    expect(JSON.parse(json.out)).toMatchObject({
      revision: 5,
      stale: true,
      answeredBy: daemon.endpoint,
      paused: [{ selector: "mail" }],
    });
  });

  test("is what makes the difference: without it there is no answer, 69", async () => {
    const daemon = await aNodeWithoutLeader();

    const ended = await rogerctl([daemon], "paused", "--partition", "acme");

    expect(ended).toMatchObject({ code: 69, out: "" });
    expect(daemon.asked[0]?.body).not.toHaveProperty("revisionMin");
  });

  test("passes over an endpoint where nobody is", async () => {
    const daemon = await aNodeWithoutLeader();
    const endpoints = `127.0.0.1:1,${daemon.endpoint}`;

    const ended = await rogerctl(
      [],
      "paused",
      "--partition",
      "acme",
      "--stale",
      "--endpoints",
      endpoints,
    );

    expect(ended.code).toBe(0);
    expect(ended.said).toContain(daemon.endpoint);
  });

  test("pages of one list do not go back in time", async () => {
    const daemon = await aNodeWithoutLeader("more");

    const ended = await rogerctl([daemon], "keys", "--partition", "acme", "--stale");

    expect(ended.code).toBe(0);
    expect(daemon.asked.map(({ body }) => body["revisionMin"])).toEqual([0, 5, 5]);
  });

  test("is for reads only", async () => {
    const ended = await rogerctl([], "pause", "mail", "--partition", "acme", "--stale");

    expect(ended.code).toBe(2);
  });
});

describe("pause and resume", () => {
  test("pause starts a partition that never was, says so on stderr, and names who asked", async () => {
    const daemon = await StandIn.start(
      speaks({ "partition.start": () => changed(7, true), "queue.pause": () => changed(8, true) }),
    );

    const ended = await rogerctl(
      [daemon],
      "pause",
      "mail",
      "--partition",
      "acme",
      "--reason",
      "provider down",
    );

    expect(ended).toEqual({
      code: 0,
      out: "queue mail paused\n",
      said: "partition acme started\n",
    });
    expect(daemon.asked.map(({ route, body }) => ({ route, body }))).toEqual([
      {
        route: "POST /v1/command",
        body: {
          partition: "acme",
          command: "partition.start",
          args: { ifAbsent: true },
          requestId: "request-1",
        },
      },
      {
        route: "POST /v1/command",
        body: {
          partition: "acme",
          command: "queue.pause",
          args: { selector: "mail", by: "ada@tower", reason: "provider down" },
          requestId: "request-2",
        },
      },
    ]);
  });

  test("pause in JSON tells what changed, and nothing else goes to stdout", async () => {
    const daemon = await StandIn.start(
      speaks({
        "partition.start": () => changed(7, false),
        "queue.pause": () => changed(8, false),
      }),
    );

    const ended = await rogerctl([daemon], "pause", "*", "--partition", "acme", "-o", "json");

    expect(ended).toEqual({
      code: 0,
      out: '{\n  "partition": "acme",\n  "revision": 8,\n  "selector": "*",\n  "changed": false\n}\n',
      said: "",
    });
  });

  test("resume does not start the partition; an absent one is exit 3 and says what starts it", async () => {
    const error = errorObject("not_started", "not started", { partition: "acme" });
    const daemon = await StandIn.start(speaks({ "queue.resume": () => refuses(409, error) }));

    const ended = await rogerctl([daemon], "resume", "mail", "--partition", "acme");

    expect(ended).toEqual({
      code: 3,
      out: "",
      said: "rogerctl: partition acme is not started; start it with rogerctl partition start acme\n",
    });
  });

  test.each([
    ["pause", "queue.pause"],
    ["cancel", "cancel.mark"],
  ])(
    "%s leaves a partition that was stopped as it is: 3, and how to start it",
    async (word, name) => {
      const error = errorObject("not_started", "not started", { partition: "acme" });
      const daemon = await StandIn.start(
        speaks({
          "partition.start": ({ body }) => changed(7, argOf(body, "ifAbsent") !== true),
          [name]: () => refuses(409, error),
        }),
      );

      const ended = await rogerctl([daemon], word, "mail", "--partition", "acme");

      expect(ended).toEqual({
        code: 3,
        out: "",
        said: "rogerctl: partition acme is stopped; start it with rogerctl partition start acme\n",
      });
    },
  );

  test.each([
    ["pause", ["a".repeat(513)], "QUEUE: must have at most 512 bytes"],
    ["cancel", ["job-1", ""], "JOB 2: must not be empty"],
    ["cancel", ["--tag", "a\nb"], "--tag: must have no control characters"],
  ] as const)(
    "%s with what the cluster would refuse is wrong use, and starts no partition",
    async (word, args, sentence) => {
      const daemon = await StandIn.start();

      const ended = await rogerctl([daemon], word, ...args, "--partition", "acme");

      expect(ended).toEqual({ code: 2, out: "", said: `rogerctl: ${sentence}\n` });
      expect(daemon.asked).toEqual([]);
    },
  );

  test("--by replaces who asks", async () => {
    const daemon = await StandIn.start(
      speaks({ "partition.start": () => changed(7, false), "queue.pause": () => changed(8, true) }),
    );

    await rogerctl([daemon], "pause", "mail", "--partition", "acme", "--by", "bot");

    expect(daemon.asked[1]?.body["args"]).toEqual({ selector: "mail", by: "bot", reason: "" });
  });

  test("pause --until, or --for from now on, and --mode are asked for and told", async () => {
    const daemon = await StandIn.start(
      speaks({ "partition.start": () => changed(7, false), "queue.pause": () => changed(8, true) }),
    );
    const mail = ["pause", "mail", "--partition", "acme"];

    const until = await rogerctl([daemon], ...mail, "--until", "2026-09-21T17:00+02:00");
    const json = await rogerctl(
      [daemon],
      ...mail,
      "--for",
      "90s",
      "--mode",
      "stop",
      "--output",
      "json",
    );

    const args = { selector: "mail", by: "ada@tower", reason: "" };
    expect(until.out).toBe("queue mail paused until 2026-09-21T15:00:00Z\n");
    expect(daemon.asked[1]?.body["args"]).toEqual({ ...args, until: 1_790_002_800_000 });
    expect(daemon.asked[3]?.body["args"]).toEqual({
      ...args,
      until: startedAt + 90_000,
      mode: "stop",
    });
    expect(JSON.parse(json.out)).toEqual({
      partition: "acme",
      revision: 8,
      selector: "mail",
      changed: true,
      until: "2026-09-21T14:14:50.000Z",
      mode: "stop",
    });
  });

  test("an end that is over is the cluster's to refuse, and named as it was typed", async () => {
    const error = { ...errorObject("invalid_argument", "is over already"), path: "args.until" };
    const daemon = await StandIn.start(
      speaks({
        "partition.start": () => changed(7, false),
        "queue.pause": () => refuses(400, error),
      }),
    );

    const ended = await rogerctl(
      [daemon],
      "pause",
      "mail",
      "--partition",
      "acme",
      "--until",
      "2020-01-01T00:00Z",
    );

    expect(ended.code).not.toBe(0);
    expect(ended.said).toContain("--until");
  });
});

describe("cancel rules", () => {
  test("cancel --queue, --prefix, --tag and --enqueued-before make a rule, and say how to end it", async () => {
    const daemon = await StandIn.start(
      speaks({
        "partition.start": () => changed(7, false),
        "cancel.addRule": () => answers(8, { status: "rule_added", rule: "8.1" }),
      }),
    );

    const ended = await rogerctl(
      [daemon],
      ...["cancel", "--queue", "mail", "--prefix", "a/", "--tag", "t", "--ttl", "2h"],
      ...["--enqueued-before", "2026-09-21T14:13:20Z", "--partition", "acme"],
    );

    expect(ended.out).toBe(
      "jobs that match are cancelled by rule 8.1; rogerctl uncancel --rule 8.1 ends it\n",
    );
    expect(daemon.asked[1]?.body["args"]).toEqual({
      queue: "mail",
      jobIdPrefix: "a/",
      tag: "t",
      enqueuedBefore: 1_790_000_000_000,
      by: "ada@tower",
      reason: "",
      ttlMs: 7_200_000,
    });
  });

  test("uncancel takes marks away, or a rule, and says what was none", async () => {
    const jobs = [
      { jobId: "a", outcome: "cleared" },
      { jobId: "b", outcome: "not_marked" },
    ];
    const daemon = await StandIn.start(
      speaks({
        "cancel.clear": () => answers(8, { status: "cleared", jobs }),
        "cancel.removeRule": () => changed(9, false),
      }),
    );

    const marks = await rogerctl([daemon], "uncancel", "a", "b", "--partition", "acme");
    const rule = await rogerctl([daemon], "uncancel", "--rule", "8.1", "--partition", "acme");

    expect(marks.out).toBe(
      "job a is not cancelled any more\njob b was not cancelled, nothing changed\n",
    );
    expect(rule.out).toBe("there is no rule 8.1, nothing changed\n");
    expect(daemon.asked.map(({ body }) => body["args"])).toEqual([
      { jobIds: ["a", "b"] },
      { rule: "8.1" },
    ]);
  });

  test("cancelled says yes where a rule cancels such ids", async () => {
    const rule = { rule: "8.1", expiresAt: 1_790_000_000_000 };
    const check = (): Said => answers(8, { status: "checked", mark: null, rule });
    const daemon = await StandIn.start(speaks({ "cancel.check": check }));

    const asked = ["cancelled", "a/1", "--partition", "acme"];
    const ended = await rogerctl([daemon], ...asked);
    const json = await rogerctl([daemon], ...asked, "-o", "json");

    const sentence = "job a/1 is cancelled by rule 8.1 until 2026-09-21T14:13:20Z\n";
    expect([ended.code, ended.out]).toEqual([0, sentence]);
    expect(JSON.parse(json.out)).toMatchObject({
      ...{ cancelled: true, rule: "8.1", expiresAt: "2026-09-21T14:13:20.000Z" },
    });
  });

  test("rules lists them", async () => {
    const at = 1_790_000_000_000;
    const rule = {
      ...{ rule: "8.1", queue: "mail", jobIdPrefix: null, tag: "t", enqueuedBefore: null },
      ...{ by: "ada", reason: "", at, expiresAt: at + 60_000, hits: 3 },
    };
    const list = (): Said => answers(20, { status: "list", items: [rule], next: null });
    const daemon = await StandIn.start(speaks({ list }));

    const table = await rogerctl([daemon], "rules", "--partition", "acme");
    const json = await rogerctl([daemon], "rules", "--partition", "acme", "-o", "json");

    expect(table.out).toBe(
      "RULE  QUEUE  PREFIX  TAG  ENQUEUED BEFORE  HITS  UNTIL                 BY   REASON\n" +
        "8.1   mail   -       t    -                3     2026-09-21T14:14:20Z  ada  -\n",
    );
    expect(JSON.parse(json.out)).toEqual({
      partition: "acme",
      revision: 20,
      rules: [{ ...rule, at: "2026-09-21T14:13:20.000Z", expiresAt: "2026-09-21T14:14:20.000Z" }],
    });
  });
});

describe("why, and sessions", () => {
  const since = 1_790_000_000_000;
  const worker = { session: 12, client: "worker-3", ttlMs: 30_000, holds: 2, waits: 0, runs: 1 };
  const sessions = (): Said =>
    answers(20, { status: "list", items: [{ ...worker, leaseLeftMs: 28_800 }], next: null });
  const holder = { owner: "job-9", session: 12, token: 88, since };
  const nothing = { run: null, waits: [], mark: null, rule: null, pause: null, finished: null };
  const speaksOf = (why: WireObject): Speech =>
    speaks({ why: () => answers(20, why), "session.list": sessions });

  test.each<{ says: string; why: WireObject; sentences: readonly string[] }>([
    {
      says: "a job that waits",
      why: {
        because: "waiting",
        waits: [
          {
            key: "user/42",
            toStart: true,
            limit: 1,
            holders: [holder],
            ahead: 2,
            before: [],
            delayedForMs: null,
            endsInMs: 4_200,
          },
        ],
        pause: { selector: "mail", by: "ada", reason: "down", since, mode: "stop" },
      },
      sentences: [
        "job 17 waits for execution key user/42: held by job job-9 on worker-3 (session 12) since 2026-09-21T14:13:20Z (token 88)",
        "2 jobs are before it",
        "it waits for at most 4.2 s more",
        "worker-3 was last heard 1.2 s ago, its lease ends in 28.8 s",
        "its queue is paused (mail) since 2026-09-21T14:13:20Z by ada (down), and what runs is told to stop",
      ],
    },
    {
      says: "a job that waits for a key that nobody may have yet",
      why: {
        because: "waiting",
        waits: [{ key: "k", toStart: false, limit: 1, holders: [], ahead: 0, delayedForMs: 700 }],
      },
      sentences: [
        "job 17 waits, beside what it runs, for execution key k: nobody holds it; it is given to nobody for 0.7 s more, because a session that held it has ended",
        "it is the next in line",
      ],
    },
    {
      says: "a job that runs, cancelled",
      why: {
        because: "running",
        run: { jobId: "17", session: 13, token: 3, queue: "mail", since, executionKey: "k" },
        mark: { jobId: "17", by: "ops", reason: "wrong list", at: since, state: "delivered" },
      },
      sentences: [
        "job 17 runs on session 13, which is ending since 2026-09-21T14:13:20Z and holds execution key k (token 3)",
        "job 17 was cancelled 2026-09-21T14:13:20Z by ops (wrong list); the mark is delivered",
      ],
    },
    {
      says: "a job that is done",
      why: {
        because: "finished",
        finished: { jobId: "17", outcome: "completed", at: since, rememberedUntil: since + 60_000 },
      },
      sentences: [
        "job 17 was completed 2026-09-21T14:13:20Z; until 2026-09-21T14:14:20Z it does not start again",
      ],
    },
    {
      says: "a job that nobody knows",
      why: { because: "unknown" },
      sentences: [
        "job 17 does not run and waits for nothing: nobody asks to start it now",
        "a start that was refused is not remembered: rogerctl paused, rules and partition list show what refuses one",
      ],
    },
  ])("why job tells of $says in sentences", async ({ why, sentences }) => {
    const fact = { status: "why_job", jobId: "17", ...nothing, ...why };
    const daemon = await StandIn.start(speaksOf(fact));

    const table = await rogerctl([daemon], "why", "job", "17", "--partition", "acme");
    const json = await rogerctl([daemon], "why", "job", "17", "--partition", "acme", "-o", "json");

    expect([table.code, table.out.split("\n")]).toEqual([0, [...sentences, ""]]);
    expect(JSON.parse(json.out)).toMatchObject({
      partition: "acme",
      revision: 20,
      jobId: "17",
      because: why["because"],
      sentences,
    });
  });

  test("why key tells who has it as an execution key and as a queue key", async () => {
    const executionKey = { key: "k", limit: 2, holders: [holder, { token: 9, since }], waiters: 1 };
    const line = [{ owner: "job-4", session: 12, ticket: 7, toStart: true }];
    const queueKey = { key: "k", owner: "job-9", since, expiresAt: null, provisional: true };
    const why = { status: "why_key", key: "k", executionKey, line, queueKey, delayedForMs: null };
    const daemon = await StandIn.start(speaksOf(why));

    const table = await rogerctl([daemon], "why", "key", "k", "--partition", "acme");
    const json = await rogerctl([daemon], "why", "key", "k", "--partition", "acme", "-o", "json");

    expect(table.out.split("\n")).toEqual([
      "execution key k: 2 of 2 hold it: by job job-9 on worker-3 (session 12) since 2026-09-21T14:13:20Z (token 88), and by somebody without a name (Roger's form) since 2026-09-21T14:13:20Z (token 9)",
      "1 job waits for it, first job job-4",
      "worker-3 was last heard 1.2 s ago, its lease ends in 28.8 s",
      "queue key k is job job-9's since 2026-09-21T14:13:20Z, not confirmed yet",
      "",
    ]);
    expect(JSON.parse(json.out)).toMatchObject({
      key: "k",
      executionKey: { holders: [{ since: "2026-09-21T14:13:20.000Z" }, {}] },
      queueKey: { since: "2026-09-21T14:13:20.000Z", expiresAt: null },
      sessions: [{ client: "worker-3" }],
    });
  });

  test("sessions lists what each has, and how long its lease lasts", async () => {
    const daemon = await StandIn.start(speaks({ "session.list": sessions }));

    const table = await rogerctl([daemon], "sessions", "--prefix", "worker-");
    const json = await rogerctl([daemon], "sessions", "-o", "json");

    expect(table.out).toBe(
      "SESSION  CLIENT    RUNS  HOLDS  WAITS  LAST HEARD  LEASE ENDS IN\n" +
        "12       worker-3  1     2      0      1.2 s ago   28.8 s\n",
    );
    expect(daemon.asked[0]?.body).toMatchObject({ args: { prefix: "worker-" } });
    expect(JSON.parse(json.out)).toEqual({
      revision: 20,
      sessions: [{ ...worker, leaseLeftMs: 28_800 }],
    });
  });
});

describe("release", () => {
  const args = ["--partition", "acme"] as const;

  test("takes a key away, with --force only, and says what that means", async () => {
    const released = (): Said => answers(20, { status: "changed", changed: true });
    const daemon = await StandIn.start(speaks({ "admin.release": released }));

    const refused = await rogerctl([daemon], "release", "user/42", ...args);
    const done = await rogerctl([daemon], "release", "user/42", "--force", ...args);
    const run = await rogerctl(
      [daemon],
      "release",
      "j",
      "--kind",
      "run",
      "--force",
      ...args,
      "-o",
      "json",
    );

    expect([refused.code, refused.said]).toEqual([2, expect.stringContaining("--force")]);
    expect([done.code, done.out]).toEqual([
      0,
      "execution key user/42 released; whoever had it is told, and may still be at work\n",
    ]);
    expect(daemon.asked.map(({ body }) => body["args"])).toEqual([
      { kind: "executionKey", name: "user/42" },
      { kind: "run", name: "j" },
    ]);
    expect(JSON.parse(run.out)).toEqual({
      partition: "acme",
      revision: 20,
      kind: "run",
      name: "j",
      changed: true,
    });
  });

  test("of what nobody has is a no: 3", async () => {
    const none = (): Said => answers(20, { status: "changed", changed: false });
    const daemon = await StandIn.start(speaks({ "admin.release": none }));

    const ended = await rogerctl([daemon], "release", "q", "--kind", "queue", "--force", ...args);

    expect([ended.code, ended.out]).toEqual([3, "nobody has queue key q, nothing changed\n"]);
  });
});

describe("paused", () => {
  const pauses = [
    {
      selector: "*",
      by: "ada@tower",
      reason: "move",
      since: 1_790_000_000_123,
      until: 1_790_000_100_000,
      mode: "stop",
    },
    { selector: "mail", by: "", reason: "", since: 1_790_000_001_000 },
  ];

  test("prints its contract as JSON, times in UTC", async () => {
    const daemon = await StandIn.start(
      speaks({ list: () => answers(12, { status: "list", items: pauses, next: null }) }),
    );

    const ended = await rogerctl([daemon], "paused", "--partition", "acme", "-o", "json");

    expect(ended.code).toBe(0);
    expect(JSON.parse(ended.out)).toEqual({
      partition: "acme",
      revision: 12,
      paused: [
        {
          selector: "*",
          by: "ada@tower",
          reason: "move",
          since: "2026-09-21T14:13:20.123Z",
          until: "2026-09-21T14:15:00.000Z",
          mode: "stop",
        },
        {
          selector: "mail",
          by: "",
          reason: "",
          since: "2026-09-21T14:13:21.000Z",
          until: null,
          mode: "drain",
        },
      ],
    });
    expect(daemon.asked[0]?.body).toEqual({
      partition: "acme",
      command: "list",
      args: { kind: "pauses", prefix: "", limit: 1000 },
    });
  });

  test("a name that would turn a row around is shown by its numbers; JSON has it as it is", async () => {
    const selector = "ma\u202eil\u200b\u{e0041}";
    const since = 1_790_000_000_000;
    const items = [
      { selector, by: "a\u0301da", reason: "\u2066", since },
      { selector: "mail", by: "", reason: "", since },
    ];
    const daemon = await StandIn.start(
      speaks({
        list: () => answers(12, { status: "list", items, next: null }),
        "queue.resume": () => changed(13, true),
      }),
    );

    const table = await rogerctl([daemon], "paused", "--partition", "acme");
    const json = await rogerctl([daemon], "paused", "--partition", "acme", "-o", "json");
    const resumed = await rogerctl([daemon], "resume", selector, "--partition", "acme");

    expect(table.out.split("\n").slice(1, 3)).toEqual([
      "ma\\u{202e}il\\u{200b}\\u{e0041}  2026-09-21T14:13:20Z  -      drain  a\u0301da  \\u{2066}",
      "mail                           2026-09-21T14:13:20Z  -      drain  -    -",
    ]);
    expect(JSON.parse(json.out)).toMatchObject({ paused: [{ selector, reason: "\u2066" }, {}] });
    expect(resumed.out).toBe("queue ma\\u{202e}il\\u{200b}\\u{e0041} resumed\n");
  });

  test("prints a plain table", async () => {
    const daemon = await StandIn.start(
      speaks({ list: () => answers(12, { status: "list", items: pauses, next: null }) }),
    );

    const ended = await rogerctl([daemon], "paused", "--partition", "acme");

    expect(ended.out).toBe(
      [
        "QUEUE  SINCE                 UNTIL                 MODE   BY         REASON",
        "*      2026-09-21T14:13:20Z  2026-09-21T14:15:00Z  stop   ada@tower  move",
        "mail   2026-09-21T14:13:21Z  -                     drain  -          -",
        "",
      ].join("\n"),
    );
  });
});

describe("cancel and cancelled", () => {
  test("cancel marks all jobs in one write and tells each one's outcome", async () => {
    const jobs = [
      { jobId: "a", outcome: "marked" },
      { jobId: "b", outcome: "already_marked" },
    ];
    const daemon = await StandIn.start(
      speaks({
        "partition.start": () => changed(1, false),
        "cancel.mark": () => answers(9, { status: "marked", jobs }),
      }),
    );

    const ended = await rogerctl(
      [daemon],
      "cancel",
      "a",
      "b",
      "--partition",
      "acme",
      "--ttl",
      "2h",
    );

    expect(ended).toEqual({ code: 0, out: "job a cancelled\njob b cancelled already\n", said: "" });
    expect(daemon.asked[1]?.body["args"]).toEqual({
      jobIds: ["a", "b"],
      by: "ada@tower",
      reason: "",
      ttlMs: 7_200_000,
    });
  });

  test("cancelled is exit 0 with a mark and exit 3 without", async () => {
    const mark = { jobId: "a", by: "ada", reason: "typo", at: 1_790_000_000_000, state: "pending" };
    const daemon = await StandIn.start(
      speaks({
        "cancel.check": ({ body }) =>
          answers(5, { status: "checked", mark: jobIdOf(body) === "a" ? mark : null }),
      }),
    );

    const yes = await rogerctl([daemon], "cancelled", "a", "--partition", "acme", "-o", "json");
    const no = await rogerctl([daemon], "cancelled", "b", "--partition", "acme", "-o", "json");

    expect([yes.code, JSON.parse(yes.out)]).toEqual([
      0,
      {
        partition: "acme",
        revision: 5,
        jobId: "a",
        cancelled: true,
        mark: { by: "ada", reason: "typo", at: "2026-09-21T14:13:20.000Z", state: "pending" },
      },
    ]);
    expect([no.code, JSON.parse(no.out)]).toEqual([
      3,
      { partition: "acme", revision: 5, jobId: "b", cancelled: false, mark: null },
    ]);
  });

  test("a mark that was consumed says no", async () => {
    const mark = { jobId: "a", by: "", reason: "", at: 0, state: "consumed" };
    const daemon = await StandIn.start(
      speaks({ "cancel.check": () => answers(5, { status: "checked", mark }) }),
    );

    const ended = await rogerctl([daemon], "cancelled", "a", "--partition", "acme");

    expect(ended).toEqual({ code: 3, out: "job a is not cancelled\n", said: "" });
  });
});

function jobIdOf(body: WireObject): unknown {
  return argOf(body, "jobId");
}

function argOf(body: WireObject, name: string): unknown {
  const args = body["args"];
  return isObject(args) ? args[name] : undefined;
}

const twoPagesOfQueueKeys: Speech = ({ body }) => {
  const args = isObject(body["args"]) ? body["args"] : {};
  if (args["kind"] === "executionKeys") {
    const holders = [{ owner: "job-1", session: 17, token: 4, since: 1_790_000_000_000 }];
    return answers(20, {
      status: "list",
      items: [{ key: "x", limit: 1, holders, waiters: 2 }],
      next: null,
    });
  }
  const [key, next] = args["cursor"] === undefined ? ["a", "after a"] : ["b", null];
  return answers(20, {
    status: "list",
    items: [{ key, owner: null, since: 1_790_000_000_000 }],
    next,
  });
};

describe("keys", () => {
  test("lists all pages of both kinds", async () => {
    const daemon = await StandIn.start(speaks({ list: twoPagesOfQueueKeys }));

    const ended = await rogerctl(
      [daemon],
      "keys",
      "--partition",
      "acme",
      "--prefix",
      "p",
      "-o",
      "json",
    );

    const since = "2026-09-21T14:13:20.000Z";
    expect(JSON.parse(ended.out)).toEqual({
      partition: "acme",
      revision: 20,
      keys: [
        { kind: "queue", key: "a", owner: null, since, expiresAt: null, provisional: false },
        { kind: "queue", key: "b", owner: null, since, expiresAt: null, provisional: false },
        {
          ...{ kind: "execution", key: "x", limit: 1, waiters: 2 },
          holders: [{ owner: "job-1", session: 17, token: 4, since }],
        },
      ],
    });
    expect(daemon.asked.map(({ body }) => body["args"])).toEqual([
      { kind: "queueKeys", prefix: "p", limit: 1000 },
      { kind: "queueKeys", prefix: "p", limit: 1000, cursor: "after a" },
      { kind: "executionKeys", prefix: "p", limit: 1000 },
    ]);
  });

  test("--kind asks for one kind only", async () => {
    const daemon = await StandIn.start(speaks({ list: twoPagesOfQueueKeys }));

    const ended = await rogerctl([daemon], "keys", "--partition", "acme", "--kind", "execution");

    expect(ended.out).toBe(
      "KIND       KEY  OWNER  SESSION  TOKEN  SINCE                 UNTIL  IN LINE\n" +
        "execution  x    job-1  17       4      2026-09-21T14:13:20Z  -      2\n",
    );
  });

  test("says until when a job owns a queue key, and whether that is confirmed", async () => {
    const since = 1_790_000_000_000;
    const owned = { key: "k", owner: "job-1", since, expiresAt: since + 60_000 };
    const items = [
      { ...owned, provisional: true },
      { ...owned, key: "l", expiresAt: null, provisional: false },
    ];
    const list = (): Said => answers(20, { status: "list", items, next: null });
    const daemon = await StandIn.start(speaks({ list }));

    const ended = await rogerctl([daemon], "keys", "--partition", "acme", "--kind", "queue");

    expect(ended.out).toBe(
      "KIND   KEY  OWNER  SESSION  TOKEN  SINCE                 UNTIL                                  IN LINE\n" +
        "queue  k    job-1  -        -      2026-09-21T14:13:20Z  2026-09-21T14:14:20Z unless confirmed  -\n" +
        "queue  l    job-1  -        -      2026-09-21T14:13:20Z  -                                      -\n",
    );
  });

  test("begins again when the further pages of a list are not kept any more, and says so in the end", async () => {
    const error = { code: "compacted", message: "list again from the start", retryable: false };
    let losses = 1;
    const list: Speech = (asked) => {
      if (argOf(asked.body, "cursor") === undefined || losses === 0)
        return twoPagesOfQueueKeys(asked);
      losses -= 1;
      return refuses(409, error);
    };
    const daemon = await StandIn.start(speaks({ list }));
    const asks = ["keys", "--partition", "acme", "--kind", "queue", "-o", "json"] as const;

    const listed = await rogerctl([daemon], ...asks);
    losses = 100;
    const lost = await rogerctl([daemon], ...asks);

    expect(JSON.parse(listed.out)).toMatchObject({ keys: [{ key: "a" }, { key: "b" }] });
    expect([lost.code, lost.out, lost.said]).toEqual([
      1,
      "",
      "rogerctl: list again from the start\n",
    ]);
    expect(losses).toBe(96);
  });

  test("pages of different revisions are said to be no single moment", async () => {
    let revision = 20;
    const daemon = await StandIn.start(
      speaks({
        list: () => {
          revision += 1;
          return answers(revision, { status: "list", items: [], next: null });
        },
      }),
    );

    const ended = await rogerctl([daemon], "keys", "--partition", "acme");

    expect(ended.said).toBe("the state changed while it was listed: this is not one moment\n");
  });
});

describe("runs", () => {
  const since = 1_790_000_000_000;
  const run = {
    jobId: "job-1",
    queue: "mail",
    session: 17,
    token: 4,
    since,
    executionKey: "customer/7",
    tags: ["a", "b"],
  };
  const finished = {
    jobId: "job-0",
    outcome: "completed",
    at: since,
    rememberedUntil: since + 60_000,
  };
  const list: Speech = ({ body }) => {
    const item = argOf(body, "kind") === "runs" ? run : finished;
    return answers(20, { status: "list", items: [item], next: null });
  };

  test("lists what runs, with its keys and its token", async () => {
    const daemon = await StandIn.start(speaks({ list }));

    const table = await rogerctl([daemon], "runs", "--partition", "acme");
    const json = await rogerctl(
      [daemon],
      "runs",
      "--partition",
      "acme",
      "--prefix",
      "j",
      "-o",
      "json",
    );

    expect(table.out).toBe(
      "JOB    QUEUE  SINCE                 SESSION  TOKEN  EXECUTION KEY  QUEUE KEY  TAGS\n" +
        "job-1  mail   2026-09-21T14:13:20Z  17       4      customer/7     -          a b\n",
    );
    expect(JSON.parse(json.out)).toEqual({
      partition: "acme",
      revision: 20,
      runs: [{ ...run, since: "2026-09-21T14:13:20.000Z", queueKey: null }],
    });
    expect(daemon.asked[1]?.body["args"]).toEqual({ kind: "runs", prefix: "j", limit: 1000 });
  });

  test("--finished lists what has finished and is remembered", async () => {
    const daemon = await StandIn.start(speaks({ list }));

    const ended = await rogerctl(
      [daemon],
      "runs",
      "--partition",
      "acme",
      "--finished",
      "-o",
      "json",
    );

    expect(JSON.parse(ended.out)).toEqual({
      partition: "acme",
      revision: 20,
      finished: [
        {
          ...{ jobId: "job-0", outcome: "completed", at: "2026-09-21T14:13:20.000Z" },
          rememberedUntil: "2026-09-21T14:14:20.000Z",
        },
      ],
    });
  });

  test("none is said in words", async () => {
    const none: Speech = () => answers(20, { status: "list", items: [], next: null });
    const daemon = await StandIn.start(speaks({ list: none }));

    expect((await rogerctl([daemon], "runs", "--partition", "acme")).out).toBe("no runs\n");
  });
});

describe("partition list", () => {
  const items = [
    { partition: "zeta", started: true, since: 1_790_000_000_000 },
    {
      ...{ partition: "acme", started: false, since: 1_790_000_001_000 },
      ...{ limits: { runs: 50, pauses: 0 }, defaults: { markTtlMs: 60_000 } },
    },
  ];
  const twoPages: Speech = ({ body }) => {
    const isFirst = argOf(body, "cursor") === undefined;
    const page = isFirst ? items.slice(0, 1) : items.slice(1);
    return answers(20, { status: "list", items: page, next: isFirst ? "more" : null });
  };

  test("lists all pages by name, stopped ones too, and needs no --partition", async () => {
    const daemon = await StandIn.start(speaks({ "partition.list": twoPages }));

    const table = await rogerctl([daemon], "partition", "list");
    const json = await rogerctl([daemon], "partition", "list", "--prefix", "p", "-o", "json");

    expect([table.code, table.out]).toEqual([
      0,
      [
        "PARTITION  STATE    SINCE                 LIMITS",
        "acme       stopped  2026-09-21T14:13:21Z  runs=50 pauses=0 markTtlMs=60000",
        "zeta       started  2026-09-21T14:13:20Z  -",
        "",
      ].join("\n"),
    ]);
    expect(JSON.parse(json.out)).toEqual({
      revision: 20,
      partitions: [
        {
          ...{ partition: "acme", started: false, since: "2026-09-21T14:13:21.000Z" },
          ...{ limits: { runs: 50, pauses: 0 }, defaults: { markTtlMs: 60_000 } },
        },
        { partition: "zeta", started: true, since: "2026-09-21T14:13:20.000Z" },
      ],
    });
    expect(daemon.asked[2]?.body).toEqual({
      command: "partition.list",
      args: { prefix: "p", limit: 1000 },
    });
  });

  test("no partition at all is an empty list, and done", async () => {
    const daemon = await StandIn.start(
      speaks({ "partition.list": () => answers(1, { status: "list", items: [], next: null }) }),
    );

    expect(await rogerctl([daemon], "partition", "list")).toEqual({
      code: 0,
      out: "no partitions\n",
      said: "",
    });
  });
});

describe("partition start and stop", () => {
  test("the partition is an argument or --partition", async () => {
    const daemon = await StandIn.start(
      speaks({
        "partition.start": () => changed(3, true),
        "partition.stop": () => changed(4, true),
      }),
    );

    const started = await rogerctl([daemon], "partition", "start", "acme");
    const stopped = await rogerctl([daemon], "partition", "stop", "--partition", "acme");

    expect([started.out, stopped.out]).toEqual([
      "partition acme started\n",
      "partition acme stopped, its state is kept\n",
    ]);
    expect(daemon.asked.map(({ body }) => body["partition"])).toEqual(["acme", "acme"]);
  });

  test("stopping one that is stopped is done; one that never was is a no, 3", async () => {
    const stopped = { partition: "acme", started: false, since: 1_790_000_000_000 };
    const list = { status: "list", items: [stopped], next: null };
    const daemon = await StandIn.start(
      speaks({
        "partition.stop": () => changed(4, false),
        "partition.list": () => answers(4, list),
      }),
    );

    expect(await rogerctl([daemon], "partition", "stop", "acme")).toEqual({
      code: 0,
      out: "partition acme was stopped already\n",
      said: "",
    });
    expect(await rogerctl([daemon], "partition", "stop", "acm")).toEqual({
      code: 3,
      out: "",
      said: "rogerctl: there is no partition acm; rogerctl partition list shows which there are\n",
    });
    const json = await rogerctl([daemon], "partition", "stop", "acm", "-o", "json");
    expect(JSON.parse(json.out)).toEqual({ partition: "acm", revision: 4, changed: false });
  });
});

describe("partition update", () => {
  const update = ["partition", "update", "acme"] as const;

  test("sends limits by name, some of them taken back, and the default of marks", async () => {
    const daemon = await StandIn.start(speaks({ "partition.update": () => changed(3, true) }));

    const ended = await rogerctl(
      [daemon],
      ...update,
      ...["--limit", "runs=50", "--limit", "pauses=default,queueKeys=0", "--mark-ttl", "2h"],
    );

    expect(ended).toMatchObject({
      code: 0,
      out: "partition acme is updated; what is in it stays\n",
    });
    expect(daemon.asked[0]?.body).toMatchObject({
      partition: "acme",
      command: "partition.update",
      args: {
        limits: { runs: 50, pauses: null, queueKeys: 0 },
        defaults: { markTtlMs: 7_200_000 },
      },
    });
  });

  test("takes back the default of marks alone; no change is said so", async () => {
    const daemon = await StandIn.start(speaks({ "partition.update": () => changed(3, false) }));

    const ended = await rogerctl([daemon], ...update, "--mark-ttl", "default");

    expect(ended).toMatchObject({ code: 0, out: "partition acme had it so already\n" });
    expect(daemon.asked[0]?.body["args"]).toEqual({ defaults: { markTtlMs: null } });
  });

  test.each([
    [[], "partition update needs --limit NAME=NUMBER or --mark-ttl DURATION"],
    [["--limit", "runs"], '--limit takes NAME=NUMBER or NAME=default, as runs=50, not "runs"'],
    [
      ["--limit", "runs=-1"],
      '--limit takes NAME=NUMBER or NAME=default, as runs=50, not "runs=-1"',
    ],
    [["--limit", "runs=1", "--limit", "runs=2"], "--limit names runs twice"],
    [["--mark-ttl", "60"], '--mark-ttl takes a duration, as 30m or 24h, or default, not "60"'],
  ])("%j is wrong use, and nothing is sent", async (args, sentence) => {
    const daemon = await StandIn.start();

    const ended = await rogerctl([daemon], ...update, ...args);

    expect([ended, daemon.asked]).toEqual([
      { code: 2, out: "", said: `rogerctl: ${sentence}\n` },
      [],
    ]);
  });

  test("what the cluster finds wrong is named as it was typed; none of that name is 3", async () => {
    const path = "args.limits.run";
    const unknown = errorObject("invalid_argument", `${path}: is no argument`, { path });
    const absent = errorObject("not_started", "not started", { partition: "acme" });
    const daemon = await StandIn.start(speaks({ "partition.update": () => refuses(400, unknown) }));

    const wrong = await rogerctl([daemon], ...update, "--limit", "run=1");
    daemon.says(speaks({ "partition.update": () => refuses(404, absent) }));
    const none = await rogerctl([daemon], ...update, "--limit", "runs=1");

    expect(wrong).toEqual({ code: 2, out: "", said: "rogerctl: --limit run: is no argument\n" });
    expect(none).toEqual({
      code: 3,
      out: "",
      said: "rogerctl: there is no partition acme; rogerctl partition list shows which there are\n",
    });
  });
});

describe("partition drop", () => {
  const question = "Drop partition acme for good? Its marks, keys, pauses and runs go with it.\n";

  afterEach(() => {
    terminalSays = "no-terminal";
  });

  test("asks first; a no and a missing terminal send nothing", async () => {
    const daemon = await StandIn.start();
    terminalSays = "no";
    const refused = await rogerctl([daemon], "partition", "drop", "acme");
    terminalSays = "no-terminal";
    const unasked = await rogerctl([daemon], "partition", "drop", "acme");

    expect([refused.code, refused.said]).toEqual([3, `${question}nothing was changed\n`]);
    expect(unasked.code).toBe(2);
    expect(daemon.asked).toEqual([]);
  });

  test("drops after a yes, or with --yes", async () => {
    const daemon = await StandIn.start(speaks({ "partition.drop": () => changed(9, true) }));
    terminalSays = "yes";
    const asked = await rogerctl([daemon], "partition", "drop", "acme");
    const json = await rogerctl([daemon], "partition", "drop", "acme", "--yes", "-o", "json");

    const out = "partition acme is dropped; whoever ran or waited there is told\n";
    expect(asked).toEqual({ code: 0, out, said: question });
    expect(JSON.parse(json.out)).toEqual({ partition: "acme", revision: 9, changed: true });
    expect(daemon.asked.map(({ body }) => body["command"])).toEqual([
      "partition.drop",
      "partition.drop",
    ]);
  });

  test.each([
    ["drop", ["--yes"]],
    ["start", []],
    ["stop", []],
  ])("that names two partitions is wrong use, and sends nothing: %s", async (word, more) => {
    const daemon = await StandIn.start();
    const names = ["acme", "--partition", "other"];

    expect(await rogerctl([daemon], "partition", word, ...names, ...more)).toEqual({
      code: 2,
      out: "",
      said: `rogerctl: partition ${word} is about one partition: acme, or --partition other?\n`,
    });
    expect(daemon.asked).toEqual([]);
  });

  test("of one that is not there is 3", async () => {
    const daemon = await StandIn.start(speaks({ "partition.drop": () => changed(9, false) }));

    expect(await rogerctl([daemon], "partition", "drop", "acm", "--yes")).toEqual({
      code: 3,
      out: "",
      said: "rogerctl: there is no partition acm; rogerctl partition list shows which there are\n",
    });
  });
});

describe("finding the leader", () => {
  const start = ["partition", "start", "acme"] as const;

  test("a follower's redirect is followed, with the credential and the same request id", async () => {
    const leader = await StandIn.start(speaks({ "partition.start": () => changed(3, true) }));
    const location = `http://${leader.endpoint}/v1/command`;
    const follower = await StandIn.start(() => ({ status: 307, location }));

    const ended = await rogerctl([follower], ...start, "--credential", "sesame");

    expect(ended.code).toBe(0);
    const [first] = follower.asked;
    expect(leader.asked).toEqual([first]);
    expect(first?.credential).toBe("Bearer sesame");
  });

  test("the second call of a command goes to who answered the first", async () => {
    const leader = await StandIn.start(
      speaks({ "partition.start": () => changed(1, true), "queue.pause": () => changed(2, true) }),
    );
    const location = `http://${leader.endpoint}/v1/command`;
    const follower = await StandIn.start(() => ({ status: 307, location }));

    const ended = await rogerctl([follower], "pause", "mail", "--partition", "acme");

    expect([ended.code, follower.asked.length, leader.asked.length]).toEqual([0, 1, 2]);
  });

  test("an endpoint where nobody listens is skipped", async () => {
    const gone = await StandIn.start();
    const { endpoint } = gone;
    await gone.stop();
    const leader = await StandIn.start(speaks({ "partition.start": () => changed(3, true) }));

    const list = `${endpoint},${leader.endpoint}`;
    const ended = await rogerctl([], ...start, "--endpoints", list);

    expect(ended.code).toBe(0);
  });

  test("while no leader is known it is tried again, and then answered once", async () => {
    let times = 0;
    const daemon = await StandIn.start(() => {
      times += 1;
      return times < 4
        ? refuses(503, errorObject("unavailable", "no leader is known"))
        : changed(3, true);
    });

    const ended = await rogerctl([daemon], ...start);

    expect([ended.code, times]).toEqual([0, 4]);
    expect(new Set(daemon.asked.map(({ body }) => body["requestId"]))).toEqual(
      new Set(["request-1"]),
    );
  });

  test("nodes that point at each other end as unavailable, not in a circle", async () => {
    const one = await StandIn.start();
    const two = await StandIn.start(() => ({
      status: 307,
      location: `http://${one.endpoint}/v1/command`,
    }));
    one.says(() => ({ status: 307, location: `http://${two.endpoint}/v1/command` }));

    const ended = await rogerctl([one, two], ...start, "--timeout", "1s");

    expect(ended.code).toBe(69);
  });

  test("a redirect to something that is no daemon's address is not followed", async () => {
    const daemon = await StandIn.start(() => ({
      status: 307,
      location: "https://elsewhere.example/x",
    }));

    const ended = await rogerctl([daemon], ...start);

    expect(ended.code).toBe(69);
  });
});

describe("exit codes", () => {
  const start = ["partition", "start", "acme"] as const;

  test("a cluster without a leader until the deadline is 69, and certainly nothing was changed", async () => {
    const daemon = await StandIn.start(() =>
      refuses(503, errorObject("unavailable", "no leader is known")),
    );

    const ended = await rogerctl([daemon], ...start);

    expect(ended.code).toBe(69);
    expect(ended.said).toBe(
      `rogerctl: the cluster is unavailable, and nothing was changed (${daemon.endpoint}: no leader is known)\n`,
    );
  });

  test("what a node says of the cluster is told, not that another one is not there", async () => {
    const leaderless = await StandIn.start(() =>
      refuses(503, errorObject("unavailable", "no leader is known")),
    );
    const gone = await StandIn.start();
    const { endpoint } = gone;
    await gone.stop();
    const endpoints = `${endpoint},${leaderless.endpoint},${endpoint.replace("127.0.0.1", "localhost")}`;

    const ended = await rogerctl([], ...start, "--endpoints", endpoints);

    expect(ended.code).toBe(69);
    expect(ended.said).toContain(`(${leaderless.endpoint}: no leader is known)`);
  });

  test("nobody at all is 69 long before the deadline", async () => {
    const gone = await StandIn.start();
    const { endpoint } = gone;
    await gone.stop();

    const ended = await rogerctl([], ...start, "--endpoints", endpoint, "--timeout", "5m");

    expect(ended).toEqual({
      code: 69,
      out: "",
      said: `rogerctl: the cluster is unavailable, and nothing was changed (${endpoint}: nobody listens there)\n`,
    });
    expect(waitedMs).toBeLessThan(1_000);
  });

  test("a write that stays indeterminate until the deadline is 75", async () => {
    const daemon = await StandIn.start(() =>
      refuses(504, errorObject("indeterminate", "leadership was lost")),
    );

    const ended = await rogerctl([daemon], ...start);

    expect(ended.code).toBe(75);
  });

  test("a write that was indeterminate and is answered at the repeat is done, under one request id", async () => {
    let times = 0;
    const daemon = await StandIn.start(() => {
      times += 1;
      return times === 1 ? refuses(504, errorObject("indeterminate", "lost")) : changed(3, true);
    });

    const ended = await rogerctl([daemon], ...start);

    expect(ended.code).toBe(0);
    expect(daemon.asked.map(({ body }) => body["requestId"])).toEqual(["request-1", "request-1"]);
  });

  test("a write is not called undone because a later try was refused: one answer may have been lost", async () => {
    let times = 0;
    const daemon = await StandIn.start(() => {
      times += 1;
      return times === 1
        ? "hang up"
        : refuses(503, errorObject("unavailable", "no leader is known"));
    });

    const ended = await rogerctl([daemon], ...start);

    expect(ended.code).toBe(75);
  });

  test("a read whose connection breaks changes nothing: 69", async () => {
    const daemon = await StandIn.start(() => "hang up");

    const ended = await rogerctl([daemon], "paused", "--partition", "acme");

    expect(ended.code).toBe(69);
  });

  test("no or a wrong credential is 4", async () => {
    const error = errorObject("unauthenticated", "a credential is needed");
    const daemon = await StandIn.start(() => refuses(401, error));

    const ended = await rogerctl([daemon], ...start);

    expect(ended).toEqual({
      code: 4,
      out: "",
      said: "rogerctl: a credential is needed; give --credential or set ROGERCTL_CREDENTIAL\n",
    });
  });

  test("an argument that the cluster refuses is wrong use: 2", async () => {
    const error = errorObject("invalid_argument", "at most 512 bytes", { path: "args.jobId" });
    const daemon = await StandIn.start(() => refuses(400, error));

    const ended = await rogerctl([daemon], "cancelled", "a", "--partition", "acme");

    expect([ended.code, ended.said]).toEqual([2, "rogerctl: JOB: at most 512 bytes\n"]);
  });

  test.each([
    ["args.selector", "args.selector: must not be empty", "QUEUE: must not be empty"],
    [
      "args.reason",
      "args.reason: must have no control characters",
      "--reason: must have no control characters",
    ],
    ["args.jobIds[1]", "args.jobIds[1]: must not be empty", "JOB 2: must not be empty"],
    ["to", "to must name a voter: n1, n2", "--to must name a voter: n1, n2"],
    ["name", "name must name a member", "NAME must name a member"],
    ["peer", "give a new address", "--peer: give a new address"],
    ["partition", "partition: must not be empty", "partition: must not be empty"],
  ])("what the cluster calls %s is named as it was typed", async (path, message, said) => {
    const error = errorObject("invalid_argument", message, { path });
    const daemon = await StandIn.start(() => refuses(400, error));

    const ended = await rogerctl([daemon], "resume", "mail", "--partition", "acme");

    expect(ended).toEqual({ code: 2, out: "", said: `rogerctl: ${said}\n` });
  });

  test("a full table is 1", async () => {
    const error = errorObject("quota_exceeded", "too many pauses");
    const daemon = await StandIn.start(() => refuses(409, error));

    const ended = await rogerctl([daemon], ...start);

    expect(ended.code).toBe(1);
  });

  test("somebody else on the port is 69 and is named as that", async () => {
    const daemon = await StandIn.start(() => ({ status: 404, body: "not here" }));

    const ended = await rogerctl([daemon], ...start);

    expect(ended.code).toBe(69);
    expect(ended.said).toContain("but not as rogerd does");
  });

  test.each([
    ["no command", []],
    ["an unknown command", ["pasue", "mail"]],
    ["an unknown option", ["status", "--colour"]],
    ["a missing argument", ["pause", "--partition", "acme"]],
    ["a missing partition", ["pause", "mail"]],
    ["an end without a zone", ["pause", "a", "--partition", "acme", "--until", "2027-01-31T06:00"]],
    ["a pause for no duration", ["pause", "a", "--partition", "acme", "--for", "5"]],
    [
      "two ends",
      ["pause", "a", "--partition", "acme", "--for", "5s", "--until", "2027-01-31T06:00Z"],
    ],
    ["a mode that is none", ["pause", "a", "--partition", "acme", "--mode", "kill"]],
    ["a cancel of nothing", ["cancel", "--partition", "acme"]],
    ["a cancel of ids and a rule", ["cancel", "a", "--queue", "mail", "--partition", "acme"]],
    [
      "a time for ids",
      ["cancel", "a", "--enqueued-before", "2027-01-31T06:00Z", "--partition", "a"],
    ],
    [
      "a time without a zone",
      ["cancel", "--tag", "a", "--enqueued-before", "now", "--partition", "a"],
    ],
    ["an uncancel of nothing", ["uncancel", "--partition", "acme"]],
    ["an uncancel of ids and a rule", ["uncancel", "a", "--rule", "1.1", "--partition", "acme"]],
    ["an unknown form of output", ["status", "-o", "yaml"]],
    ["a time that is none", ["status", "--timeout", "soon"]],
    ["a time without a unit", ["status", "--timeout", "5"]],
    ["an empty --by", ["status", "--by", ""]],
    ["a time longer than answers are kept", ["status", "--timeout", "10m"]],
    ["endpoints that are none", ["status", "--endpoints", "127.0.0.1"]],
    ["an empty list of endpoints", ["status", "--endpoints", ","]],
    ["a ttl that is none", ["cancel", "a", "--partition", "acme", "--ttl", "long"]],
    ["a ttl without a unit", ["cancel", "a", "--partition", "acme", "--ttl", "90"]],
    ["a ttl that no mark can have", ["cancel", "a", "--partition", "acme", "--ttl", "25h"]],
  ])("%s is wrong use: 2, with a sentence on stderr only", async (_, args) => {
    const ended = await rogerctl([], ...args);

    expect([ended.code, ended.out]).toEqual([2, ""]);
    expect(ended.said).not.toBe("");
  });

  test("endpoints in the environment that are none: 78", async () => {
    process.env["ROGERCTL_ENDPOINTS"] = "https://queue.example";
    try {
      const ended = await rogerctl([], "status");

      expect(ended).toEqual({
        code: 78,
        out: "",
        said: 'rogerctl: ROGERCTL_ENDPOINTS: "https://queue.example" is not host:port or ws://host:port\n',
      });
    } finally {
      delete process.env["ROGERCTL_ENDPOINTS"];
    }
  });
});

describe("transfer-leader", () => {
  test("tells who led and who leads", async () => {
    const daemon = await StandIn.start(() => ({
      status: 200,
      body: { previous: "n1", leader: "n2" },
    }));

    const ended = await rogerctl([daemon], "transfer-leader", "--to", "n2", "-o", "json");

    expect([ended.code, JSON.parse(ended.out)]).toEqual([0, { previous: "n1", leader: "n2" }]);
    expect(daemon.asked[0]).toMatchObject({
      route: "POST /v1/admin/transfer-leader",
      body: { to: "n2" },
    });
  });

  test("what the cluster declines is exit 3 with its sentence, and asked once", async () => {
    const message = "n2 was not heard from lately: it can't lead";
    const error = { code: "unavailable", message, retryable: false };
    const daemon = await StandIn.start(() => refuses(409, error));

    const ended = await rogerctl([daemon], "transfer-leader", "--to", "n2");

    expect(ended).toEqual({ code: 3, out: "", said: `rogerctl: ${message}\n` });
    expect(daemon.asked.length).toBe(1);
  });

  test("it carries no number, so after a broken connection it is not sent again: 75", async () => {
    const daemon = await StandIn.start(() => "hang up");

    const ended = await rogerctl([daemon], "transfer-leader");

    expect([ended.code, daemon.asked.length]).toEqual([75, 1]);
  });
});

describe("members", () => {
  const member = (name: string, role: string, more: object = {}) => ({
    id: name.repeat(16),
    name,
    role,
    leads: false,
    matchIndex: 90,
    msSinceHeard: 12,
    clientUrl: `ws://${name}:7401`,
    peerUrl: `ws://${name}:7501`,
    ...more,
  });
  const list = {
    lastIndex: 100,
    joint: false,
    members: [
      member("n1", "voter", { leads: true, matchIndex: 100, msSinceHeard: 0 }),
      member("n4", "learner", { matchIndex: 0, msSinceHeard: null }),
    ],
  };

  test("lists who votes, and how far each is", async () => {
    const daemon = await StandIn.start(() => ({ status: 200, body: list }));

    const ended = await rogerctl([daemon], "members");
    const json = await rogerctl([daemon], "members", "-o", "json");

    expect(ended.code).toBe(0);
    expect(ended.out.split("\n").map((line) => line.split(/ {2,}/))).toMatchObject([
      ["NAME", "PART", "BEHIND", "HEARD", "CLIENTS", "PEERS", "ID"],
      ["n1", "voter, leads", "0", "0 ms ago", "n1:7401", "n1:7501", "n1".repeat(16)],
      ["n4", "learner", "100", "never", "n4:7401", "n4:7501", "n4".repeat(16)],
      [""],
    ]);
    expect(JSON.parse(json.out)).toMatchObject({
      joint: false,
      lastIndex: 100,
      members: [
        { name: "n1", behind: 0 },
        { name: "n4", behind: 100 },
      ],
    });
    expect(daemon.asked[0]?.route).toBe("POST /v1/admin/members");
  });

  test("says when a change of voters is under way", async () => {
    const daemon = await StandIn.start(() => ({ status: 200, body: { ...list, joint: true } }));

    expect((await rogerctl([daemon], "members")).said).toContain("under way");
  });
});

describe("member", () => {
  const done = { status: 200, body: { changed: true, name: "n4", index: 7 } };
  const aDaemon = (said: Said = done): Promise<StandIn> => StandIn.start(() => said);

  test("add prints the secret, and how to start the node", async () => {
    const secret = "5".repeat(64);
    const body = { ...done.body, secret, join: "b:3" };
    const daemon = await aDaemon({ ...done, body });
    const args = ["member", "add", "n4", "--peer", "a:1", "--client", "a:2"];

    const ended = await rogerctl([daemon], ...args);
    const json = await rogerctl([daemon], ...args, "-o", "json");

    expect(ended.code).toBe(0);
    expect(ended.out).toContain(`\n  ${secret}\n`);
    expect(ended.out).toContain(
      "\n  rogerd serve --name n4 --data-dir DIR --listen-peer a:1 --listen-client a:2 --join b:3 --join-secret-file FILE\n",
    );
    expect(ended.out).toContain("\n  rogerctl member promote n4\n");
    expect(JSON.parse(json.out)).toEqual(body);
    expect(daemon.asked[0]).toMatchObject({
      route: "POST /v1/admin/member/add",
      body: { name: "n4", peer: "a:1", client: "a:2" },
    });
  });

  test.each([
    [["promote", "n4"], "promote", { name: "n4" }],
    [["remove", "n4", "--yes"], "remove", { name: "n4" }],
    [["remove", "n4", "--yes", "--force"], "remove", { name: "n4", force: true }],
    [["replace", "n2", "--with", "n4", "--yes"], "replace", { name: "n2", by: "n4" }],
    [["update", "n4", "--peer", "a:1"], "update", { name: "n4", peer: "a:1" }],
  ] as const)("%j asks the leader for it", async (args, action, body) => {
    const daemon = await aDaemon();

    const ended = await rogerctl([daemon], "member", ...args);

    expect([ended.code, daemon.asked.map(({ route }) => route)]).toEqual([
      0,
      [`POST /v1/admin/member/${action}`],
    ]);
    expect(daemon.asked[0]?.body).toEqual(body);
  });

  test.each([
    ["remove", "n4"],
    ["replace", "n2", "--with", "n4"],
  ] as const)(
    "%s asks first; a no is exit 3, nobody to ask 2, and nothing is sent",
    async (...args) => {
      const daemon = await aDaemon();

      terminalSays = "no";
      const refused = await rogerctl([daemon], "member", ...args);
      terminalSays = "no-terminal";
      const unasked = await rogerctl([daemon], "member", ...args);

      expect([refused.code, unasked.code, daemon.asked]).toEqual([3, 2, []]);
      expect(unasked.said).toContain("--yes");

      terminalSays = "yes";
      const wanted = await rogerctl([daemon], "member", ...args);
      terminalSays = "no-terminal";

      expect([wanted.code, daemon.asked.length]).toEqual([0, 1]);
    },
  );

  test("that the cluster declines is exit 3, with the reason", async () => {
    const body = { changed: false, name: "n4", reason: "not-caught-up", message: "n4: not yet" };
    const daemon = await aDaemon({ status: 200, body });

    const ended = await rogerctl([daemon], "member", "promote", "n4", "-o", "json");

    expect([ended.code, JSON.parse(ended.out)]).toEqual([3, body]);
    expect(ended.said).toBe("rogerctl: n4: not yet\n");
  });

  test("is asked once: after a broken connection the outcome is not known, 75", async () => {
    const daemon = await StandIn.start(() => "hang up");

    const ended = await rogerctl([daemon], "member", "promote", "n4");

    expect([ended.code, daemon.asked.length]).toEqual([75, 1]);
  });

  test.each([
    ["add", "n4", "--peer", "a:1"],
    ["replace", "n2"],
    ["update", "n2"],
    ["promote"],
  ] as const)("%s without what it needs is wrong use", async (...args) => {
    expect((await rogerctl([], "member", ...args)).code).toBe(2);
  });
});

describe("version", () => {
  test("shows daemons that answer and those that do not, and is exit 0", async () => {
    const daemon = await StandIn.start(() => ({
      status: 200,
      body: { version: "0.1.0", protocol: 1 },
    }));
    const gone = await StandIn.start();
    const { endpoint } = gone;
    await gone.stop();

    const ended = await rogerctl(
      [],
      "version",
      "-o",
      "json",
      "--endpoints",
      `${daemon.endpoint},${endpoint}`,
    );

    expect([ended.code, JSON.parse(ended.out)]).toEqual([
      0,
      {
        rogerctl: "0.1.0",
        node: "v20",
        daemons: [
          { endpoint: daemon.endpoint, reachable: true, version: "0.1.0", protocol: 1 },
          { endpoint, reachable: false, version: null, protocol: null },
        ],
      },
    ]);
  });
});

const idOf = (name: string): string => name.slice(1).repeat(32);

describe("status", () => {
  const hash = { index: 96, hash: "0123456789abcdef" };
  let daemons: ReadonlyMap<string, StandIn> = new Map();

  async function threeNodes(leader: string | null): Promise<void> {
    const named = ["n1", "n2", "n3"];
    const entries = await Promise.all(
      named.map(async (name) => [name, await StandIn.start()] as const),
    );
    daemons = new Map(entries);
    const members = entries.map(([name, daemon], position) => ({
      id: idOf(name),
      name,
      clientUrl: `ws://${daemon.endpoint}`,
      peerUrl: `ws://127.0.0.1:${7501 + position}`,
      voter: true,
    }));
    for (const [name, daemon] of entries) {
      daemon.says(() => ({
        status: 200,
        body: {
          clusterId: "c".repeat(32),
          node: { id: idOf(name), name },
          role: name === leader ? "leader" : "follower",
          term: 4,
          leader: leader === null ? null : { name: leader, clientUrl: "ws://127.0.0.1:1" },
          lastIndex: 120,
          commitIndex: 119,
          appliedIndex: 118,
          snapshotIndex: 90,
          stateHash: name === "n3" ? null : hash,
          members,
        },
      }));
    }
  }

  function daemonOf(name: string): StandIn {
    const daemon = daemons.get(name);
    if (daemon === undefined) throw new Error(`no ${name}`);
    return daemon;
  }

  test("prints its contract as JSON, also of members that only others named", async () => {
    await threeNodes("n2");

    const ended = await rogerctl([daemonOf("n1")], "status", "-o", "json");

    const member = (name: string, position: number): unknown => ({
      id: idOf(name),
      name,
      role: name === "n2" ? "leader" : "follower",
      clientUrl: `ws://${daemonOf(name).endpoint}`,
      peerUrl: `ws://127.0.0.1:${7501 + position}`,
      term: 4,
      lastIndex: 120,
      commitIndex: 119,
      appliedIndex: 118,
      snapshotIndex: 90,
      stateHash: name === "n3" ? null : hash,
      reachable: true,
    });
    expect([ended.code, JSON.parse(ended.out), ended.said]).toEqual([
      0,
      {
        clusterId: "c".repeat(32),
        leader: "n2",
        term: 4,
        canLose: 1,
        members: [member("n1", 0), member("n2", 1), member("n3", 2)],
      },
      "",
    ]);
  });

  test("prints what answers when a member is gone, and that no more may fail", async () => {
    await threeNodes("n2");
    const { endpoint } = daemonOf("n3");
    await daemonOf("n3").stop();

    const ended = await rogerctl([daemonOf("n1")], "status");

    expect(ended.code).toBe(0);
    expect(ended.said).toBe(`${endpoint} does not answer: nobody listens there\n`);
    const lines = ended.out.split("\n").map((line) => line.split(/ {2,}/).slice(0, 8));
    expect(lines).toEqual([
      [`cluster ${"c".repeat(32)}, leader n2, term 4, can lose no more voters`],
      [""],
      ["NAME", "ROLE", "TERM", "LAST", "COMMIT", "APPLIED", "SNAPSHOT", "STATE HASH"],
      ["n1", "follower", "4", "120", "119", "118", "90", "0123456789ab@96"],
      ["n2", "leader", "4", "120", "119", "118", "90", "0123456789ab@96"],
      ["n3", "unreachable", "-", "-", "-", "-", "-", "-"],
      [""],
    ]);
  });

  test("where too few answer it says how many must come back", async () => {
    await threeNodes(null);
    await daemonOf("n2").stop();
    await daemonOf("n3").stop();

    const table = await rogerctl([daemonOf("n1")], "status");
    const json = await rogerctl([daemonOf("n1")], "status", "-o", "json");

    expect(table.out).toContain("no leader, term 4, writes wait for 1 more voter to come back\n");
    expect(JSON.parse(json.out)).toMatchObject({ canLose: -1 });
  });

  test("a node that has no cluster yet says what it waits for", async () => {
    const error = errorObject("unavailable", "this node waits for its cluster to be formed");
    const daemon = await StandIn.start(() => refuses(503, error));

    const ended = await rogerctl([daemon], "status");

    expect(ended).toEqual({
      code: 69,
      out: "",
      said: [
        `${daemon.endpoint}: this node waits for its cluster to be formed`,
        "rogerctl: the cluster is not formed yet; all its founders must be running and reach each other",
        "",
      ].join("\n"),
    });
  });

  test("without a leader it prints the nodes and is 69", async () => {
    await threeNodes(null);

    const ended = await rogerctl([daemonOf("n1")], "status", "-o", "json");

    expect([ended.code, JSON.parse(ended.out)]).toMatchObject([69, { leader: null, term: 4 }]);
    expect(ended.said).toContain("no leader is known");
  });

  test("endpoints of two clusters are 1, and both are named", async () => {
    await threeNodes("n1");
    const stranger = await StandIn.start(() => ({
      status: 200,
      body: {
        clusterId: "d".repeat(32),
        node: { id: idOf("n1"), name: "x1" },
        role: "leader",
        term: 9,
        leader: { name: "x1", clientUrl: "ws://127.0.0.1:1" },
        members: [],
      },
    }));

    const ended = await rogerctl([daemonOf("n1"), stranger], "status", "-o", "json");

    expect(ended).toMatchObject({
      code: 1,
      said: `rogerctl: the nodes that were asked are not of one cluster: shown is ${"c".repeat(32)}, but node x1 belongs to ${"d".repeat(32)}; name nodes of one cluster only in --endpoints\n`,
    });
    expect(JSON.parse(ended.out)).toMatchObject({ clusterId: "c".repeat(32), leader: "n1" });
  });

  test("when nobody answers, JSON is still JSON, and it is 69", async () => {
    await threeNodes("n1");
    const { endpoint } = daemonOf("n1");
    await daemonOf("n1").stop();

    const ended = await rogerctl([], "status", "-o", "json", "--endpoints", endpoint);

    expect([ended.code, JSON.parse(ended.out)]).toEqual([
      69,
      { clusterId: null, leader: null, term: null, canLose: null, members: [] },
    ]);
  });

  test("--hash-now asks every node for a hash as of now", async () => {
    await threeNodes("n1");

    await rogerctl([daemonOf("n1")], "status", "--hash-now");

    expect([...daemons.values()].map((daemon) => daemon.asked.map(({ route }) => route))).toEqual([
      ["GET /status?hash=now"],
      ["GET /status?hash=now"],
      ["GET /status?hash=now"],
    ]);
  });

  test("a node that wants a credential is 4", async () => {
    const daemon = await StandIn.start(() =>
      refuses(401, errorObject("unauthenticated", "who are you?")),
    );

    const ended = await rogerctl([daemon], "status");

    expect(ended.code).toBe(4);
  });
});

describe("help", () => {
  const commands = [
    ["status"],
    ["members"],
    ["member", "add"],
    ["member", "promote"],
    ["member", "remove"],
    ["member", "replace"],
    ["member", "update"],
    ["transfer-leader"],
    ["partition", "list"],
    ["partition", "start"],
    ["partition", "stop"],
    ["cancel"],
    ["cancelled"],
    ["pause"],
    ["resume"],
    ["paused"],
    ["keys"],
    ["runs"],
    ["watch"],
    ["why", "job"],
    ["why", "key"],
    ["sessions"],
    ["version"],
  ];

  test.each(commands.map((words) => [words.join(" "), words] as const))(
    "%s --help shows an example and the options of all commands, on stdout, exit 0",
    async (name, words) => {
      const ended = await rogerctl([], ...words, "--help");

      expect(ended.code).toBe(0);
      expect(ended.out).toContain(`$ rogerctl ${name}`);
      expect(ended.out).toContain("ROGERCTL_ENDPOINTS");
      expect(ended.said).toBe("");
    },
  );

  test("rogerctl --help names every command and every exit code", async () => {
    const ended = await rogerctl([], "--help");

    for (const [first] of commands) expect(ended.out).toContain(`\n  ${first}`);
    for (const code of [0, 1, 2, 3, 4, 69, 75, 78])
      expect(ended.out).toMatch(new RegExp(` ${code} \\w`));
  });
});
