import type { WatchedEvent } from "@rogerd/protocol";
import { expect, test } from "vitest";
import { changeSentence } from "./change-sentence.ts";

const since = Date.UTC(2026, 10, 24, 3, 0, 0);
const until = since + 3_600_000;
const by = "ada@tower";
const mark = { jobId: "mail-1", by, reason: "wrong address", at: since };
const rule = {
  rule: "r-1",
  queue: "mail",
  jobIdPrefix: "mail-",
  tag: null,
  enqueuedBefore: null,
  by,
  reason: "",
  at: since,
  expiresAt: until,
  hits: 2,
};
const held = { key: "user/1", holders: [{ owner: "job-1", session: 12, token: 5, since }] };
const run = { jobId: "job-1", session: 12, token: 5, queue: "mail", since, executionKey: "user/1" };
const pause = { selector: "mail", by, reason: "provider down", since, until, mode: "stop" };

type Told = Pick<WatchedEvent, "type" | "name"> & Partial<WatchedEvent>;
const is = (type: string, name: string, item: object): Told => ({ type, name, item: { ...item } });
const gone = (type: string, name: string, was: object): Told => ({
  type,
  name,
  item: null,
  was: { ...was },
});

/** What an operator reads, by what happened. */
const told: readonly (readonly [Told, string])[] = [
  [is("partition.started", "acme", {}), "partition acme was started"],
  [is("partition.stopped", "acme", {}), "partition acme was stopped"],
  [
    is("partition.updated", "acme", { limits: { runs: 5 }, defaults: { markTtlMs: 60_000 } }),
    "limits of partition acme: runs=5 markTtlMs=60000",
  ],
  [is("partition.updated", "acme", {}), "limits of partition acme: those of the cluster"],
  [gone("partition.dropped", "acme", {}), "partition acme was dropped, and all in it goes"],
  [
    is("session.opened", "12", { session: 12, client: "mailer", ttlMs: 30_000 }),
    "session 12 (mailer) was opened, its lease lasts 30.0 s",
  ],
  [
    gone("session.ended", "12", { session: 12, client: "mailer", ttlMs: 30_000 }),
    "session 12 (mailer) has ended, and what it held is free",
  ],
  [
    is("cancel.marked", "mail-1", { ...mark, state: "pending" }),
    "job mail-1 was cancelled by ada@tower: wrong address; it neither runs nor waits, and will not start",
  ],
  [
    is("cancel.changed", "mail-1", { ...mark, state: "acknowledged" }),
    "job mail-1 was cancelled by ada@tower: wrong address; it has stopped for it",
  ],
  [
    gone("cancel.cleared", "mail-1", { ...mark, state: "pending" }),
    "job mail-1 is cancelled no more: its mark is gone",
  ],
  [
    is("cancel.ruleAdded", "r-1", rule),
    "rule r-1 cancels jobs of queue mail whose ids begin with mail- by ada@tower until 2026-11-24T04:00:00Z",
  ],
  [is("cancel.ruleChanged", "r-1", rule), "rule r-1 has cancelled 2 jobs so far"],
  [gone("cancel.ruleRemoved", "r-1", rule), "rule r-1 cancels no more jobs"],
  [
    is("queueKey.taken", "order/1", { key: "order/1", owner: null, since }),
    "queue key order/1 is taken, without an owner (Roger's form)",
  ],
  [
    is("queueKey.changed", "order/1", { owner: "job-2", expiresAt: null }),
    "queue key order/1 is taken by job job-2 from now on",
  ],
  [
    gone("queueKey.freed", "order/1", { owner: "job-2", expiresAt: null }),
    "queue key order/1 is free; it was taken by job job-2",
  ],
  [
    is("executionKey.taken", "user/1", held),
    "execution key user/1 is held by job job-1 on session 12 with token 5",
  ],
  [
    is("executionKey.changed", "user/1", { holders: [...held.holders, { owner: null, token: 6 }] }),
    "execution key user/1 is held by job job-1 on session 12 with token 5, and by somebody without a name (Roger's form) with token 6 from now on",
  ],
  [
    is("executionKey.changed", "user/1", {
      holders: held.holders,
      held: 20,
      came: [{ owner: "job-2", session: 13, token: 9 }],
      went: [{ owner: "job-3", token: 6 }],
    }),
    "execution key user/1 is held by job job-2 on session 13 with token 9 from now on, and no more by job job-3 with token 6; 20 hold it now",
  ],
  [
    is("executionKey.changed", "user/1", { ...held, held: 1, came: [], went: held.holders }),
    "execution key user/1 is held no more by job job-1 on session 12 with token 5; 1 hold it now",
  ],
  [
    gone("executionKey.freed", "user/1", held),
    "execution key user/1 is free; it was held by job job-1 on session 12 with token 5",
  ],
  [
    gone("executionKey.freed", "user/1", { ...held, held: 500 }),
    "execution key user/1 is free; it was held by job job-1 on session 12 with token 5, and by 499 others",
  ],
  [
    is("executionKey.waiting", "user/1", { owner: "job-2", session: 13, ticket: 7 }),
    "job job-2 on session 13 waits for execution key user/1, with ticket 7",
  ],
  [
    gone("executionKey.waitEnded", "user/1", { owner: "job-2", session: 13, ticket: 7 }),
    "job job-2 on session 13 waits for execution key user/1 no more",
  ],
  [
    is("executionKey.rulesChanged", "*", { rules: [{ prefix: "user/", limit: 3 }] }),
    "limits of execution keys: 3 for user/*",
  ],
  [
    is("job.started", "job-1", run),
    "job job-1 runs in queue mail on session 12 with token 5, holding execution key user/1",
  ],
  [
    gone("job.finished", "job-1", run),
    "job job-1 has ended; it ran in queue mail on session 12 with token 5, holding execution key user/1",
  ],
  [
    gone("job.fenced", "job-1", run),
    "job job-1 was taken from its worker, and what that still does is too late; it ran in queue mail on session 12 with token 5, holding execution key user/1",
  ],
  [
    is("job.remembered", "job-1", { outcome: "completed", rememberedUntil: until }),
    "job job-1 is completed, and does not start again until 2026-11-24T04:00:00Z",
  ],
  [
    gone("job.forgotten", "job-1", { outcome: "completed", rememberedUntil: until }),
    "job job-1, which was completed, may start again",
  ],
  [
    is("queue.paused", "mail", pause),
    "queue mail is paused by ada@tower: provider down; until 2026-11-24T04:00:00Z; what runs is told to stop",
  ],
  [
    is("queue.changed", "*", { selector: "*", by, reason: "" }),
    "every queue is paused by ada@tower from now on",
  ],
  [
    gone("queue.resumed", "mail", pause),
    "queue mail goes on; it was paused by ada@tower: provider down",
  ],
  [is("queue.drained", "mail", {}), "queue.drained mail"],
];

function aChange(parts: Told): WatchedEvent {
  return {
    revision: 1,
    n: 0,
    partition: "acme",
    item: null,
    was: null,
    cause: "job.start",
    by: null,
    at: since,
    logTimeMs: 0,
    ...parts,
  };
}

test.each(told.map(([change, sentence]) => [change.type, change, sentence] as const))(
  "%s is told in a sentence",
  (_type, change, sentence) => {
    expect(changeSentence(aChange(change))).toBe(`${sentence} (job.start)`);
  },
);

test.each([
  { cause: "time", by: null, why: "its time was over" },
  { cause: "force", by: { requestId: "r-7" }, why: "rogerctl release --force, by request r-7" },
  { cause: "session.expire", by: null, why: "the lease of its session ran out" },
  { cause: "queue.pause", by: { session: 3 }, why: "queue.pause, by session 3" },
])("$cause: why it happened, and by whom", ({ by: doer, cause, why }) => {
  const change = aChange({ ...is("queue.paused", "mail", {}), cause, by: doer });

  expect(changeSentence(change)).toBe(`queue mail is paused (${why})`);
});

test("of a thing that is told in another shape than today's, what is there", () => {
  const change = aChange(is("executionKey.taken", "k", { holders: "many" }));

  expect(changeSentence(change)).toBe("execution key k is held by nobody (job.start)");
});
