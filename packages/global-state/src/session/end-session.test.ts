import { describe, expect, test } from "vitest";
import { aSecondLevel, inSession, keyWrites, writes } from "../../test/world.ts";
import { openId, sessionId } from "../ids.ts";

describe("a session that has more than one entry may free", () => {
  test("is over from the first entry on: nobody finds it any more, though it is still being emptied", () => {
    const world = aSecondLevel({ workMax: 3, dueMax: 3 });
    const session = world.open(1);
    for (let at = 0; at < 5; at += 1) {
      world.write(keyWrites.hold(`key-${at}`, `job-${at}`), inSession(session, at));
    }

    world.write(writes.expire(session, world.term));

    expect(world.state.counts()).toMatchObject({ sessions: 1 });
    expect(world.state.session(sessionId(session))).toBeUndefined();
    expect(world.state.sessionOf(openId("1".padStart(32, "0")))).toBeUndefined();
    expect([...world.state.sessions()]).toEqual([]);
  });
});
