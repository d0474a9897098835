import { describe, expect, test } from "vitest";
import { Worker } from "../../test/jobs.ts";
import {
  acme,
  aPartitionOfLevelTwo,
  inSession,
  keyWrites,
  openWrite,
  rule,
  startWallMs,
  type World,
} from "../../test/world.ts";
import { jobId, parseCommand, type Refusal, type Synced, selector, sessionId } from "../index.ts";
import { readSyncCursor } from "./sync-cursor.ts";

function page(world: World, of: { session: number; cursor?: string | null }): Synced {
  const args = typeof of.cursor === "string" ? { cursor: of.cursor } : {};
  const parsed = parseCommand("session.sync", undefined, args, sessionId(of.session));
  if (parsed.kind !== "read") throw new Error("session.sync is a read");
  const answer = world.read(parsed.read);
  if (!("status" in answer) || answer.status !== "synced") throw new Error("synced");
  return answer;
}

function allPages(world: World, session: number): Synced[] {
  const pages = [page(world, { session })];
  for (let last = pages.at(-1); last?.next !== null; last = pages.at(-1)) {
    pages.push(page(world, { session, cursor: last?.next ?? null }));
  }
  return pages;
}

const nothing = { status: "synced", endings: [], waits: [], holds: [], runs: [], next: null };

describe("session.sync", () => {
  test("a session that has nothing is answered so", () => {
    const world = aPartitionOfLevelTwo();
    const { session } = new Worker(world, 1);

    expect(page(world, { session })).toEqual({ ...nothing, session });
  });

  test("it shows what the session holds and waits for, and nothing of others", () => {
    const world = aPartitionOfLevelTwo();
    const [one, two] = [new Worker(world, 1), new Worker(world, 2)];
    one.call(keyWrites.hold("k", "a"));
    two.call(keyWrites.wait("k", "b"));
    two.call(keyWrites.wait("k", "b"));
    two.call(keyWrites.hold("l", "c"));

    expect(page(world, two)).toEqual({
      ...nothing,
      session: two.session,
      waits: [{ partition: "acme", key: "k", owner: "b", seq: 2, ticket: 1, to: "hold" }],
      holds: [{ partition: "acme", key: "l", owner: "c", token: 2 }],
    });
    expect(page(world, one).holds).toEqual([{ partition: "acme", key: "k", owner: "a", token: 1 }]);
  });

  test("how a wait ended is there until the floor has passed the number of its call", () => {
    const world = aPartitionOfLevelTwo();
    const [one, two] = [new Worker(world, 1), new Worker(world, 2)];
    one.call(keyWrites.hold("k", "a"));
    two.call(keyWrites.wait("k", "b"));
    two.call(keyWrites.wait("k", "c"));
    one.call(keyWrites.release("k", "a", 1));

    const ended = page(world, two);
    world.write(keyWrites.hold("l", "d"), inSession(two.session, 3, 2));

    expect(ended).toMatchObject({
      endings: [{ seq: 1, ticket: 1, ending: { kind: "granted", token: 2 } }],
      waits: [{ owner: "c", seq: 2, ticket: 2 }],
      holds: [{ key: "k", owner: "b", token: 2 }],
    });
    expect(page(world, two).endings).toEqual([]);
  });

  test("a run is there with its mark and the pause that is to stop it, and its key is not told twice", () => {
    const world = aPartitionOfLevelTwo();
    const one = new Worker(world, 1);
    one.start("j", { key: "k", queue: "mail" });
    one.start("other", { queue: "reports" });
    const by = { by: "ops", reason: "down" };
    const cancel = { jobIds: [jobId("j")], ...by, ttlMs: undefined };
    world.write({ name: "cancel.mark", partition: acme, args: cancel });
    const pause = { selector: selector("mail"), ...by, mode: "stop" as const };
    world.write({ name: "queue.pause", partition: acme, args: pause });
    world.write({
      name: "queue.pause",
      partition: acme,
      args: { selector: selector("reports"), ...by },
    });

    const { holds, runs } = page(world, one);

    const at = startWallMs + world.state.revision;
    expect(holds).toEqual([]);
    expect(runs).toEqual([
      {
        partition: "acme",
        jobId: "j",
        session: one.session,
        token: 1,
        queue: "mail",
        since: at - 4,
        executionKey: "k",
        mark: { jobId: "j", at: at - 2, state: "delivered", ...by },
        pause: { selector: "mail", since: at - 1, mode: "stop", ...by },
      },
      {
        partition: "acme",
        jobId: "other",
        session: one.session,
        token: 2,
        queue: "reports",
        since: at - 3,
      },
    ]);
  });

  test("much is told in pages, each thing once, and a page is never too large", () => {
    const world = aPartitionOfLevelTwo();
    world.checksInvariants = false;
    const [one, two] = [new Worker(world, 1), new Worker(world, 2)];
    world.write(keyWrites.setRules([rule("k", 1)]));
    for (let at = 0; at < 700; at += 1) {
      one.call(keyWrites.hold(`k${at}`, "a"));
      two.call(keyWrites.wait(`k${at}`, "b"));
      two.call(keyWrites.hold(`l${at}`, "b"));
    }
    for (let at = 0; at < 200; at += 1) two.start(`j${at}`);

    const pages = allPages(world, two.session);

    const waits = pages.flatMap((each) => each.waits.map(({ key }) => key));
    const holds = pages.flatMap((each) => each.holds.map(({ key }) => key));
    const runs = pages.flatMap((each) => each.runs.map((run) => run.jobId));
    const names = (of: string, count: number) => Array.from({ length: count }, (_, at) => of + at);
    expect([waits, holds, runs]).toEqual([names("k", 700), names("l", 700), names("j", 200)]);
    for (const each of pages) {
      expect(each.waits.length + each.holds.length + 12 * each.runs.length).toBeLessThan(1_025);
    }
    expect(pages.length).toBeGreaterThan(3);
  });

  test("what goes on between two pages is seen again rather than not at all", () => {
    const world = aPartitionOfLevelTwo();
    world.checksInvariants = false;
    const [one, two] = [new Worker(world, 1), new Worker(world, 2)];
    for (let at = 0; at < 1_100; at += 1) {
      one.call(keyWrites.hold(`k${at}`, "a"));
      two.call(keyWrites.wait(`k${at}`, "b"));
    }

    const first = page(world, two);
    one.call(keyWrites.release("k0", "a", 1));
    const second = page(world, { session: two.session, cursor: first.next });

    expect(first.waits[0]).toMatchObject({ key: "k0" });
    expect(second.holds).toMatchObject([{ key: "k0" }]);
  });

  test("a session that has ended is answered so, and one that asks for nobody is refused", () => {
    const world = aPartitionOfLevelTwo();
    const { session } = new Worker(world, 1);
    world.write({ name: "session.close", args: {} }, inSession(session, 9));
    const args = { session: sessionId(session), from: undefined };

    const refusal: Refusal = { code: "session_expired", session: sessionId(session) };
    expect(world.read({ name: "session.sync", args })).toEqual(refusal);
    expect(parseCommand("session.sync", undefined, {})).toMatchObject({
      kind: "invalid",
      path: "session",
    });
    expect(world.write(openWrite(1))).toMatchObject({ status: "opened" });
  });

  test("what is no cursor of its own is none", () => {
    const wrong = ["", "c1.00000000", "s1.waits", "s1.others.3", "s1.waits.-1", "s1.waits.1e3"];
    expect(wrong.map((text) => readSyncCursor(text))).toEqual(wrong.map(() => undefined));
    expect(readSyncCursor("s1.runs.12")).toEqual({ section: "runs", after: 12 });
  });
});
