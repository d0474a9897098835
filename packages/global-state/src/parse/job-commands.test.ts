import { describe, expect, test } from "vitest";
import { featureLevelOf } from "../feature-level.ts";
import { parseCommand } from "../parse-command.ts";

const finish = { jobId: "job-1", outcome: "completed" };
const start = { jobId: "job-2", queue: "mail" };
const full = {
  ...start,
  queueKey: "q",
  uniqueUntil: "finish",
  executionKey: "k",
  onBusy: "wait",
  waitTimeoutMs: 5_000,
  takeover: true,
  tags: ["a", "b"],
  enqueuedAt: 1_790_000_000_000,
};

const plainStart = {
  jobId: "job-2",
  job: { queue: "mail", unique: null, tags: [], enqueuedAt: null },
  executionKey: undefined,
  takeover: false,
};
const fullStart = {
  jobId: "job-2",
  job: {
    queue: "mail",
    unique: { queueKey: "q", until: "finish" },
    tags: ["a", "b"],
    enqueuedAt: 1_790_000_000_000,
  },
  executionKey: { key: "k", onBusy: "wait", waitTimeoutMs: 5_000 },
  takeover: true,
};
const plainFinish = {
  token: undefined,
  jobId: "job-1",
  outcome: "completed",
  keepQueueKey: false,
  rememberMs: undefined,
};

describe("a command about a job", () => {
  test.each([
    ["job.start", start, plainStart],
    ["job.start", full, fullStart],
    ["job.finish", finish, plainFinish],
    [
      "job.finish",
      { ...finish, outcome: "retry", keepQueueKey: true },
      { ...plainFinish, outcome: "retry", keepQueueKey: true },
    ],
    ["job.finish", { ...finish, rememberMs: 1_000 }, { ...plainFinish, rememberMs: 1_000 }],
    ["job.finish", { ...finish, token: 7 }, { ...plainFinish, token: 7 }],
    ["job.finishAndStart", { finish, start: full }, { finish: plainFinish, start: fullStart }],
  ])("%s with %j", (name, args, made) => {
    const parsed = parseCommand(name, "acme", args);

    expect(parsed).toEqual({ kind: "write", write: { name, partition: "acme", args: made } });
    expect(parsed.kind === "write" && featureLevelOf(parsed.write)).toBe(2);
  });

  test.each([
    ["job.start", { queue: "mail" }, "args.jobId"],
    ["job.start", { jobId: "j" }, "args.queue"],
    ["job.start", { ...start, queue: "*" }, "args.queue"],
    ["job.start", { ...start, queue: "" }, "args.queue"],
    ["job.start", { ...start, queueKey: "q" }, "args.uniqueUntil"],
    ["job.start", { ...start, uniqueUntil: "start" }, "args.uniqueUntil"],
    ["job.start", { ...full, uniqueUntil: "end" }, "args.uniqueUntil"],
    ["job.start", { ...start, executionKey: "k" }, "args.onBusy"],
    ["job.start", { ...start, onBusy: "wait" }, "args.onBusy"],
    ["job.start", { ...full, onBusy: "reject" }, "args.waitTimeoutMs"],
    ["job.start", { ...start, waitTimeoutMs: 5 }, "args.waitTimeoutMs"],
    ["job.start", { ...full, waitTimeoutMs: 0 }, "args.waitTimeoutMs"],
    ["job.start", { ...start, tags: "a" }, "args.tags"],
    ["job.start", { ...start, tags: ["a", ""] }, "args.tags[1]"],
    ["job.start", { ...start, tags: Array(17).fill("t") }, "args.tags"],
    ["job.start", { ...start, enqueuedAt: -1 }, "args.enqueuedAt"],
    ["job.start", { ...start, takeover: "yes" }, "args.takeover"],
    ["job.finish", { jobId: "j" }, "args.outcome"],
    ["job.finish", { ...finish, outcome: "done" }, "args.outcome"],
    ["job.finish", { ...finish, rememberMs: 999 }, "args.rememberMs"],
    ["job.finish", { ...finish, token: -1 }, "args.token"],
    ["job.finish", { ...finish, rememberMs: 86_400_001 }, "args.rememberMs"],
    ["job.finish", { ...finish, outcome: "retry", rememberMs: 1_000 }, "args.rememberMs"],
    ["job.finishAndStart", { finish }, "args.start"],
    ["job.finishAndStart", { finish, start: { jobId: "j" } }, "args.start.queue"],
    ["job.finishAndStart", { finish, start: { ...start, onBusy: "wait" } }, "args.start.onBusy"],
    ["job.finishAndStart", { finish: { ...finish, why: 1 }, start }, "args.finish.why"],
    [
      "job.finishAndStart",
      { finish: { ...finish, outcome: "retry", rememberMs: 1_000 }, start },
      "args.finish.rememberMs",
    ],
  ])("%s with %j is wrong at %s", (name, args, path) => {
    expect(parseCommand(name, "acme", args)).toMatchObject({ kind: "invalid", path });
  });
});
