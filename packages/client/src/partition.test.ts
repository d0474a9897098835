import { expect, test } from "vitest";
import { aCallerThatAnswers } from "../test/answering-caller.ts";
import { Partition } from "./partition.ts";

test("a pause says until when, and what becomes of that which runs", async () => {
  const { caller, asked } = aCallerThatAnswers({ status: "changed", changed: true });
  const partition = new Partition(caller, { id: "acme" });

  const until = new Date("2027-01-31T06:00Z");
  expect(await partition.pause("mail", { until, mode: "stop" })).toEqual({
    changed: true,
    revision: 5,
  });

  const args = { selector: "mail", by: "me", until: until.getTime(), mode: "stop" };
  expect(asked).toEqual([{ kind: "write", command: "queue.pause", partition: "acme", args }]);
});

test("a cancel is taken back; a rule cancels jobs by what they are, and is removed by its id", async () => {
  const jobs = [{ jobId: "j", outcome: "cleared" }] as const;
  const { caller, asked } = aCallerThatAnswers(
    { status: "cleared", jobs },
    { status: "rule_added", rule: "8.1" },
    { status: "changed", changed: true },
  );
  const partition = new Partition(caller, { id: "acme" });
  const enqueuedBefore = new Date(7);

  expect([
    await partition.uncancel("j"),
    await partition.addCancelRule({ queue: "mail", enqueuedBefore }, { ttlMs: 60_000 }),
    await partition.removeCancelRule("8.1"),
  ]).toEqual([
    { jobs, revision: 5 },
    { rule: "8.1", revision: 5 },
    { changed: true, revision: 5 },
  ]);

  expect(asked.map(({ command, args }) => [command, args])).toEqual([
    ["cancel.clear", { jobIds: ["j"] }],
    ["cancel.addRule", { queue: "mail", enqueuedBefore: 7, by: "me", ttlMs: 60_000 }],
    ["cancel.removeRule", { rule: "8.1" }],
  ]);
});

const owned = { owner: "job-1", since: 1, expiresAt: 60_001 } as const;

test("a queue key is claimed, confirmed, extended and released by its owner", async () => {
  const { caller, asked } = aCallerThatAnswers(
    { status: "claimed", expiresAt: 60_001 },
    { status: "done" },
    { status: "done" },
    { status: "not_owner", claim: null },
  );
  const partition = new Partition(caller, { id: "acme" });
  const owner = "job-1";

  const claim = { owner, ttlMs: 60_000, provisionalMs: 5_000, onConflict: "replace" } as const;
  expect([
    await partition.claimQueueKey("k", claim),
    await partition.confirmQueueKey("k", { owner }),
    await partition.extendQueueKey("k", { owner, ttlMs: 9_000 }),
    await partition.releaseQueueKey("k", { owner }),
  ]).toEqual([
    { status: "claimed", expiresAt: 60_001, revision: 5 },
    { status: "done", revision: 5 },
    { status: "done", revision: 5 },
    { status: "not_owner", claim: null, revision: 5 },
  ]);

  expect(asked).toEqual(
    [
      ["queueKey.claim", { key: "k", ...claim }],
      ["queueKey.confirm", { key: "k", owner }],
      ["queueKey.extend", { key: "k", owner, ttlMs: 9_000 }],
      ["queueKey.release", { key: "k", owner }],
    ].map(([command, args]) => ({ kind: "write", command, partition: "acme", args })),
  );
});

test("a claim of what another job owns is answered with whose it is, or was", async () => {
  const { caller, asked } = aCallerThatAnswers(
    { status: "duplicate", ...owned },
    { status: "replaced", previous: owned, expiresAt: null },
    { status: "ok" },
  );
  const partition = new Partition(caller, { id: "acme" });

  expect(await partition.claimQueueKey("k", { owner: "job-2" })).toEqual({
    status: "duplicate",
    ...owned,
    revision: 5,
  });
  expect(await partition.claimQueueKey("k", { owner: "job-2", onConflict: "replace" })).toEqual({
    status: "replaced",
    previous: owned,
    expiresAt: null,
    revision: 5,
  });
  expect(asked[0]?.args).toEqual({ key: "k", owner: "job-2" });
  await expect(partition.claimQueueKey("k", { owner: "job-2" })).rejects.toMatchObject({
    code: "version_mismatch",
  });
});

test("the rules of execution keys are set all at once", async () => {
  const { caller, asked } = aCallerThatAnswers({ status: "changed", changed: true });
  const rules = [{ prefix: "customer/", limit: 2, maxHoldMs: 60_000 }];

  const changed = await new Partition(caller, { id: "acme" }).setExecutionKeyRules(rules);

  expect(changed).toEqual({ changed: true, revision: 5 });
  expect(asked).toEqual([
    { kind: "write", command: "executionKey.setRules", partition: "acme", args: { rules } },
  ]);
});

test("a job is cancelled by its mark, or by a rule for such ids", async () => {
  const mark = { jobId: "j", by: "ann", reason: "", at: 0, state: "pending" } as const;
  const of = { queue: null, jobIdPrefix: "j", tag: null, enqueuedBefore: null };
  const rule = { rule: "8.1", ...of, by: "ops", reason: "", at: 0, expiresAt: 1, hits: 0 };
  const asked = [{ mark }, { mark: null, rule }, { mark: null }];
  const seen: unknown[] = [];
  for (const answer of asked) {
    const { caller } = aCallerThatAnswers({ status: "checked", ...answer });
    seen.push(await new Partition(caller, { id: "acme" }).cancelled("j"));
  }

  expect(seen).toEqual([mark, rule, undefined]);
});

test("a partition is updated by name, and dropped", async () => {
  const { caller, asked } = aCallerThatAnswers(
    { status: "changed", changed: true },
    { status: "changed", changed: false },
  );
  const partition = new Partition(caller, { id: "acme" });
  const change = { limits: { runs: 5, pauses: null }, defaults: { markTtlMs: 60_000 } } as const;

  expect([await partition.update(change), await partition.drop()]).toEqual([
    { changed: true, revision: 5 },
    { changed: false, revision: 5 },
  ]);

  expect(asked).toEqual([
    { kind: "write", command: "partition.update", partition: "acme", args: change },
    { kind: "write", command: "partition.drop", partition: "acme", args: {} },
  ]);
});
