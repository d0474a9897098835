import { incarnation, nodeId } from "@rogerd/raft";
import { describe, expect, test } from "vitest";
import { Presence } from "./presence.ts";

const peer = nodeId("a".repeat(32));
const first = { nodeId: peer, incarnation: incarnation(1) };
const second = { nodeId: peer, incarnation: incarnation(2) };
const [inbound, outbound] = [{}, {}];

describe("which runs of which peers are connected", () => {
  test("a run is gone when its last connection closes, in whichever direction", () => {
    const presence = new Presence({ electionTimeoutMs: 300 });
    presence.opened(first, inbound, 0);
    presence.opened(first, outbound, 0);

    const gone = [presence.closed(first, inbound, 400), presence.closed(first, outbound, 401)];

    expect(gone).toEqual([false, true]);
  });

  test("a connection that lived less than the election timeout does not count", () => {
    const presence = new Presence({ electionTimeoutMs: 300 });
    presence.opened(first, inbound, 0);

    expect(presence.closed(first, inbound, 299)).toBe(false);
  });

  test("a short connection that outlives a long one only puts off its end", () => {
    const presence = new Presence({ electionTimeoutMs: 300 });
    presence.opened(first, inbound, 0);
    presence.opened(first, outbound, 500);

    const gone = [presence.closed(first, inbound, 501), presence.closed(first, outbound, 502)];

    expect(gone).toEqual([false, true]);
  });

  test("short connections, however many overlap, start no election", () => {
    const presence = new Presence({ electionTimeoutMs: 300 });
    let current = {};
    presence.opened(first, current, 0);
    const gone: boolean[] = [];
    for (let at = 100; at < 2_000; at += 100) {
      const next = {};
      presence.opened(first, next, at);
      gone.push(presence.closed(first, current, at));
      current = next;
    }
    gone.push(presence.closed(first, current, 2_000));

    expect(gone.every((isGone) => !isGone)).toBe(true);
  });

  test("runs are told apart, and the newest is known after it has gone", () => {
    const presence = new Presence({ electionTimeoutMs: 300 });
    presence.opened(first, inbound, 0);
    presence.opened(second, outbound, 1_000);

    const firstGone = presence.closed(first, inbound, 1_000);
    const secondGone = presence.closed(second, outbound, 2_000);

    expect([firstGone, secondGone]).toEqual([true, true]);
    expect(presence.isNewest(first)).toBe(false);
    expect(presence.newestIncarnation(peer)).toBe(2);
  });

  test("a connection that closes twice is gone once", () => {
    const presence = new Presence({ electionTimeoutMs: 300 });
    presence.opened(first, inbound, 0);

    const gone = [presence.closed(first, inbound, 400), presence.closed(first, inbound, 401)];

    expect(gone).toEqual([true, false]);
  });
});
