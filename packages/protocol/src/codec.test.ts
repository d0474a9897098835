import { fencingToken, sessionId } from "@rogerd/global-state";
import * as fc from "fast-check";
import { Packr } from "msgpackr";
import { describe, expect, test } from "vitest";
import { decodeClientFrame, decodeDaemonFrame, encodeFrame } from "./codec.ts";
import { errorCodes, errorObject, isErrorCode } from "./error-code.ts";
import type { Answer, ClientFrame, DaemonFrame } from "./frame.ts";
import type { Subprotocol } from "./handshake.ts";
import { frameBytesMax, requestBytesMax, requestsPerFrameMax, subprotocols } from "./limits.ts";

const both = [subprotocols.msgpack, subprotocols.json] as const;

/** Strings as they may be on the wire: any Unicode, no lone surrogates. */
const text = fc.string({ unit: "binary", maxLength: 40 });
const count = fc.nat({ max: Number.MAX_SAFE_INTEGER });
const argument: fc.Arbitrary<unknown> = fc
  .letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      text,
      fc.integer(),
      count,
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie("value"), { maxLength: 4 }),
      fc.dictionary(
        text.filter((key) => key !== "__proto__"),
        tie("value"),
        { maxKeys: 4, noNullPrototype: true },
      ),
    ),
  }))
  .value.filter((value) => !Object.is(value, -0));

const request = fc.record(
  {
    id: count,
    command: text,
    args: fc.dictionary(
      text.filter((key) => key !== "__proto__"),
      argument,
      { maxKeys: 4, noNullPrototype: true },
    ),
    partition: text,
    seq: count.filter((seq) => seq > 0),
    requestId: text,
  },
  { requiredKeys: ["id", "command", "args"] },
);

const clientFrame: fc.Arbitrary<ClientFrame> = fc.oneof(
  fc.record(
    {
      kind: fc.constant("hello" as const),
      protocol: count,
      client: text,
      clusterId: text,
      credential: text,
    },
    { requiredKeys: ["kind", "protocol", "client"] },
  ),
  fc.record(
    {
      kind: fc.constant("requests" as const),
      requests: fc.array(request, { maxLength: 6 }),
      floor: count,
    },
    { requiredKeys: ["kind", "requests"] },
  ),
  fc.record({ kind: fc.constant("ping" as const), id: count }),
);

const leader = fc.option(fc.record({ name: text, clientUrl: text }), { nil: null });
const errorValue = fc
  .tuple(
    fc.constantFrom(...Object.keys(errorCodes).filter(isErrorCode)),
    text,
    fc.record(
      { leader, retryAfterMs: count, path: text, limit: text, current: count, partition: text },
      { requiredKeys: [] },
    ),
  )
  .map(([code, message, details]) => errorObject(code, message, details));
const owner = fc.option(text, { nil: null });
const mark = fc.record({
  jobId: text,
  by: text,
  reason: text,
  at: count,
  state: fc.constantFrom(
    "pending" as const,
    "delivered" as const,
    "acknowledged" as const,
    "consumed" as const,
    "too_late" as const,
  ),
});
const end = fc.option(count, { nil: null });
const ownerless = fc.record({ owner: fc.constant(null), since: count });
const owned = fc.record({ owner: text, since: count, expiresAt: end });
const standing = fc.oneof(ownerless, owned);
const item = fc.oneof(
  mark,
  fc.record({ key: text, owner: fc.constant(null), since: count }),
  fc.record({ key: text, owner: text, since: count, expiresAt: end, provisional: fc.boolean() }),
  fc.record(
    {
      key: text,
      limit: count,
      holders: fc.array(
        fc.record(
          { owner, session: count, token: count, since: count },
          { requiredKeys: ["owner", "token", "since"] },
        ),
        { maxLength: 3 },
      ),
      waiters: count,
    },
    { requiredKeys: ["key", "limit", "holders"] },
  ),
  fc.record(
    {
      selector: text,
      by: text,
      reason: text,
      since: count,
      mode: fc.constant("stop" as const),
      until: count,
    },
    { requiredKeys: ["selector", "by", "reason", "since"] },
  ),
  fc.record({
    rule: text,
    queue: owner,
    jobIdPrefix: owner,
    tag: owner,
    enqueuedBefore: end,
    by: text,
    reason: text,
    at: count,
    expiresAt: count,
    hits: count,
  }),
  fc.record({ partition: text, started: fc.boolean(), since: count }),
);
const result = fc.oneof(
  fc.record({
    status: fc.constant("held" as const),
    token: count.filter((drawn) => drawn > 0).map(fencingToken),
  }),
  fc.record({
    status: fc.constant("busy" as const),
    holders: count,
    waiters: count,
    retryAfterMs: count,
  }),
  fc.record({ status: fc.constant("waiting" as const), ticket: count, position: count }),
  fc.constantFrom(
    { status: "cancelled" as const },
    { status: "released" as const },
    { status: "withdrawn" as const },
    { status: "not_held" as const, reason: "not_holder" as const },
    { status: "not_held" as const, reason: "other_token" as const },
  ),
  fc.constant({ status: "ok" as const }),
  fc.record({ status: fc.constant("member" as const), before: fc.boolean() }),
  fc.record({ status: fc.constant("changed" as const), changed: fc.boolean() }),
  fc.record({ status: fc.constant("paused" as const), queues: fc.array(text, { maxLength: 4 }) }),
  fc.record({
    status: fc.constant("opened" as const),
    session: count.filter((id) => id > 0).map(sessionId),
    ttlMs: count,
  }),
  fc.record({
    status: fc.constant("marked" as const),
    jobs: fc.array(
      fc.record({
        jobId: text,
        outcome: fc.constantFrom("marked" as const, "already_marked" as const),
      }),
      { maxLength: 4 },
    ),
  }),
  fc.record({ status: fc.constant("rule_added" as const), rule: text }),
  fc.record({
    status: fc.constant("cleared" as const),
    jobs: fc.array(
      fc.record({
        jobId: text,
        outcome: fc.constantFrom("cleared" as const, "not_marked" as const),
      }),
      { maxLength: 4 },
    ),
  }),
  fc.record({ status: fc.constant("claimed" as const), expiresAt: end }),
  standing.map((of) => ({ status: "duplicate" as const, ...of })),
  fc.record({ status: fc.constant("replaced" as const), previous: standing, expiresAt: end }),
  fc.constant({ status: "done" as const }),
  fc.record({
    status: fc.constant("not_owner" as const),
    claim: fc.option(standing, { nil: null }),
  }),
  fc.record({ status: fc.constant("checked" as const), mark: fc.option(mark, { nil: null }) }),
  fc.record({
    status: fc.constant("list" as const),
    items: fc.array(item, { maxLength: 4 }),
    next: fc.option(text, { nil: null }),
  }),
);
const answer: fc.Arbitrary<Answer> = fc.oneof(
  fc.record({ id: count, revision: count, n: count, result }),
  fc.record({ id: count, error: errorValue }),
);

const daemonFrame: fc.Arbitrary<DaemonFrame> = fc.oneof(
  fc.record({
    kind: fc.constant("welcome" as const),
    protocol: count,
    clusterId: text,
    node: text,
    leader,
    limits: fc.record({ frameBytesMax: count, callsInFlightMax: count }),
  }),
  fc.record({ kind: fc.constant("answers" as const), answers: fc.array(answer, { maxLength: 6 }) }),
  fc.record({ kind: fc.constant("leader" as const), leader }),
  fc.record({ kind: fc.constant("goodbye" as const), reason: text }),
  fc.record({ kind: fc.constant("error" as const), error: errorValue }),
  fc.record({ kind: fc.constant("pong" as const), id: count }),
);

/** Any value as a message, whether it is a frame or not. */
function message(subprotocol: Subprotocol, value: unknown): Uint8Array | string {
  if (subprotocol === subprotocols.json) return JSON.stringify(value);
  return new Packr({ useRecords: false }).pack(value);
}

describe.each(both)("%s", (subprotocol) => {
  test("every client frame arrives as it was sent", () => {
    fc.assert(
      fc.property(clientFrame, (frame) => {
        const decoded = decodeClientFrame(subprotocol, encodeFrame(subprotocol, frame));

        expect(decoded).toEqual({ kind: "frame", frame, rejected: [] });
      }),
      { numRuns: 300 },
    );
  });

  test("every daemon frame arrives as it was sent", () => {
    fc.assert(
      fc.property(daemonFrame, (frame) => {
        const decoded = decodeDaemonFrame(subprotocol, encodeFrame(subprotocol, frame));

        expect(decoded).toEqual({ kind: "frame", frame });
      }),
      { numRuns: 300 },
    );
  });

  test("random bytes are a problem, never an exception", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        for (const decode of [decodeClientFrame, decodeDaemonFrame]) {
          expect(decode(subprotocol, bytes).kind).toBe("problem");
        }
      }),
      { numRuns: 2_000 },
    );
  });

  test("a frame with one damaged byte is a frame or a problem, never an exception", () => {
    fc.assert(
      fc.property(
        clientFrame,
        daemonFrame,
        fc.nat(),
        fc.nat({ max: 255 }),
        (asked, told, at, byte) => {
          for (const [frame, decode] of [
            [asked, decodeClientFrame],
            [told, decodeDaemonFrame],
          ] as const) {
            const encoded = encodeFrame(subprotocol, frame);
            const bytes = Uint8Array.from(
              typeof encoded === "string" ? new TextEncoder().encode(encoded) : encoded,
            );
            bytes[at % bytes.length] = byte;

            expect(["frame", "problem"]).toContain(decode(subprotocol, bytes).kind);
          }
        },
      ),
      { numRuns: 1_000 },
    );
  });

  test("a frame cut short is a problem", () => {
    fc.assert(
      fc.property(clientFrame, fc.nat(), (frame, at) => {
        const encoded = encodeFrame(subprotocol, frame);
        const cut = encoded.slice(0, at % encoded.length);

        expect(decodeClientFrame(subprotocol, cut).kind).toBe("problem");
      }),
      { numRuns: 300 },
    );
  });

  test("a malformed request is rejected by its id and does not spoil its neighbours", () => {
    const good = { id: 1, command: "roger.queuePause", args: { queue: "mail" } };
    const requests = [
      good,
      { id: 2, command: 7, args: {} },
      { id: 3, command: "list", args: [] },
      { ...good, id: 4, seq: 0 },
    ];
    const frame = { kind: "requests", requests };

    const decoded = decodeClientFrame(subprotocol, message(subprotocol, frame));

    expect(decoded).toEqual({
      kind: "frame",
      frame: { kind: "requests", requests: [good] },
      rejected: [
        {
          id: 2,
          error: errorObject("invalid_argument", "command must be a short text", {
            path: "command",
          }),
        },
        { id: 3, error: errorObject("invalid_argument", "args must be a map", { path: "args" }) },
        {
          id: 4,
          error: errorObject("invalid_argument", "seq must be a whole number from 1", {
            path: "seq",
          }),
        },
      ],
    });
  });

  test("a request without an id spoils the frame: nobody could be answered", () => {
    const frame = { kind: "requests", requests: [{ command: "list", args: {} }] };

    const decoded = decodeClientFrame(subprotocol, message(subprotocol, frame));

    expect(decoded).toMatchObject({
      kind: "problem",
      problem: { closeCode: 4400, error: { code: "invalid_argument", path: "requests[0].id" } },
    });
  });

  test("more requests than a frame may carry are a problem", () => {
    const requests = Array.from({ length: requestsPerFrameMax + 1 }, (_, id) => ({
      id,
      command: "x",
      args: {},
    }));

    const decoded = decodeClientFrame(
      subprotocol,
      message(subprotocol, { kind: "requests", requests }),
    );

    expect(decoded.kind).toBe("problem");
  });

  test("a request above its limit is rejected, in a frame within its own", () => {
    const small = { id: 1, command: "x", args: {} };
    const huge = { id: 2, command: "x", args: { text: "a".repeat(requestBytesMax) } };

    const decoded = decodeClientFrame(
      subprotocol,
      message(subprotocol, { kind: "requests", requests: [small, huge] }),
    );

    expect(decoded).toMatchObject({
      kind: "frame",
      frame: { requests: [small] },
      rejected: [{ id: 2, error: { code: "payload_too_large" } }],
    });
  });

  test("arguments nested deeper than any frame of ours are refused", () => {
    let args: object = {};
    for (let depth = 0; depth < 40; depth += 1) args = { args };
    const frame = { kind: "requests", requests: [{ id: 1, command: "x", args }] };

    const decoded = decodeClientFrame(subprotocol, message(subprotocol, frame));

    const refusal =
      decoded.kind === "frame" ? decoded.rejected[0]?.error.message : decoded.problem.error.message;
    expect(refusal).toMatch(/nested too deeply/);
  });

  test("half a million brackets are refused before anything is parsed", () => {
    const args = "[".repeat(500_000) + "]".repeat(500_000);
    const frame = `{"kind":"requests","requests":[{"id":1,"command":"x","args":{"a":${args}}}]}`;
    const bytes = Uint8Array.from({ length: 500_000 }, () => 0x91);

    const decoded = decodeClientFrame(
      subprotocol,
      subprotocol === subprotocols.json ? frame : bytes,
    );

    expect(decoded).toMatchObject({
      kind: "problem",
      problem: { closeCode: 4400, error: { code: "invalid_argument", path: "frame" } },
    });
  });

  test("a frame full of the largest requests passes; one full of empty maps does not", () => {
    const finish = { jobId: "a", outcome: "dead", keepQueueKey: true, rememberMs: 1_000 };
    const keys = { queueKey: "q", uniqueUntil: "start", executionKey: "k", onBusy: "wait" };
    const others = { waitTimeoutMs: 1_000, takeover: true, tags: ["t"], enqueuedAt: 1 };
    const requests = Array.from({ length: requestsPerFrameMax }, (_, id) => ({
      id,
      partition: "acme",
      command: "job.finishAndStart",
      args: { finish, start: { jobId: "b", queue: "m", ...keys, ...others } },
      seq: id + 1,
      requestId: "r",
    }));
    const full = message(subprotocol, { kind: "requests", requests, floor: 1 });
    const args = { a: Array.from({ length: 100_000 }, () => ({})) };
    const hollow = message(subprotocol, {
      kind: "requests",
      requests: [{ id: 1, command: "x", args }],
    });

    expect(decodeClientFrame(subprotocol, full)).toMatchObject({ kind: "frame", rejected: [] });
    expect(decodeClientFrame(subprotocol, hollow)).toMatchObject({
      kind: "problem",
      problem: { closeCode: 4400, error: { code: "invalid_argument" } },
    });
  });

  test("null stands for a field that is left out", () => {
    const frame = {
      kind: "requests",
      floor: null,
      requests: [{ id: 1, partition: null, command: "x", args: {}, seq: null, requestId: null }],
    };

    const decoded = decodeClientFrame(subprotocol, message(subprotocol, frame));

    expect(decoded).toEqual({
      kind: "frame",
      frame: { kind: "requests", requests: [{ id: 1, command: "x", args: {} }] },
      rejected: [],
    });
  });

  test("what a newer daemon adds to a frame is left out", () => {
    const frame = { kind: "pong", id: 3, load: 0.5 };

    expect(decodeDaemonFrame(subprotocol, message(subprotocol, frame))).toEqual({
      kind: "frame",
      frame: { kind: "pong", id: 3 },
    });
  });

  test("a result of an unknown form is a problem that names the place", () => {
    const result = { status: "list", items: [{ key: "k", owner: 7, since: 0 }], next: null };
    const frame = { kind: "answers", answers: [{ id: 1, revision: 1, n: 0, result }] };

    const decoded = decodeDaemonFrame(subprotocol, message(subprotocol, frame));

    expect(decoded).toMatchObject({
      kind: "problem",
      problem: { error: { path: "answers[0].result.items[0].owner" } },
    });
  });

  test("whether an error may be repeated follows from its code, whatever the wire says", () => {
    const error = { code: "not_started", message: "no", retryable: true };
    const frame = { kind: "error", error };

    const decoded = decodeDaemonFrame(subprotocol, message(subprotocol, frame));

    expect(decoded).toMatchObject({ frame: { error: { retryable: false } } });
  });
});

test("a frame above the limit is refused before it is looked at", () => {
  const decoded = decodeClientFrame(subprotocols.json, " ".repeat(frameBytesMax + 1));

  expect(decoded).toMatchObject({ problem: { error: { code: "payload_too_large" } } });
});

test("JSON comes as text or as its bytes; MessagePack never as text", () => {
  const ping = { kind: "ping", id: 1 } as const;
  const json = JSON.stringify(ping);

  expect(decodeClientFrame(subprotocols.json, json)).toMatchObject({ frame: ping });
  expect(decodeClientFrame(subprotocols.json, new TextEncoder().encode(json))).toMatchObject({
    frame: ping,
  });
  expect(decodeClientFrame(subprotocols.msgpack, json).kind).toBe("problem");
});

test("a key __proto__ is refused in both subprotocols", () => {
  const json = `{"kind":"requests","requests":[{"id":1,"command":"x","args":{"__proto__":{"a":1}}}]}`;
  const plain = message(subprotocols.msgpack, {
    kind: "requests",
    requests: [{ id: 1, command: "x", args: { __other__: {} } }],
  });
  const msgpack = Buffer.from(
    Buffer.from(plain).toString("latin1").replace("__other__", "__proto__"),
    "latin1",
  );

  expect(decodeClientFrame(subprotocols.json, json)).toMatchObject({ rejected: [{ id: 1 }] });
  expect(decodeClientFrame(subprotocols.msgpack, msgpack).kind).toBe("problem");
});
