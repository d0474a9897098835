// What of jobs and their keys comes along with a backup, and what does not (SEMANTICS §3, last row).
import { expect, test } from "vitest";
import { Worker } from "../../test/jobs.ts";
import {
  acme,
  aSecondLevel,
  claims,
  encodeAll,
  raiseLevel,
  reads,
  smallLimits,
  World,
  writes,
} from "../../test/world.ts";

function broughtFrom(old: World): World {
  const plan = old.state.importPlan(encodeAll(old.state).root);
  const fresh = new World(smallLimits({}));
  fresh.write(raiseLevel);
  for (const write of [plan.begin, ...plan.steps, plan.end]) fresh.write(write);
  return fresh;
}

test("runs and waits do not come along: their keys are free, after the delay asked for", () => {
  const old = aSecondLevel();
  const [one, two] = [new Worker(old, 1), new Worker(old, 2, { keyDelayMs: 500 })];
  old.write(claims.claim("q", "job-1"));
  one.start("job-1", { key: "k", queueKey: "q" });
  two.start("job-2", { key: "delayed" });
  two.start("job-3", { key: "k" });

  const fresh = broughtFrom(old);

  expect(fresh.state.counts()).toMatchObject({ runs: 0, waiters: 0, executionKeys: 1 });
  expect(fresh.read(reads.list("queueKeys"))).toMatchObject({ items: [{ owner: "job-1" }] });
  const worker = new Worker(fresh, 7);
  expect(worker.start("job-1", { key: "k" })).toEqual({ status: "started", token: 1_000_000_003 });
  expect(worker.start("job-2", { key: "delayed" })).toMatchObject({ status: "waiting" });
  fresh.wait(500);
  fresh.tick();
  expect(fresh.state.notices).toMatchObject([{ ending: { kind: "started" } }]);
});

test("finished jobs come along, for what was left of their time", () => {
  const old = aSecondLevel();
  const worker = new Worker(old, 1);
  worker.start("job-1");
  worker.finish("job-1", "dead", { rememberMs: 5_000 });
  old.wait(4_000);
  old.tick();

  const fresh = broughtFrom(old);
  const again = new Worker(fresh, 7);

  fresh.wait(999);
  expect(again.start("job-1")).toEqual({ status: "already_finished", outcome: "dead" });
  fresh.wait(1);
  expect(again.start("job-1")).toMatchObject({ status: "started" });
});

test("a finished job that would be remembered for longer than any may be is not taken", () => {
  const old = aSecondLevel();
  const worker = new Worker(old, 1);
  worker.start("job-1");
  worker.finish("job-1", "dead", { rememberMs: 86_400_000 });
  const plan = old.state.importPlan(encodeAll(old.state).root);
  const fresh = new World(smallLimits({}));
  fresh.write(raiseLevel);
  fresh.write({ ...plan.begin, args: { ...plan.begin.args, logTime: old.state.logTime } });
  const taken = plan.steps.map((write) => fresh.write(write));
  const other = new World(smallLimits({}));
  other.write(raiseLevel);
  old.wait(1);
  worker.start("job-2");
  worker.finish("job-2", "dead", { rememberMs: 86_400_000 });
  const later = old.state.importPlan(encodeAll(old.state).root);
  other.write({ ...later.begin, args: { ...later.begin.args, logTime: plan.begin.args.logTime } });

  expect(taken.at(-1)).toMatchObject({ status: "importing" });
  expect(later.steps.map((write) => other.write(write)).at(-1)).toEqual({
    status: "not_imported",
    reason: "unreadable",
  });
});

test("a pause that stops comes along, and has nobody to tell any more", () => {
  const old = aSecondLevel({ workMax: 2, dueMax: 2 });
  const worker = new Worker(old, 1);
  for (let at = 0; at < 5; at++) worker.start(`job-${at}`);
  old.write(writes.pause("mail", { mode: "stop" }));
  expect(old.state.nextDeadline()).toBe(0);

  const fresh = broughtFrom(old);

  expect(fresh.state.nextDeadline()).toBeUndefined();
  expect(fresh.read({ ...reads.list("pauses"), partition: acme })).toMatchObject({
    items: [{ selector: "mail", mode: "stop" }],
  });
});
