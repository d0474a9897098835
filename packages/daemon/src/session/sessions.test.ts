import { sessionId } from "@rogerd/global-state";
import { describe, expect, test } from "vitest";
import { Sessions, type Speaker } from "./sessions.ts";

const [seven, eight] = [sessionId(7), sessionId(8)];

class ASpeaker implements Speaker {
  readonly serial: number;
  readonly heardAtMs = 0;
  timesSuperseded = 0;

  constructor(serial: number) {
    this.serial = serial;
  }

  superseded(): void {
    this.timesSuperseded += 1;
  }

  told(): void {}

  missed(): void {}
}

function twoSpeakers() {
  return { sessions: new Sessions(), older: new ASpeaker(1), newer: new ASpeaker(2) };
}

describe("sessions", () => {
  test("a connection speaks for the session that was answered on it", () => {
    const { sessions, older } = twoSpeakers();

    sessions.bind(seven, older);

    expect([sessions.sessionOf(older), sessions.speakerOf(seven)]).toEqual([7, older]);
  });

  test("the newer of two connections speaks, and the older one is told", () => {
    const { sessions, older, newer } = twoSpeakers();
    sessions.bind(seven, older);

    sessions.bind(seven, newer);

    expect(sessions.speakerOf(seven)).toBe(newer);
    expect(sessions.sessionOf(older)).toBeUndefined();
    expect([older.timesSuperseded, newer.timesSuperseded]).toEqual([1, 0]);
  });

  test("an answer that comes late on the older connection takes nothing from the newer one", () => {
    const { sessions, older, newer } = twoSpeakers();
    sessions.bind(seven, newer);

    sessions.bind(seven, older);

    expect(sessions.speakerOf(seven)).toBe(newer);
    expect([older.timesSuperseded, newer.timesSuperseded]).toEqual([1, 0]);
  });

  test("a repeated open on the same connection changes nothing", () => {
    const { sessions, older } = twoSpeakers();
    sessions.bind(seven, older);

    sessions.bind(seven, older);

    expect([sessions.speakerOf(seven), older.timesSuperseded]).toEqual([older, 0]);
  });

  test("a connection speaks for one session: the one answered last", () => {
    const { sessions, older } = twoSpeakers();
    sessions.bind(seven, older);

    sessions.bind(eight, older);

    expect([sessions.speakerOf(seven), sessions.sessionOf(older)]).toEqual([undefined, 8]);
  });

  test("a closed connection speaks for nobody", () => {
    const { sessions, older, newer } = twoSpeakers();
    sessions.bind(seven, older);

    sessions.unbind(older);
    sessions.unbind(newer);

    expect(sessions.speakerOf(seven)).toBeUndefined();
    expect(older.timesSuperseded).toBe(0);
  });

  test("who has synced listens, until it speaks for the session no more", () => {
    const { sessions, older, newer } = twoSpeakers();
    sessions.bind(seven, older);
    const before = sessions.listenerOf(seven);
    sessions.listen(older);
    const during = [sessions.listenerOf(seven), ...sessions.listeners()];

    sessions.bind(seven, newer);

    expect([before, during]).toEqual([undefined, [older, older]]);
    expect([sessions.listenerOf(seven), sessions.listeners()]).toEqual([undefined, []]);
  });
});
