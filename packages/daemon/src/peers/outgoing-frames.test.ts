import { logIndex, type Message, nodeId, readRound, term } from "@rogerd/raft";
import { describe, expect, test } from "vitest";
import { byPeer, frameRuns, isSmall } from "./outgoing-frames.ts";

const self = nodeId("a".repeat(32));
const [peer, other] = [nodeId("b".repeat(32)), nodeId("c".repeat(32))];

function append(to = peer, bytes = 0): Message {
  const place = { index: logIndex(1), term: term(1) };
  return {
    kind: "append-entries",
    from: self,
    to,
    term: term(1),
    prevIndex: logIndex(0),
    prevTerm: term(0),
    commitIndex: logIndex(0),
    entries: bytes === 0 ? [] : [{ kind: "command", ...place, payload: new Uint8Array(bytes) }],
  };
}

function heartbeat(to = peer): Message {
  const round = readRound(1);
  return { kind: "heartbeat", from: self, to, term: term(1), commitIndex: logIndex(0), round };
}

describe("a turn's messages on their way to peers", () => {
  test("each peer gets its own, in their order", () => {
    const messages = [append(peer), heartbeat(other), heartbeat(peer)];

    expect([...byPeer(messages)]).toEqual([
      [peer, [messages[0], messages[2]]],
      [other, [messages[1]]],
    ]);
  });

  test("a turn is one frame unless it is too large; the largest message goes alone", () => {
    const [small, large] = [heartbeat(), append(peer, 10_000)];

    expect(kinds([small, small, small])).toEqual([["heartbeat", "heartbeat", "heartbeat"]]);
    expect(kinds([small, large, small])).toEqual([
      ["heartbeat"],
      ["append-entries"],
      ["heartbeat"],
    ]);
    expect(kinds([])).toEqual([]);
  });

  test("what carries entries or a snapshot is bulk, all else is small", () => {
    expect([isSmall(append(peer, 1)), isSmall(append()), isSmall(heartbeat())]).toEqual([
      false,
      true,
      true,
    ]);
  });
});

function kinds(messages: readonly Message[]): readonly (readonly string[])[] {
  return frameRuns(messages, { bytesAim: 4_096 }).map((run) => run.map(({ kind }) => kind));
}
