import { describe, expect, test } from "vitest";
import { Worker } from "../../test/jobs.ts";
import {
  acme,
  aSecondLevel,
  cancels,
  claims,
  keyWrites,
  reads,
  rule,
  startWallMs,
  type World,
  writes,
} from "../../test/world.ts";
import type { ListKind } from "../command.ts";
import { jobId, key } from "../ids.ts";
import { parseCommand } from "../parse-command.ts";

const whyJob = (world: World, id: string): unknown =>
  world.read({ name: "why", partition: acme, args: { jobId: jobId(id) } });
const whyKey = (world: World, name: string): unknown =>
  world.read({ name: "why", partition: acme, args: { key: key(name) } });
const get = (world: World, kind: ListKind, name: string): unknown =>
  world.read({ name: "get", partition: acme, args: { kind, name } });

const nothing = {
  status: "why_job",
  because: "unknown",
  run: null,
  waits: [],
  mark: null,
  rule: null,
  pause: null,
  finished: null,
};

describe("why a job does not run (SEMANTICS §3)", () => {
  test("it waits: who holds its key, who stands before it, and until when", () => {
    const world = aSecondLevel();
    const [one, two] = [new Worker(world, 1), new Worker(world, 2)];
    one.start("job-1", { key: "k" });
    two.call(keyWrites.wait("k", "job-2"));
    two.start("job-3", { key: "k", waitTimeoutMs: 900 });
    world.write(writes.pause("mail"));
    world.wait(400);
    world.tick();

    expect(whyJob(world, "job-3")).toEqual({
      ...nothing,
      jobId: "job-3",
      because: "waiting",
      waits: [
        {
          key: "k",
          owner: "job-3",
          session: two.session,
          ticket: 3,
          toStart: true,
          limit: 1,
          holders: [{ owner: "job-1", session: one.session, token: 1, since: startWallMs + 5 }],
          ahead: 1,
          before: [{ owner: "job-2", session: two.session, ticket: 2, toStart: false }],
          delayedForMs: null,
          endsInMs: 500,
        },
      ],
      pause: { selector: "mail", by: "ann", reason: "provider down", since: startWallMs + 8 },
    });
    expect(whyJob(world, "job-2")).toMatchObject({
      because: "waiting",
      waits: [{ ahead: 0, before: [], endsInMs: null, toStart: false }],
    });
  });

  test("nobody holds its key: it is put off, after a session that fell silent", () => {
    const world = aSecondLevel();
    const [one, two] = [new Worker(world, 1, { keyDelayMs: 700 }), new Worker(world, 2)];
    one.start("job-1", { key: "k" });
    world.write(writes.expire(one.session, 1));
    world.wait(200);
    two.start("job-2", { key: "k" });

    expect(whyJob(world, "job-2")).toMatchObject({ waits: [{ holders: [], delayedForMs: 500 }] });
    expect(whyKey(world, "k")).toMatchObject({
      executionKey: { holders: [], waiters: 1 },
      delayedForMs: 500,
    });
  });

  test("it runs, it is cancelled, it is done, or nothing here keeps it", () => {
    const world = aSecondLevel();
    const worker = new Worker(world, 1);
    worker.start("runs");
    worker.start("done");
    worker.finish("done", "dead", { rememberMs: 60_000 });
    world.write(writes.mark(["runs", "marked"]));
    world.write(cancels.addRule({ jobIdPrefix: "old/" }));

    expect(whyJob(world, "runs")).toMatchObject({
      because: "running",
      run: { jobId: "runs", token: 1 },
      mark: { state: "delivered" },
    });
    expect(whyJob(world, "marked")).toMatchObject({ because: "cancelled", mark: { by: "ann" } });
    expect(whyJob(world, "old/1")).toMatchObject({ because: "cancelled", mark: null, rule: {} });
    expect(whyJob(world, "done")).toMatchObject({
      because: "finished",
      finished: { outcome: "dead" },
    });
    expect(whyJob(world, "new")).toEqual({ ...nothing, jobId: "new" });
  });

  test("of many waits the first ten are shown, and of those before it the first ten", () => {
    const world = aSecondLevel();
    const worker = new Worker(world, 1);
    worker.start("holder", { key: "k" });
    for (let at = 0; at < 15; at++) worker.start(`before-${at}`, { key: "k" });
    for (let at = 0; at < 15; at++) {
      worker.start(`holder-${at}`, { key: `k-${at}` });
      worker.call(keyWrites.wait(`k-${at}`, "job-1"));
    }
    worker.start("job-1", { key: "k" });
    const why = whyJob(world, "job-1");

    expect(why).toMatchObject({
      waits: { length: 10, 0: { key: "k", ahead: 15, toStart: true, before: { length: 10 } } },
    });
  });
});

describe("why a key is not free", () => {
  test("who holds it, who waits, in line; and whose it is as a queue key", () => {
    const world = aSecondLevel();
    const worker = new Worker(world, 1);
    world.write(keyWrites.setRules([rule("k", 2)]));
    world.write(claims.claim("k", "job-9"));
    for (const id of ["job-1", "job-2", "job-3"]) worker.start(id, { key: "k" });

    expect(whyKey(world, "k")).toMatchObject({
      status: "why_key",
      key: "k",
      executionKey: { limit: 2, holders: [{ token: 1 }, { token: 2 }], waiters: 1 },
      delayedForMs: null,
      line: [{ owner: "job-3", session: worker.session, ticket: 3, toStart: true }],
      queueKey: { owner: "job-9" },
    });
    expect(whyKey(world, "free")).toEqual({
      status: "why_key",
      key: "free",
      executionKey: null,
      delayedForMs: null,
      line: [],
      queueKey: null,
    });
  });
});

describe("one object by its name", () => {
  test("is what a list shows of it, or null", () => {
    const world = aSecondLevel();
    const worker = new Worker(world, 1);
    for (const id of ["job-1", "job-2"]) worker.start(id, { key: id });
    worker.finish("job-2", "dead", { rememberMs: 60_000 });
    world.write(writes.mark(["job-1"]));
    world.write(claims.claim("q", "job-1"));
    world.write(writes.pause("mail"));
    const added = world.write(cancels.addRule({ tag: "t" }));
    const ruleId = "rule" in added && typeof added.rule === "string" ? added.rule : "";
    const named: readonly [ListKind, string][] = [
      ["cancelMarks", "job-1"],
      ["queueKeys", "q"],
      ["executionKeys", "job-1"],
      ["pauses", "mail"],
      ["cancelRules", ruleId],
      ["runs", "job-1"],
      ["finishedJobs", "job-2"],
    ];

    for (const [kind, name] of named) {
      const list = world.read(reads.list(kind));
      expect([get(world, kind, name)]).toEqual(
        "items" in list && list.items.map((item) => ({ status: "got", item })),
      );
      expect(get(world, kind, "none")).toEqual({ status: "got", item: null });
    }
  });
});

test.each([
  ["get", { kind: "runs", name: "j" }, { kind: "runs", name: "j" }],
  ["why", { jobId: "j" }, { jobId: "j" }],
  ["why", { key: "k" }, { key: "k" }],
])("%s with %j is a read", (name, args, made) => {
  expect(parseCommand(name, "acme", args)).toEqual({
    kind: "read",
    read: { name, partition: "acme", args: made },
  });
});

test.each([
  ["get", { kind: "jobs", name: "j" }, "args.kind"],
  ["get", { kind: "runs" }, "args.name"],
  ["why", {}, "args"],
  ["why", { jobId: "j", key: "k" }, "args"],
  ["why", { jobId: "" }, "args.jobId"],
])("%s with %j is wrong at %s", (name, args, path) => {
  expect(parseCommand(name, "acme", args)).toMatchObject({ kind: "invalid", path });
});
