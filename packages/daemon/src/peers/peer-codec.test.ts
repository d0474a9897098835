import { readFileSync } from "node:fs";
import {
  type Configuration,
  incarnation,
  logIndex,
  type Message,
  nodeId,
  readRound,
  term,
} from "@rogerd/raft";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MalformedError } from "../flat-codec.ts";
import { decodePeerFrame, encodePeerFrame, type PeerFrame } from "./peer-codec.ts";

const from = nodeId("a".repeat(32));
const to = nodeId("b".repeat(32));
const route = { from, to };
const envelope = { from, to, term: term(5) };

const configuration: Configuration = {
  voters: [from, to],
  votersOutgoing: [from],
  learners: [nodeId("c".repeat(32))],
  members: [
    { id: from, name: "n1", clientUrl: "ws://127.0.0.1:7401", peerUrl: "ws://127.0.0.1:7501" },
  ],
  removed: [nodeId("d".repeat(32))],
};
const snapshot = { index: logIndex(90), term: term(4), configuration, hash: "0af1" };

/** One of each; a new message needs a line here, the type sees to it. */
const messages: { readonly [Kind in Message["kind"]]: Extract<Message, { kind: Kind }> } = {
  "request-pre-vote": {
    kind: "request-pre-vote",
    ...envelope,
    lastIndex: logIndex(9),
    lastTerm: term(4),
  },
  "pre-vote-reply": { kind: "pre-vote-reply", ...envelope, isGranted: true },
  "request-vote": {
    kind: "request-vote",
    ...envelope,
    lastIndex: logIndex(9),
    lastTerm: term(4),
    cause: "transfer",
  },
  "vote-refused": { kind: "vote-refused", ...envelope },
  "vote-granted": { kind: "vote-granted", ...envelope },
  "append-entries": {
    kind: "append-entries",
    ...envelope,
    prevIndex: logIndex(2 ** 40),
    prevTerm: term(4),
    commitIndex: logIndex(8),
    entries: [
      { kind: "configuration", index: logIndex(2 ** 40 + 1), term: term(4), configuration },
      { kind: "noop", index: logIndex(2 ** 40 + 2), term: term(5) },
      {
        kind: "command",
        index: logIndex(2 ** 40 + 3),
        term: term(5),
        payload: new Uint8Array([1, 2, 255]),
      },
    ],
  },
  "append-accepted": { kind: "append-accepted", ...envelope, matchIndex: logIndex(11) },
  "append-rejected": {
    kind: "append-rejected",
    ...envelope,
    rejectedIndex: logIndex(9),
    hintIndex: logIndex(3),
    hintTerm: term(2),
  },
  heartbeat: { kind: "heartbeat", ...envelope, commitIndex: logIndex(8), round: readRound(77) },
  "heartbeat-reply": {
    kind: "heartbeat-reply",
    ...envelope,
    round: readRound(77),
    wantsSnapshot: false,
  },
  "install-snapshot": {
    kind: "install-snapshot",
    ...envelope,
    snapshot,
    chunk: 3,
    bytes: new Uint8Array([9, 8, 7]),
    isLast: true,
  },
  "snapshot-progress": {
    kind: "snapshot-progress",
    ...envelope,
    snapshotIndex: logIndex(90),
    snapshotHash: "0af1",
    nextChunk: 4,
  },
  "timeout-now": { kind: "timeout-now", ...envelope },
};

const frames: Readonly<Record<string, PeerFrame>> = {
  hello: {
    kind: "hello",
    hello: {
      protocol: 1,
      clusterId: undefined,
      nodeId: from,
      name: "n1",
      incarnation: incarnation(3),
      peerUrl: "ws://127.0.0.1:7501",
      clientUrl: "ws://127.0.0.1:7401",
      founders: [{ name: "n1", host: "127.0.0.1", port: 7501 }],
      memberIds: [],
      credential: "s3cret",
    },
  },
  refusal: { kind: "refusal", refusal: { code: "cluster", sentence: "it belongs elsewhere" } },
  hashes: { kind: "hashes", reports: [{ index: 4096, hash: "00ff" }] },
  "all messages of a turn": { kind: "messages", messages: Object.values(messages) },
  ...Object.fromEntries(
    Object.values(messages).map((message) => [
      message.kind,
      { kind: "messages", messages: [message] },
    ]),
  ),
};

function golden(): Record<string, string> {
  const text = readFileSync(new URL("./fixtures/frames-v1.json", import.meta.url), "utf8");
  const fixtures: Record<string, string> = JSON.parse(text);
  return fixtures;
}

describe("peer frames as bytes", () => {
  test.each(Object.keys(frames))("%s reads back as it was written", (name) => {
    const frame = frames[name];

    expect(frame && plain(decodePeerFrame(encodePeerFrame(frame), route))).toEqual(frame);
  });

  test("frames of protocol version 1 are written and read as on the first day", () => {
    const written = Object.fromEntries(
      Object.entries(frames).map(([name, frame]) => [name, hexOf(encodePeerFrame(frame))]),
    );
    const read = Object.fromEntries(
      Object.entries(golden()).map(([name, hex]) => [
        name,
        plain(decodePeerFrame(Buffer.from(hex, "hex"), route)),
      ]),
    );

    expect(written).toEqual(golden());
    expect(read).toEqual(frames);
  });

  test("a message comes from whom the connection says, whatever it was made by", () => {
    const other = { from: nodeId("e".repeat(32)), to };
    const bytes = encodePeerFrame({ kind: "messages", messages: [messages["vote-granted"]] });

    expect(decodePeerFrame(bytes, other)).toEqual({
      kind: "messages",
      messages: [{ ...messages["vote-granted"], from: other.from }],
    });
  });

  test("a frame of another version or group does not read", () => {
    const bytes = encodePeerFrame({ kind: "messages", messages: [] });

    expect(() => decodePeerFrame(withByte(bytes, { at: 0, byte: 2 }), route)).toThrow(
      MalformedError,
    );
    expect(() => decodePeerFrame(withByte(bytes, { at: 3, byte: 1 }), route)).toThrow(/group/);
  });

  test("an append whose terms decrease does not read", () => {
    const append = messages["append-entries"];
    const entries = [...append.entries].reverse();
    const bytes = encodePeerFrame({ kind: "messages", messages: [{ ...append, entries }] });

    expect(() => decodePeerFrame(bytes, route)).toThrow(/terms in a log never decrease/);
  });

  test("damaged bytes are refused or read as frames, and nothing else happens", () => {
    const whole = encodePeerFrame({ kind: "messages", messages: Object.values(messages) });

    fc.assert(
      fc.property(
        fc.array(fc.record({ at: fc.nat(whole.length - 1), byte: fc.nat(255) }), { maxLength: 4 }),
        fc.nat(whole.length),
        (changes, cut) => {
          const damaged = whole.slice(0, cut);
          for (const { at, byte } of changes) if (at < cut) damaged[at] = byte;
          try {
            const frame = decodePeerFrame(damaged, route);
            return encodePeerFrame(frame).length > 0;
          } catch (error) {
            return error instanceof MalformedError;
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  test("bytes of nobody are refused", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        const framed = new Uint8Array([1, 3, 0, 0, ...bytes]);
        try {
          return decodePeerFrame(framed, route).kind === "messages";
        } catch (error) {
          return error instanceof MalformedError;
        }
      }),
      { numRuns: 500 },
    );
  });
});

function withByte(bytes: Uint8Array, change: { at: number; byte: number }): Uint8Array {
  const changed = bytes.slice();
  changed[change.at] = change.byte;
  return changed;
}

/** Views of a Buffer compare unequal to plain bytes; what they hold is what matters. */
function plain(frame: PeerFrame): PeerFrame {
  if (frame.kind !== "messages") return frame;
  return {
    kind: "messages",
    messages: frame.messages.map((message) =>
      message.kind === "install-snapshot"
        ? { ...message, bytes: new Uint8Array(message.bytes) }
        : message,
    ),
  };
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
