import { describe, expect, test } from "vitest";
import { type APort, aPort, openIds } from "../../test/outer/a-port.ts";

const silenceMs = 30_000;
/** At most a thirtieth late. */
const lookMs = 1_000;

async function aLeader(): Promise<APort> {
  return aPort({ settings: { sessionSilenceMs: silenceMs } });
}

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

/** Its connection is gone; the session is in the state. */
async function aSilentSession(port: APort): Promise<void> {
  const client = await port.speaker(openIds.a);
  client.leave();
  await port.settle();
}

describe("silence", () => {
  test("a session that is not heard of for the whole silence is ended by an entry of the log", async () => {
    const port = await aLeader();
    await aSilentSession(port);

    await port.platform.advance(silenceMs - 1);
    const before = sessionsOf(port);
    await port.platform.advance(2 * lookMs);

    expect(before).toEqual([1]);
    expect([expiriesIn(port), sessionsOf(port)]).toEqual([[[1, 1]], []]);
  });

  test("a session whose connection is open and answers pings is not silent", async () => {
    const port = await aLeader();
    await port.speaker(openIds.a);

    await port.platform.advance(3 * silenceMs);

    expect([expiriesIn(port), sessionsOf(port)]).toEqual([[], [1]]);
  });

  test("silence counts from the last sound of a connection, not from when it closed or opened", async () => {
    const port = await aLeader();
    const client = await port.speaker(openIds.a);
    await port.platform.advance(silenceMs / 2);
    client.say({ kind: "ping", id: 1 });
    client.leave();

    await port.platform.advance(silenceMs - lookMs);

    expect(sessionsOf(port)).toEqual([1]);
  });

  test("a new leader gives every session the full time from when it has applied the first entry of its term", async () => {
    const port = await aLeader();
    await aSilentSession(port);
    await port.platform.advance(silenceMs - 2 * lookMs);
    port.node.follow("n2");
    port.leadershipMoved();
    await port.settle();
    port.node.hasStamp = false;
    port.node.lead();
    await port.platform.advance(silenceMs);
    port.node.hasStamp = true;

    await port.platform.advance(silenceMs - 2 * lookMs);
    const before = sessionsOf(port);
    await port.platform.advance(4 * lookMs);

    expect(before).toEqual([1]);
    expect([expiriesIn(port), sessionsOf(port)]).toEqual([[[1, 3]], []]);
  });

  test("a leader of a later term forgets what it remembered in the earlier one, even if nobody told it", async () => {
    const port = await aLeader();
    await aSilentSession(port);
    await port.platform.advance(silenceMs - 2 * lookMs);
    port.node.term += 2;

    await port.platform.advance(silenceMs - 2 * lookMs);

    expect(expiriesIn(port)).toEqual([]);
  });

  test("a node that does not lead ends no session", async () => {
    const port = await aLeader();
    await aSilentSession(port);
    port.node.follow("n2");

    await port.platform.advance(4 * silenceMs);

    expect(expiriesIn(port)).toEqual([]);
  });

  test("a leader that wakes late gives every session the full time again", async () => {
    const port = await aLeader();
    await aSilentSession(port);
    await port.platform.advance(silenceMs / 2);

    await port.platform.sleep(10 * silenceMs);
    await port.platform.advance(silenceMs - 2 * lookMs);
    const before = sessionsOf(port);
    await port.platform.advance(4 * lookMs);

    expect(before).toEqual([1]);
    expect(sessionsOf(port)).toEqual([]);
  });

  test("an end that is proposed and not yet decided is not proposed again", async () => {
    const port = await aLeader();
    await aSilentSession(port);
    port.node.decidesAtOnce = false;

    await port.platform.advance(2 * silenceMs);
    const proposed = expiriesIn(port);
    port.node.endAll({ kind: "overloaded" });
    await port.platform.advance(2 * lookMs);

    expect([proposed.length, expiriesIn(port).length]).toEqual([1, 2]);
  });

  test("many silent sessions are ended in entries of bounded size", async () => {
    const port = await aLeader();
    for (let at = 0; at < 300; at += 1) {
      const client = await port.speaker(at.toString(16).padStart(32, "0"));
      client.leave();
    }
    const before = port.node.entries.length;

    await port.platform.advance(silenceMs + 2 * lookMs);

    const sizes = port.node.entries.slice(before).map(({ submissions }) => submissions.length);
    expect([sizes, sessionsOf(port)]).toEqual([[256, 44], []]);
  });

  test("a node that serves nothing ends no session", async () => {
    const port = await aLeader();
    await aSilentSession(port);
    port.node.notServing = "the state differs from the majority's";

    await port.platform.advance(4 * silenceMs);

    expect(expiriesIn(port)).toEqual([]);
  });

  test("a closed port looks for nobody any more", async () => {
    const port = await aLeader();
    await aSilentSession(port);

    await port.listener.close();
    await port.platform.advance(4 * silenceMs);

    expect([expiriesIn(port), port.platform.timersArmed]).toEqual([[], 0]);
  });
});
