import { expect, test } from "vitest";
import { type Asked, aCallerThatAnswers } from "../test/answering-caller.ts";
import type { Reply } from "./call.ts";
import { Partition } from "./partition.ts";
import { RogerGlobal } from "./roger.ts";

const ok = { status: "ok" } as const;
const member = { status: "member", before: true } as const;
const changed = { status: "changed", changed: true } as const;

const forms: readonly [
  string,
  (roger: RogerGlobal) => Promise<unknown>,
  Reply["result"],
  Asked,
  unknown,
][] = [
  [
    "cancel_job",
    (roger) => roger.cancelJob("p", "j"),
    ok,
    { kind: "write", command: "roger.cancelJob", partition: "p", args: { jobId: "j" } },
    undefined,
  ],
  [
    "cancelled?",
    (roger) => roger.isCancelled("p", "j"),
    member,
    { kind: "read", command: "roger.isCancelled", partition: "p", args: { jobId: "j" } },
    true,
  ],
  [
    "cancelled? :remove",
    (roger) => roger.isCancelled("p", "j", { remove: true }),
    member,
    {
      kind: "write",
      command: "roger.isCancelled",
      partition: "p",
      args: { jobId: "j", remove: true },
    },
    true,
  ],
  [
    "queued?",
    (roger) => roger.isQueued("p", "k", { add: false }),
    member,
    { kind: "read", command: "roger.isQueued", partition: "p", args: { key: "k" } },
    true,
  ],
  [
    "queued? :add",
    (roger) => roger.isQueued("p", "k", { add: true }),
    member,
    { kind: "write", command: "roger.isQueued", partition: "p", args: { key: "k", add: true } },
    true,
  ],
  [
    "remove_queued",
    (roger) => roger.removeQueued("p", "k"),
    ok,
    { kind: "write", command: "roger.removeQueued", partition: "p", args: { key: "k" } },
    undefined,
  ],
  [
    "executing?",
    (roger) => roger.isExecuting("p", "k"),
    member,
    { kind: "read", command: "roger.isExecuting", partition: "p", args: { key: "k" } },
    true,
  ],
  [
    "executing? :add",
    (roger) => roger.isExecuting("p", "k", { add: true }),
    member,
    { kind: "write", command: "roger.isExecuting", partition: "p", args: { key: "k", add: true } },
    true,
  ],
  [
    "remove_executed",
    (roger) => roger.removeExecuted("p", "k"),
    ok,
    { kind: "write", command: "roger.removeExecuted", partition: "p", args: { key: "k" } },
    undefined,
  ],
  [
    "queue_pause",
    (roger) => roger.queuePause("p", "q"),
    ok,
    { kind: "write", command: "roger.queuePause", partition: "p", args: { queue: "q" } },
    undefined,
  ],
  [
    "queue_resume",
    (roger) => roger.queueResume("p", "q"),
    ok,
    { kind: "write", command: "roger.queueResume", partition: "p", args: { queue: "q" } },
    undefined,
  ],
  [
    "queue_get_paused",
    (roger) => roger.queueGetPaused("p"),
    { status: "paused", queues: ["q"] },
    { kind: "read", command: "roger.queueGetPaused", partition: "p", args: {} },
    new Set(["q"]),
  ],
  [
    "start",
    (roger) => roger.startPartition("p"),
    changed,
    { kind: "write", command: "partition.start", partition: "p", args: {} },
    undefined,
  ],
  [
    "stop",
    (roger) => roger.stopPartition("p"),
    changed,
    { kind: "write", command: "partition.stop", partition: "p", args: {} },
    undefined,
  ],
];

test.each(forms)(
  "%s asks what Roger asks and answers what Roger answers",
  async (_name, call, result, asked, answer) => {
    const { caller, asked: noted } = aCallerThatAnswers(result);

    expect(await call(new RogerGlobal(caller))).toEqual(answer);
    expect(noted).toEqual([asked]);
  },
);

test("an answer of another form is an error, never taken for a yes", async () => {
  const { caller } = aCallerThatAnswers(ok);

  await expect(new RogerGlobal(caller).isExecuting("p", "k", { add: true })).rejects.toMatchObject({
    code: "version_mismatch",
    outcomeKnown: false,
  });
});

test("cancel and pause say who and why; who is the client unless another is named", async () => {
  const { caller, asked } = aCallerThatAnswers(
    { status: "marked", jobs: [{ jobId: "j", outcome: "marked" }] },
    changed,
    changed,
  );
  const partition = new Partition(caller, { id: "acme" });

  expect(await partition.cancel("j", { reason: "asked to", ttlMs: 60_000 })).toEqual({
    jobs: [{ jobId: "j", outcome: "marked" }],
    revision: 5,
  });
  expect(await partition.pause("*", { by: "ops" })).toEqual({ changed: true, revision: 5 });
  expect(await partition.resume("*")).toEqual({ changed: true, revision: 5 });
  expect(asked.map(({ args }) => args)).toEqual([
    { jobIds: ["j"], by: "me", reason: "asked to", ttlMs: 60_000 },
    { selector: "*", by: "ops" },
    { selector: "*" },
  ]);
});

const pause = (selector: string) => ({ selector, by: "me", reason: "", since: 1 });

test("a list walks all pages; an item of another kind is an error", async () => {
  const { caller, asked } = aCallerThatAnswers(
    { status: "list", items: [pause("a")], next: "c1" },
    { status: "list", items: [pause("b")], next: null },
  );
  const partition = new Partition(caller, { id: "acme" });

  expect(await partition.paused()).toEqual([pause("a"), pause("b")]);
  expect(asked.map(({ args }) => args)).toEqual([
    { kind: "pauses", prefix: "", limit: 1_000 },
    { kind: "pauses", prefix: "", limit: 1_000, cursor: "c1" },
  ]);
  await expect(partition.list("queueKeys")).rejects.toMatchObject({ code: "version_mismatch" });
});

test("a job without a mark is not cancelled", async () => {
  const { caller } = aCallerThatAnswers({ status: "checked", mark: null });

  expect(await new Partition(caller, { id: "acme" }).cancelled("j")).toBe(undefined);
});
