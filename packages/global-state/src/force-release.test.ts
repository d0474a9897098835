import { expect, test } from "vitest";
import { Worker } from "../test/jobs.ts";
import {
  acme,
  aPartitionOfLevelTwo,
  inSession,
  keyWrites,
  type World,
  writes,
} from "../test/world.ts";
import type { PartitionWrite } from "./command.ts";
import type { Releasable } from "./force-release.ts";
import { parseCommand } from "./parse-command.ts";

function release(kind: Releasable, name: string): PartitionWrite {
  return { name: "admin.release", partition: acme, args: { kind, name } };
}

function told({ state }: World): readonly object[] {
  return state.notices;
}

test("a queue key is free, whoever had it; again is no change", () => {
  const world = aPartitionOfLevelTwo();
  world.write(writes.addQueued("a"));

  const first = world.write(release("queueKey", "a"));

  expect([first, world.write(release("queueKey", "a"))]).toEqual([
    { status: "changed", changed: true },
    { status: "changed", changed: false },
  ]);
  expect(world.write(writes.addQueued("a"))).toEqual({ status: "member", before: false });
});

test("an execution key goes to who is next, who held it is told, and who watches sees force", () => {
  const world = aPartitionOfLevelTwo();
  const [one, two] = [world.open(1), world.open(2)];
  world.write(keyWrites.hold("k", "job-1"), inSession(one, 1));
  world.write(keyWrites.wait("k", "job-2"), inSession(two, 1));

  const released = world.write(release("executionKey", "k"));

  expect(released).toEqual({ status: "changed", changed: true });
  expect(told(world)).toMatchObject([
    { kind: "holdEnded", session: one, token: 1, cause: "removed" },
    { kind: "waitEnded", session: two, ending: { kind: "granted", token: 2 } },
  ]);
  expect(world.state.events?.map(({ type, cause }) => `${type} ${cause}`)).toEqual([
    "executionKey.changed force",
    "executionKey.waitEnded force",
  ]);
  expect(world.write(release("executionKey", "free"))).toEqual({
    status: "changed",
    changed: false,
  });
});

test.each([{ key: "k" }, {}])("a run is fenced, with its key or without: %j", (how) => {
  const world = aPartitionOfLevelTwo();
  const worker = new Worker(world, 1);
  worker.start("job-1", how);

  const released = world.write(release("run", "job-1"));

  expect(released).toEqual({ status: "changed", changed: true });
  expect(told(world)).toMatchObject([{ kind: "runFenced", cause: "removed" }]);
  expect(world.state.events).toMatchObject(
    "key" in how
      ? [{ type: "executionKey.freed" }, { type: "job.fenced", cause: "force" }]
      : [{ type: "job.fenced", cause: "force" }],
  );
  expect(worker.finish("job-1")).toEqual({ status: "not_running" });
  expect(world.write(release("run", "job-1"))).toEqual({ status: "changed", changed: false });
});

test("it says what it releases", () => {
  expect(parseCommand("admin.release", acme, { kind: "run", name: "j" })).toEqual({
    kind: "write",
    write: release("run", "j"),
  });
  expect(parseCommand("admin.release", acme, { kind: "lock", name: "j" })).toMatchObject({
    kind: "invalid",
    path: "args.kind",
  });
});
