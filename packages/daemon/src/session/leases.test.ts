import type { Answer, Request } from "@rogerd/protocol";
import { describe, expect, test } from "vitest";
import { type APort, aPort, openIds } from "../../test/outer/a-port.ts";
import type { VirtualClient } from "../../test/outer/virtual-network.ts";
import { type Log, silentLog } from "../observe/log.ts";

/** The default of `session.open`. */
const ttlMs = 30_000;
/** A session ends at most so much late. */
const lookMs = 500;
/** Pings come every 5 s: who only answers them is heard once in 10. */
const unheardMs = 15_000;

function expiriesIn(port: APort): number[][] {
  return port.node.entries.flatMap(({ submissions }) =>
    submissions.flatMap(({ write }) =>
      write.name === "session.expire" ? [[write.args.session, write.args.decidedInTerm]] : [],
    ),
  );
}

function sessionsOf(port: APort): number[] {
  return [...port.node.current.sessions()].map(({ id }) => id);
}

function keepalive(id: number, args: Request["args"] = {}): Request {
  return { id, command: "session.keepalive", args };
}

function answerTo(client: VirtualClient, id: number): Answer | undefined {
  const answers = client.heardOf("answers").flatMap((frame) => frame.answers);
  return answers.find((answer) => answer.id === id);
}

/** `kept`, or the code of the error; undefined while nothing was said. */
function gist(client: VirtualClient, id: number): string | undefined {
  const answer = answerTo(client, id);
  if (answer === undefined) return undefined;
  return "error" in answer ? answer.error.code : answer.result.status;
}

async function keep(port: APort, client: VirtualClient, id: number): Promise<string | undefined> {
  client.say({ kind: "requests", requests: [keepalive(id)] });
  await port.settle();
  return gist(client, id);
}

/** Its client has sent one keepalive, which was confirmed just now. */
async function aKeptSession(port: APort): Promise<VirtualClient> {
  const client = await port.speaker(openIds.a);
  await keep(port, client, 2);
  return client;
}

/** Its connection is gone; the session is in the state, and has never sent a keepalive. */
async function aSilentSession(port: APort): Promise<void> {
  const client = await port.speaker(openIds.a);
  client.leave();
  await port.settle();
}

function stepDown(port: APort): void {
  port.node.follow("n2");
  port.leadershipMoved();
}

describe("a lease", () => {
  test("a session ends by an entry of the log when its last keepalive was confirmed a time-to-live ago, whatever its connection says", async () => {
    const port = await aPort();
    const client = await aKeptSession(port);

    await port.platform.advance(ttlMs - 1);
    client.say({ kind: "ping", id: 1 });
    const before = sessionsOf(port);
    await port.platform.advance(2 * lookMs);

    expect(before).toEqual([1]);
    expect([expiriesIn(port), sessionsOf(port)]).toEqual([[[1, 1]], []]);
  });

  test("each keepalive that is confirmed gives the full time again", async () => {
    const port = await aPort();
    const client = await aKeptSession(port);

    for (let id = 3; id < 9; id += 1) {
      await port.platform.advance(ttlMs - lookMs);
      await keep(port, client, id);
    }

    expect([expiriesIn(port), sessionsOf(port)]).toEqual([[], [1]]);
  });

  test("the time counts from the confirmation, not from when the keepalive arrived, and not without one", async () => {
    const port = await aPort();
    const client = await aKeptSession(port);
    port.node.decidesAtOnce = false;
    await port.platform.advance(ttlMs / 2);
    await keep(port, client, 3);
    await port.platform.advance(ttlMs / 3);

    port.node.confirmReads();
    await port.settle();
    port.node.decidesAtOnce = true;
    await port.platform.advance(ttlMs - lookMs);
    const before = sessionsOf(port);
    await port.platform.advance(2 * lookMs);

    expect([before, sessionsOf(port)]).toEqual([[1], []]);
  });

  test("a keepalive whose round fails gives no time", async () => {
    const port = await aPort();
    const client = await aKeptSession(port);
    port.node.decidesAtOnce = false;
    await port.platform.advance(ttlMs / 2);
    await keep(port, client, 3);
    port.node.endReads({ kind: "unavailable" });
    port.node.decidesAtOnce = true;

    await port.platform.advance(ttlMs / 2 + lookMs);

    expect([gist(client, 3), sessionsOf(port)]).toEqual(["unavailable", []]);
  });

  test("a new leader gives every session the full time from when it has applied the first entry of its term", async () => {
    const port = await aPort();
    await aSilentSession(port);
    await port.platform.advance(ttlMs - 4 * lookMs);
    stepDown(port);
    await port.settle();
    port.node.hasStamp = false;
    port.node.lead();
    await port.platform.advance(ttlMs);
    port.node.hasStamp = true;

    await port.platform.advance(ttlMs - 2 * lookMs);
    const before = sessionsOf(port);
    await port.platform.advance(4 * lookMs);

    expect(before).toEqual([1]);
    expect([expiriesIn(port), sessionsOf(port)]).toEqual([[[1, 3]], []]);
  });

  test("a leader of a later term forgets what it remembered in the earlier one, even if nobody told it", async () => {
    const port = await aPort();
    await aSilentSession(port);
    await port.platform.advance(ttlMs - 4 * lookMs);
    port.node.term += 2;

    await port.platform.advance(ttlMs - 4 * lookMs);

    expect(expiriesIn(port)).toEqual([]);
  });

  test("a node that does not lead ends no session", async () => {
    const port = await aPort();
    await aSilentSession(port);
    port.node.follow("n2");

    await port.platform.advance(4 * ttlMs);

    expect(expiriesIn(port)).toEqual([]);
  });

  test("a leader that wakes late gives every session the full time again", async () => {
    const port = await aPort();
    await aKeptSession(port);
    await port.platform.advance(ttlMs / 2);

    await port.platform.sleep(10 * ttlMs);
    await port.platform.advance(ttlMs - 2 * lookMs);
    const before = sessionsOf(port);
    await port.platform.advance(4 * lookMs);

    expect(before).toEqual([1]);
    expect(sessionsOf(port)).toEqual([]);
  });

  test("a loop that stands still between the timer and the end of its turn is a late wake, too", async () => {
    const port = await aPort();
    await aKeptSession(port);
    await port.platform.block({ afterMs: lookMs, forMs: 10 * ttlMs });
    await port.platform.advance(ttlMs - 2 * lookMs);

    expect(sessionsOf(port)).toEqual([1]);
  });

  test("a leader that wakes a little late reads its sockets before it ends anything", async () => {
    const port = await aPort();
    const client = await aKeptSession(port);
    await port.platform.advance(ttlMs - lookMs / 2);
    // What the socket has held while the loop was blocked: read after the timers, before the turn ends.
    port.platform.setTimer(0, () => {
      client.say({ kind: "requests", requests: [keepalive(3)] });
    });

    await port.platform.sleep(lookMs);
    await port.platform.advance(ttlMs - 2 * lookMs);

    expect([gist(client, 3), expiriesIn(port)]).toEqual(["kept", []]);
  });

  test("while a keepalive waits for its round no end is proposed; what becomes of it decides", async () => {
    const port = await aPort();
    const client = await aKeptSession(port);
    port.node.decidesAtOnce = false;
    await port.platform.advance(ttlMs - lookMs);
    await keep(port, client, 3);
    await keep(port, client, 4);
    await port.platform.advance(4 * lookMs);
    const before = expiriesIn(port);

    port.node.endReads({ kind: "unavailable" });
    await port.platform.advance(2 * lookMs);

    expect([before, gist(client, 3), expiriesIn(port)]).toEqual([[], "unavailable", [[1, 1]]]);
  });

  test("an end that is proposed and not yet decided is not proposed again", async () => {
    const port = await aPort();
    await aSilentSession(port);
    port.node.decidesAtOnce = false;

    await port.platform.advance(2 * ttlMs);
    const proposed = expiriesIn(port);
    port.node.endAll({ kind: "overloaded" });
    await port.platform.advance(2 * lookMs);

    expect([proposed.length, expiriesIn(port).length]).toEqual([1, 2]);
  });

  test("many sessions whose time is up are ended in entries of bounded size", async () => {
    const port = await aPort();
    for (let at = 0; at < 300; at += 1) {
      const client = await port.speaker(at.toString(16).padStart(32, "0"));
      client.leave();
    }
    const before = port.node.entries.length;

    await port.platform.advance(ttlMs + 2 * lookMs);

    const sizes = port.node.entries.slice(before).map(({ submissions }) => submissions.length);
    expect([sizes, sessionsOf(port)]).toEqual([[256, 44], []]);
  });

  test("a node that serves nothing ends no session", async () => {
    const port = await aPort();
    await aSilentSession(port);
    port.node.notServing = "the state differs from the majority's";

    await port.platform.advance(4 * ttlMs);

    expect(expiriesIn(port)).toEqual([]);
  });

  test("a closed port looks for nobody any more", async () => {
    const port = await aPort();
    await aSilentSession(port);

    await port.listener.close();
    await port.platform.advance(4 * ttlMs);

    expect([expiriesIn(port), port.platform.timersArmed]).toEqual([[], 0]);
  });
});

describe("an end that is in the log", () => {
  /** The end of its session is proposed, and nobody knows yet what becomes of it. */
  async function anEndingSession(port: APort): Promise<VirtualClient> {
    const client = await aKeptSession(port);
    port.node.decidesAtOnce = false;
    await port.platform.advance(ttlMs + lookMs);
    expect(expiriesIn(port)).toEqual([[1, 1]]);
    return client;
  }

  test("no keepalive is confirmed against it, although the session is still in the state", async () => {
    const port = await aPort();
    const client = await anEndingSession(port);

    await keep(port, client, 3);
    port.node.confirmReads();
    await port.settle();

    expect([gist(client, 3), sessionsOf(port)]).toEqual(["unavailable", [1]]);
  });

  test("it counts when the answer leaves, not when the keepalive arrived", async () => {
    const port = await aPort();
    const client = await anEndingSession(port);
    await keep(port, client, 3);

    port.node.endAll({ kind: "overloaded" });
    await port.settle();
    port.node.confirmReads();
    await port.settle();

    expect([gist(client, 3), sessionsOf(port)]).toEqual(["kept", [1]]);
  });

  test("it is not forgotten when the leader wakes late", async () => {
    const port = await aPort();
    const client = await anEndingSession(port);

    await port.platform.sleep(10 * ttlMs);
    await keep(port, client, 3);
    port.node.confirmReads();
    await port.settle();

    expect(gist(client, 3)).toBe("unavailable");
  });

  test("not known whether it is: none is confirmed in this term", async () => {
    const port = await aPort();
    const client = await anEndingSession(port);
    port.node.endAll({ kind: "indeterminate", cause: "leadership-lost" });
    await port.settle();

    await keep(port, client, 3);
    port.node.confirmReads();
    await port.settle();

    expect(gist(client, 3)).toBe("unavailable");
  });

  test("one that certainly is not is no hindrance", async () => {
    const port = await aPort();
    const client = await anEndingSession(port);
    port.node.endAll({ kind: "overloaded" });
    port.node.decidesAtOnce = true;
    await port.settle();

    expect([await keep(port, client, 3), sessionsOf(port)]).toEqual(["kept", [1]]);
  });

  test("it is noted as one where it is one, not where it was applied in another term", async () => {
    const said: string[] = [];
    const info: Log["info"] = (_, message) => void said.push(message);
    const port = await aPort({ log: { ...silentLog, info } });
    const client = await anEndingSession(port);
    port.node.term += 1;
    port.node.applyAll();
    port.node.decidesAtOnce = true;

    await keep(port, client, 3);
    const before = said.includes("session expired");
    await port.platform.advance(ttlMs + 2 * lookMs);

    expect([before, said.includes("session expired")]).toEqual([false, true]);
  });

  test("applied, it is told", async () => {
    const port = await aPort();
    const client = await anEndingSession(port);
    port.node.decidesAtOnce = true;
    port.node.applyAll();
    await port.settle();

    expect(await keep(port, client, 3)).toBe("session_expired");
  });
});

describe("clients of before, which send no keepalives", () => {
  test("a session that is not heard of for its time-to-live ends", async () => {
    const port = await aPort();
    await aSilentSession(port);

    await port.platform.advance(ttlMs - 1);
    const before = sessionsOf(port);
    await port.platform.advance(2 * lookMs);

    expect([before, sessionsOf(port)]).toEqual([[1], []]);
  });

  test("a session whose connection is open and answers pings lives, however short its time-to-live", async () => {
    const port = await aPort();
    const client = port.client();
    const args = { openId: openIds.a, name: "test", ttlMs: 5_000 };
    client.say({ kind: "requests", requests: [{ id: 1, command: "session.open", args }] });

    await port.platform.advance(3 * ttlMs);
    const before = sessionsOf(port);
    client.isAlive = false;
    await port.platform.advance(2 * unheardMs);

    expect([before, sessionsOf(port)]).toEqual([[1], []]);
  });

  test("its time counts from the last sound of a connection, not from when it closed or opened", async () => {
    const port = await aPort();
    const client = await port.speaker(openIds.a);
    await port.platform.advance(ttlMs / 2);
    client.say({ kind: "ping", id: 1 });
    client.leave();

    await port.platform.advance(ttlMs - 2 * lookMs);

    expect(sessionsOf(port)).toEqual([1]);
  });
});
