// The bytes of format 1, kept from the first day: clients in other languages are tested against
// them. `REWRITE_GOLDEN=1 npx vitest run --project unit golden` writes them anew
// after a change on purpose; the diff is to be read.
import { readFileSync, writeFileSync } from "node:fs";
import { fencingToken, sessionId } from "@rogerd/global-state";
import { describe, expect, test } from "vitest";
import { decodeClientFrame, decodeDaemonFrame, encodeFrame } from "./codec.ts";
import { errorObject } from "./error-code.ts";
import type { ClientFrame, DaemonFrame } from "./frame.ts";
import { subprotocols } from "./limits.ts";
import type { Result } from "./result.ts";

const leader = { name: "n2", clientUrl: "ws://127.0.0.1:7402" };
const at = 1_790_000_000_000;

const clientFrames: Record<string, ClientFrame> = {
  hello: { kind: "hello", protocol: 1, clusterId: "8f2e", credential: "secret", client: "golden" },
  "hello-first": { kind: "hello", protocol: 1, client: "golden" },
  ping: { kind: "ping", id: 7 },
  requests: {
    kind: "requests",
    floor: 41,
    requests: [
      { id: 1, command: "session.open", args: { openId: "0".repeat(32), name: "worker-3" } },
      {
        id: 2,
        partition: "acme",
        command: "roger.isQueued",
        args: { key: "rechnung/ü", add: true },
        seq: 42,
      },
      {
        id: 3,
        partition: "acme",
        command: "list",
        args: { kind: "pauses", prefix: "", limit: 100 },
      },
      {
        id: 4,
        partition: "acme",
        command: "queue.pause",
        args: { selector: "mail", by: "ops", reason: "" },
        requestId: "r-1",
      },
    ],
  },
  "requests-stale": {
    kind: "requests",
    requests: [
      { id: 5, partition: "acme", command: "cancel.check", args: { jobId: "j" }, revisionMin: 0 },
    ],
  },
};

const daemonFrames: Record<string, DaemonFrame> = {
  welcome: {
    kind: "welcome",
    protocol: 1,
    clusterId: "8f2e",
    node: "n1",
    leader,
    limits: { frameBytesMax: 4_194_304, callsInFlightMax: 4_096 },
  },
  leader: { kind: "leader", leader },
  "leader-unknown": { kind: "leader", leader: null },
  "welcome-members": {
    kind: "welcome",
    protocol: 1,
    clusterId: "8f2e",
    node: "n1",
    leader,
    members: [{ name: "n1", clientUrl: "ws://127.0.0.1:7401" }, leader],
    limits: { frameBytesMax: 4_194_304, callsInFlightMax: 4_096 },
  },
  "leader-members": { kind: "leader", leader: null, members: [leader] },
  goodbye: { kind: "goodbye", reason: "stopping" },
  error: { kind: "error", error: errorObject("forbidden", "another cluster") },
  pong: { kind: "pong", id: 7 },
  answers: {
    kind: "answers",
    answers: [
      { id: 1, revision: 9, n: 0, result: { status: "ok" } },
      { id: 2, revision: 9, n: 1, result: { status: "member", before: true } },
      { id: 3, revision: 9, n: 2, result: { status: "changed", changed: false } },
      { id: 4, revision: 9, n: 3, result: { status: "paused", queues: ["mail", "*"] } },
      {
        id: 5,
        revision: 9,
        n: 4,
        result: { status: "marked", jobs: [{ jobId: "j1", outcome: "marked" }] },
      },
      { id: 6, revision: 9, n: 0, result: { status: "checked", mark: null } },
      {
        id: 7,
        revision: 9,
        n: 0,
        result: {
          status: "checked",
          mark: { jobId: "j1", by: "ops", reason: "", at, state: "pending" },
        },
      },
      {
        id: 8,
        revision: 70_000,
        n: 0,
        result: {
          status: "list",
          items: [
            { key: "k1", owner: null, since: at },
            { key: "k2", limit: 1, holders: [{ owner: "j2", token: 88, since: at }] },
            { selector: "mail", by: "ops", reason: "down", since: at },
            { partition: "acme", started: true, since: at },
          ],
          next: "cursor",
        },
      },
      { id: 9, error: errorObject("not_leader", "n2 leads", { leader }) },
      { id: 10, error: errorObject("overloaded", "too much", { retryAfterMs: 50 }) },
      { id: 11, error: errorObject("not_started", "not started", { partition: "acme" }) },
      {
        id: 12,
        error: errorObject("quota_exceeded", "full", { limit: "pauses", current: 10_000 }),
      },
      { id: 13, error: errorObject("invalid_argument", "key is empty", { path: "args.key" }) },
    ],
  },
};

const owned = { owner: "j1", since: at, expiresAt: at + 60_000 } as const;
const pause = { selector: "mail", by: "ops", reason: "", since: at } as const;
daemonFrames["answers-pauses"] = {
  kind: "answers",
  answers: [
    {
      id: 1,
      revision: 9,
      n: 0,
      result: { status: "list", items: [{ ...pause, mode: "stop", until: at + 1 }], next: null },
    },
  ],
};
daemonFrames["answers-rules"] = {
  kind: "answers",
  answers: [
    { id: 1, revision: 9, n: 0, result: { status: "rule_added", rule: "9.1" } },
    {
      id: 2,
      revision: 9,
      n: 1,
      result: { status: "cleared", jobs: [{ jobId: "j", outcome: "not_marked" }] },
    },
    {
      id: 3,
      revision: 9,
      n: 0,
      result: {
        status: "list",
        items: [
          {
            rule: "9.1",
            queue: "mail",
            jobIdPrefix: null,
            tag: null,
            enqueuedBefore: at,
            by: "ops",
            reason: "",
            at,
            expiresAt: at + 1,
            hits: 2,
          },
        ],
        next: null,
      },
    },
  ],
};
daemonFrames["answers-claims"] = {
  kind: "answers",
  answers: [
    { id: 1, revision: 9, n: 0, result: { status: "claimed", expiresAt: null } },
    { id: 2, revision: 9, n: 1, result: { status: "duplicate", ...owned } },
    { id: 3, revision: 9, n: 2, result: { status: "duplicate", owner: null, since: at } },
    {
      id: 4,
      revision: 9,
      n: 3,
      result: { status: "replaced", previous: owned, expiresAt: at + 1_000 },
    },
    { id: 5, revision: 9, n: 4, result: { status: "done" } },
    { id: 6, revision: 9, n: 5, result: { status: "not_owner", claim: owned } },
    { id: 7, revision: 9, n: 6, result: { status: "not_owner", claim: null } },
    {
      id: 8,
      revision: 9,
      n: 0,
      result: { status: "list", items: [{ key: "k", ...owned, provisional: true }], next: null },
    },
  ],
};

const full = { code: "quota_exceeded", limit: "runs", current: 100_000 } as const;
const finished = { status: "finished", cancel: "none" } as const;
const token = fencingToken(89);
const by = sessionId(17);
const jobResults: readonly Result[] = [
  { status: "started", token },
  { status: "waiting", ticket: 90, position: 3 },
  { status: "busy", holders: 1, waiters: 2, retryAfterMs: 1_000 },
  { status: "cancelled" },
  { status: "paused", queues: ["*"] },
  { status: "already_running", by },
  { status: "already_waiting", by, ticket: 90 },
  { status: "already_finished", outcome: "dead" },
  { ...finished, cancel: "acknowledged" },
  { ...finished, cancel: "too_late", remembered: false },
  { status: "not_running" },
  { status: "both", finish: finished, start: { status: "started", token } },
  { status: "both", finish: { status: "not_running" }, start: full },
  { status: "not_held", reason: "run" },
  { status: "marked", jobs: [{ jobId: "j", outcome: "marked", running: true, waiting: true }] },
  {
    status: "list",
    items: [
      {
        jobId: "j",
        session: 17,
        token: 89,
        queue: "mail",
        since: at,
        executionKey: "k",
        queueKey: "q",
        tags: ["t"],
      },
      { jobId: "j2", session: 17, token: 91, queue: "mail", since: at },
      { jobId: "j3", outcome: "completed", at, rememberedUntil: at + 60_000 },
    ],
    next: null,
  },
];
const waiter = { owner: "j", session: 17, ticket: 90, toStart: true } as const;
const reads: readonly Result[] = [
  { status: "got", item: null },
  { status: "got", item: { jobId: "j", session: 17, token: 89, queue: "mail", since: at } },
  {
    status: "why_job",
    jobId: "j",
    because: "waiting",
    run: null,
    waits: [
      {
        ...waiter,
        key: "k",
        limit: 1,
        holders: [{ owner: "j2", session: 17, token: 88, since: at }],
        ahead: 1,
        before: [{ ...waiter, owner: "j3", ticket: 80, toStart: false }],
        delayedForMs: null,
        endsInMs: 500,
      },
    ],
    mark: { jobId: "j", by: "ops", reason: "", at, state: "delivered" },
    rule: null,
    pause: { selector: "mail", by: "ops", reason: "", since: at },
    finished: null,
  },
  {
    status: "why_job",
    jobId: "j",
    because: "finished",
    run: null,
    waits: [],
    mark: null,
    rule: null,
    pause: null,
    finished: { jobId: "j", outcome: "dead", at, rememberedUntil: at + 1 },
  },
  {
    status: "why_key",
    key: "k",
    executionKey: { key: "k", limit: 1, holders: [], waiters: 1 },
    delayedForMs: 500,
    line: [waiter],
    queueKey: { key: "k", owner: null, since: at },
  },
  {
    status: "why_key",
    key: "k",
    executionKey: null,
    delayedForMs: null,
    line: [],
    queueKey: null,
  },
];
daemonFrames["answers-why"] = {
  kind: "answers",
  answers: reads.map((result, id) => ({ id, revision: 9, n: 0, result })),
};
daemonFrames["answers-jobs"] = {
  kind: "answers",
  answers: jobResults.map((result, id) => ({ id, revision: 9, n: 0, result })),
};

clientFrames["requests-jobs"] = {
  kind: "requests",
  floor: 7,
  requests: [
    {
      id: 1,
      partition: "acme",
      command: "job.start",
      args: {
        jobId: "j",
        queue: "mail",
        queueKey: "q",
        uniqueUntil: "finish",
        executionKey: "k",
        onBusy: "wait",
        waitTimeoutMs: 60_000,
        tags: ["t"],
        enqueuedAt: at,
      },
      seq: 8,
    },
    {
      id: 2,
      partition: "acme",
      command: "job.finishAndStart",
      args: {
        finish: { jobId: "j", outcome: "completed", rememberMs: 60_000 },
        start: { jobId: "j2", queue: "mail", takeover: true },
      },
      seq: 9,
    },
  ],
};

const partition = "acme";
const at9 = { revision: 9, n: 0 };
const stopping = { kind: "runToStop", partition, jobId: "j", token: 91 } as const;
daemonFrames["pushes"] = {
  kind: "pushes",
  session: 17,
  pushes: [
    { kind: "waitEnded", ...at9, seq: 8, ticket: 90, ending: { kind: "granted", token } },
    { kind: "waitEnded", ...at9, n: 1, seq: 9, ticket: 91, ending: { kind: "timed_out" } },
    { kind: "holdEnded", ...at9, n: 2, partition, key: "k", token: 89, cause: "held_too_long" },
    { kind: "runFenced", ...at9, n: 3, partition, jobId: "j", token: 90, cause: "taken_over" },
    { ...stopping, ...at9, n: 4, cause: "cancelled", by: "ops", reason: "down" },
    { kind: "waitEnded", ...at9, n: 5, seq: 9, ticket: 92, ending: { kind: "dropped" } },
    { kind: "holdEnded", ...at9, n: 6, partition, key: "k", token: 92, cause: "dropped" },
    { kind: "runFenced", ...at9, n: 7, partition, jobId: "j", token: 93, cause: "dropped" },
  ],
};
daemonFrames["events"] = {
  kind: "events",
  watch: 30,
  events: [
    {
      ...at9,
      type: "queueKey.taken",
      partition,
      name: "k",
      item: { key: "k", owner: null, since: at },
      was: null,
      cause: "roger.isQueued",
      by: { session: 17 },
      at,
      logTimeMs: 7,
    },
    {
      ...at9,
      n: 1,
      type: "partition.stopped",
      partition: null,
      name: partition,
      item: null,
      was: { partition, started: true, since: at },
      cause: "time",
      by: null,
      at,
      logTimeMs: 7,
    },
  ],
  through: null,
};
const settings = { limits: { runs: 0, queueKeys: 500 }, defaults: { markTtlMs: 60_000 } };
daemonFrames["answers-partitions"] = {
  kind: "answers",
  answers: [
    {
      id: 1,
      ...at9,
      result: {
        status: "list",
        items: [
          { partition, started: false, since: at, ...settings },
          { partition: "plain", started: true, since: at },
        ],
        next: null,
      },
    },
  ],
};
clientFrames["requests-partitions"] = {
  kind: "requests",
  requests: [
    { id: 1, partition, command: "partition.update", args: { limits: { runs: 0, pauses: null } } },
    { id: 2, partition, command: "partition.drop", args: {}, seq: 9 },
  ],
};
daemonFrames["events-none"] = { kind: "events", watch: 30, events: [], through: 9 };
daemonFrames["watch-ended"] = {
  kind: "watchEnded",
  watch: 30,
  error: errorObject("compacted", "list", { revision: 9 }),
};
daemonFrames["answers-watch"] = {
  kind: "answers",
  answers: [{ id: 30, ...at9, result: { status: "watching", revision: 9 } }],
};
clientFrames["requests-watch"] = {
  kind: "requests",
  requests: [
    {
      id: 30,
      partition,
      command: "watch",
      args: { types: ["job", "queueKey.taken"], prefix: "k", from: { revision: 9, n: 1 } },
    },
    { id: 31, command: "unwatch", args: { watch: 30 } },
  ],
};
const run = { jobId: "j", session: 17, token: 91, queue: "mail", since: at } as const;
daemonFrames["answers-sync"] = {
  kind: "answers",
  answers: [
    {
      id: 1,
      ...at9,
      result: {
        status: "synced",
        session: by,
        endings: [
          { seq: 5, ticket: 31, ending: { kind: "granted", token } },
          { seq: 6, ticket: 32, ending: { kind: "taken_over" } },
        ],
        waits: [{ partition, key: "k", owner: "j2", seq: 8, ticket: 33, to: "hold" }],
        holds: [{ partition, key: "l", owner: "j3", token: 89 }],
        runs: [
          {
            ...run,
            partition,
            mark: { jobId: "j", by: "ops", reason: "", at, state: "delivered" },
            pause: { ...pause, mode: "stop" },
          },
        ],
        next: "s1.runs.91",
      },
    },
  ],
};
clientFrames["requests-sync"] = {
  kind: "requests",
  requests: [
    { id: 1, command: "session.sync", args: {} },
    { id: 2, command: "session.sync", args: { cursor: "s1.runs.91" } },
  ],
};

clientFrames["requests-keepalive"] = {
  kind: "requests",
  requests: [
    { id: 1, command: "session.keepalive", args: {} },
    { id: 2, command: "session.keepalive", args: { session: 17, openId: "0".repeat(32) } },
  ],
};
daemonFrames["answers-keepalive"] = {
  kind: "answers",
  answers: [{ id: 2, ...at9, result: { status: "kept", session: by, leaseMs: 30_000 } }],
};

const codes = [
  "unavailable",
  "indeterminate",
  "session_expired",
  "unauthenticated",
  "deadline_exceeded",
] as const;
daemonFrames["answers-errors"] = {
  kind: "answers",
  answers: codes.map((code, id) => ({ id, error: errorObject(code, code) })),
};

/** First line the JSON message, then the MessagePack message in hexadecimal, 32 bytes a line. */
function golden(
  name: string,
  frame: ClientFrame | DaemonFrame,
): { json: string; msgpack: Uint8Array } {
  const path = new URL(`fixtures/${name}.txt`, import.meta.url);
  if (process.env["REWRITE_GOLDEN"] === "1") {
    const hex = Buffer.from(encodeFrame(subprotocols.msgpack, frame)).toString("hex");
    const lines = hex.match(/.{1,64}/g) ?? [];
    writeFileSync(path, `${String(encodeFrame(subprotocols.json, frame))}\n${lines.join("\n")}\n`);
  }
  const [json = "", ...hex] = readFileSync(path, "utf8").trimEnd().split("\n");
  return { json, msgpack: Uint8Array.from(Buffer.from(hex.join(""), "hex")) };
}

describe.each(Object.entries(clientFrames))("client frame %s", (name, frame) => {
  test("is encoded to the bytes of format 1, and read from them", () => {
    const { json, msgpack } = golden(name, frame);

    expect(encodeFrame(subprotocols.json, frame)).toBe(json);
    expect(Uint8Array.from(Buffer.from(encodeFrame(subprotocols.msgpack, frame)))).toEqual(msgpack);
    expect(decodeClientFrame(subprotocols.json, json)).toEqual({
      kind: "frame",
      frame,
      rejected: [],
    });
    expect(decodeClientFrame(subprotocols.msgpack, msgpack)).toEqual({
      kind: "frame",
      frame,
      rejected: [],
    });
  });
});

describe.each(Object.entries(daemonFrames))("daemon frame %s", (name, frame) => {
  test("is encoded to the bytes of format 1, and read from them", () => {
    const { json, msgpack } = golden(name, frame);

    expect(encodeFrame(subprotocols.json, frame)).toBe(json);
    expect(Uint8Array.from(Buffer.from(encodeFrame(subprotocols.msgpack, frame)))).toEqual(msgpack);
    expect(decodeDaemonFrame(subprotocols.json, json)).toEqual({ kind: "frame", frame });
    expect(decodeDaemonFrame(subprotocols.msgpack, msgpack)).toEqual({ kind: "frame", frame });
  });
});
