// What is right is in golden.test.ts; here what is wrong, and where.
import { expect, test } from "vitest";
import { Mismatch } from "./plain-value.ts";
import { checkResult } from "./result-check.ts";

const finished = { status: "finished", cancel: "none" };
const run = { jobId: "j", session: 1, token: 2, queue: "mail", since: 3 };
const waiter = { owner: "j", session: 1, ticket: 2, toStart: true };
const wait = { ...waiter, key: "k", limit: 1, holders: [], ahead: 0, before: [] };
const why = { status: "why_job", jobId: "j", because: "waiting", waits: [] };
const list = (item: object): object => ({ status: "list", items: [item], next: null });

test.each([
  [{ status: "begun" }, "result.status"],
  [{ status: "started", token: 0 }, "result.token"],
  [{ status: "busy", holders: 1, waiters: -1, retryAfterMs: 1 }, "result.waiters"],
  [{ status: "waiting", ticket: 1 }, "result.position"],
  [{ status: "paused", queues: ["a", 7] }, "result.queues[1].queue"],
  [{ status: "already_running", by: 0 }, "result.by"],
  [{ status: "already_waiting", by: 1 }, "result.ticket"],
  [{ status: "already_finished", outcome: "retry" }, "result.outcome"],
  [{ status: "finished", cancel: "no" }, "result.cancel"],
  [{ ...finished, remembered: 1 }, "result.remembered"],
  [{ status: "not_held", reason: "because" }, "result.reason"],
  [{ status: "both", finish: finished }, "result.start"],
  [{ status: "both", start: finished }, "result.finish"],
  [{ status: "both", finish: { status: "started", token: 1 }, start: finished }, "result.status"],
  [{ status: "both", finish: finished, start: finished }, "result.status"],
  [{ status: "both", finish: finished, start: { code: "forbidden" } }, "result.start.code"],
  [
    { status: "both", finish: finished, start: { code: "quota_exceeded", limit: "runs" } },
    "result.start.current",
  ],
  [list({ ...run, session: "1" }), "result.items[0].session"],
  [list({ ...run, executionKey: 7 }), "result.items[0].executionKey"],
  [list({ ...run, tags: [7] }), "result.items[0].tags[0].tag"],
  [list({ jobId: "j", outcome: "retry", at: 1, rememberedUntil: 2 }), "result.items[0].outcome"],
  [list({ jobId: "j", outcome: "dead", at: 1 }), "result.items[0].rememberedUntil"],
  [{ status: "got", item: { ...run, since: "now" } }, "result.item.since"],
  [{ status: "why_job", jobId: "j", because: "of me" }, "result.because"],
  [{ ...why, run: { ...run, token: null } }, "result.run.token"],
  [{ ...why, run: 7 }, "result.run"],
  [{ ...why, waits: [{ ...waiter, ticket: "1" }] }, "result.waits[0].ticket"],
  [{ ...why, waits: [{ ...wait, ahead: -1 }] }, "result.waits[0].ahead"],
  [{ ...why, waits: [{ ...wait, before: [waiter, 7] }] }, "result.waits[0].before[1].waiter"],
  [{ ...why, waits: [{ ...wait, endsInMs: "soon" }] }, "result.waits[0].endsInMs"],
  [{ ...why, pause: { selector: 7 } }, "result.pause.selector"],
  [{ status: "why_key", key: 7 }, "result.key"],
  [{ status: "why_key", key: "k", delayedForMs: -1 }, "result.delayedForMs"],
  [{ status: "why_key", key: "k", line: [7] }, "result.line[0].waiter"],
  [{ status: "why_key", key: "k", line: [], queueKey: { key: 7 } }, "result.queueKey.key"],
])("%j is wrong at %s", (value, path) => {
  const checked = checkResult(value);

  expect(checked).toBeInstanceOf(Mismatch);
  expect(checked).toMatchObject({ path });
});

test("null is the same as left out", () => {
  expect(checkResult({ ...finished, remembered: null })).toEqual(finished);
  const none = { run: null, mark: null, rule: null, pause: null, finished: null };
  expect(checkResult(why)).toEqual({ ...why, ...none });
  expect(checkResult(list({ ...run, tags: null, queueKey: null }))).toEqual(list(run));
});
