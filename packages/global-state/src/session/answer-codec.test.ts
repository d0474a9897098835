import { describe, expect, test } from "vitest";
import { acme } from "../../test/world.ts";
import { fencingToken, jobId, sessionId } from "../ids.ts";
import type { FinishResult, Outcome, Refusal, Result, StartResult } from "../result.ts";
import { Reader } from "../snapshot/reader.ts";
import { Writer } from "../snapshot/writer.ts";
import { readAnswer, writeAnswer } from "./answer-codec.ts";
import { answerSize, answerSizeMax } from "./answer-size.ts";

const at = { revision: Number.MAX_SAFE_INTEGER, n: 4_000 };
const result = (body: Result): Outcome => ({ kind: "result", ...at, result: body });
const refusal = (body: Refusal): Outcome => ({ kind: "refusal", ...at, refusal: body });

function bytesOf(outcome: Outcome): Uint8Array {
  const writer = new Writer();
  writer.reset(0);
  writeAnswer(outcome, writer);
  return writer.take();
}

const jobs = [
  { jobId: "job/😀", outcome: "marked" },
  { jobId: "job/2", outcome: "already_marked" },
  { jobId: "job/3", outcome: "marked", running: true },
  { jobId: "job/4", outcome: "marked", waiting: true },
  { jobId: "job/5", outcome: "already_marked", running: true, waiting: true },
] as const;

const busy = { status: "busy", holders: 1_000, waiters: 10_000, retryAfterMs: 600_000 } as const;
const large = Number.MAX_SAFE_INTEGER;
const starts: readonly StartResult[] = [
  { status: "started", token: fencingToken(large) },
  busy,
  { status: "waiting", ticket: large, position: 10_000 },
  { status: "cancelled" },
  { status: "paused", queues: ["é".repeat(256)] },
  { status: "already_running", by: sessionId(large) },
  { status: "already_waiting", by: sessionId(large), ticket: large },
  { status: "already_finished", outcome: "dead" },
];
const finishes: readonly FinishResult[] = [
  { status: "finished", cancel: "none" },
  { status: "finished", cancel: "too_late", remembered: false },
  { status: "finished", cancel: "acknowledged", remembered: true },
  { status: "not_running" },
];
const full = { code: "quota_exceeded", limit: "executionKeys", current: large } as const;

const owned = {
  owner: "é".repeat(256),
  since: Number.MAX_SAFE_INTEGER,
  expiresAt: Number.MAX_SAFE_INTEGER,
} as const;

const kept: readonly Outcome[] = [
  result({ status: "ok" }),
  result({ status: "member", before: true }),
  result({ status: "member", before: false }),
  result({ status: "changed", changed: true }),
  result({ status: "changed", changed: false }),
  result({ status: "opened", session: sessionId(Number.MAX_SAFE_INTEGER), ttlMs: 600_000 }),
  result({ status: "marked", jobs }),
  result({ status: "marked", jobs: [] }),
  result({ status: "claimed", expiresAt: null }),
  result({ status: "claimed", expiresAt: Number.MAX_SAFE_INTEGER }),
  result({ status: "duplicate", ...owned }),
  result({ status: "duplicate", owner: null, since: 1 }),
  result({ status: "replaced", previous: owned, expiresAt: Number.MAX_SAFE_INTEGER }),
  result({ status: "replaced", previous: { owner: null, since: 1 }, expiresAt: null }),
  result({ status: "done" }),
  result({
    status: "cleared",
    jobs: [
      { jobId: "job/😀", outcome: "cleared" },
      { jobId: "job/2", outcome: "not_marked" },
    ],
  }),
  result({ status: "rule_added", rule: `${Number.MAX_SAFE_INTEGER}.4096` }),
  result({ status: "not_owner", claim: { ...owned, expiresAt: null } }),
  result({ status: "not_owner", claim: null }),
  result({ status: "held", token: fencingToken(large) }),
  result({ status: "released" }),
  result({ status: "withdrawn" }),
  result({ status: "not_held", reason: "not_holder" }),
  result({ status: "not_held", reason: "other_token" }),
  result({ status: "not_held", reason: "run" }),
  ...starts.map(result),
  ...finishes.map(result),
  ...[...starts, full].map((start) =>
    result({ status: "both", finish: { status: "finished", cancel: "none" }, start }),
  ),
  result({ status: "both", finish: { status: "not_running" }, start: { status: "cancelled" } }),
  refusal({ code: "not_started", partition: "é".repeat(256) }),
  refusal({ code: "quota_exceeded", limit: "queueKeys", current: 1_000_000 }),
  refusal({ code: "invalid_argument", path: "args.key", reason: "not a key" }),
];

describe("an answer that is kept", () => {
  test.each(kept)("comes back to the last field: %j", (outcome) => {
    const reader = new Reader(bytesOf(outcome));

    expect(readAnswer(reader)).toEqual(outcome);
    expect(reader.isAtEnd).toBe(true);
  });

  test.each(kept)("counts for no less than its bytes: %j", (outcome) => {
    expect(answerSize(outcome)).toBeGreaterThanOrEqual(bytesOf(outcome).length);
  });

  test("counts for no more than was foreseen before the call was executed", () => {
    const jobIds = jobs.map((job) => jobId(job.jobId));
    const args = { jobIds, by: "", reason: "", ttlMs: undefined };
    const bound = answerSizeMax({ name: "cancel.mark", partition: acme, args });

    for (const outcome of kept) expect(answerSize(outcome)).toBeLessThanOrEqual(bound);
  });

  test("is none of those that decided nothing, and none to a question", () => {
    const never: readonly Outcome[] = [
      refusal({ code: "overloaded" }),
      refusal({ code: "session_expired", session: sessionId(1) }),
      result({ status: "checked", mark: null }),
      result({ status: "list", items: [], next: null }),
    ];
    for (const outcome of never) expect(() => bytesOf(outcome)).toThrow("is not kept");
  });
});
