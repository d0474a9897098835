import {
  type Answer,
  type DaemonFrame,
  decodeDaemonFrame,
  type Push,
  subprotocols,
} from "@rogerd/protocol";
import { describe, expect, test } from "vitest";
import { VirtualClient } from "../../test/outer/virtual-network.ts";
import { FlushTurn } from "./flush-turn.ts";
import { Outbox } from "./outbox.ts";

function anOutbox(bounds: { readonly frameBytesMax?: number; readonly outboxBytesMax?: number }) {
  const socket = new VirtualClient("test", subprotocols.json);
  const told = { overflowed: 0, flushed: 0 };
  const outbox = new Outbox({
    socket,
    subprotocol: subprotocols.json,
    bounds: { frameBytesMax: 10_000, outboxBytesMax: 100_000, ...bounds },
    turn: new FlushTurn(),
    overflowed: () => {
      told.overflowed += 1;
    },
    flushed: () => {
      told.flushed += 1;
    },
  });
  return { socket, outbox, told };
}

function ok(id: number): Answer {
  return { id, revision: 5, n: 0, result: { status: "ok" } };
}

const aPush: Push = {
  kind: "runToStop",
  revision: 9,
  n: 0,
  partition: "acme",
  jobId: "j",
  token: 3,
  cause: "cancelled",
  by: "ops",
  reason: "",
};

function idsOf(frames: readonly DaemonFrame[]): (number | string)[][] {
  return frames.map((frame) =>
    frame.kind === "answers" ? frame.answers.map(({ id }) => id) : [frame.kind],
  );
}

describe("outbox", () => {
  test("the answers of one turn leave as one frame", async () => {
    const { outbox, socket, told } = anOutbox({});

    for (const id of [1, 2, 3]) outbox.answer(ok(id));
    await Promise.resolve();

    expect(idsOf(socket.heard())).toEqual([[1, 2, 3]]);
    expect(told).toEqual({ overflowed: 0, flushed: 1 });
  });

  test("answers that promises of the same instant bring still share the frame", async () => {
    const { outbox, socket } = anOutbox({});
    const outcomes = [1, 2, 3].map((id) => Promise.resolve(id));

    await Promise.all(
      outcomes.map(async (outcome) => {
        outbox.answer(ok(await outcome));
      }),
    );

    expect(idsOf(socket.heard())).toEqual([[1, 2, 3]]);
  });

  test("pushes of one turn leave as one frame, behind the answers before them and before those behind", async () => {
    const { outbox, socket, told } = anOutbox({});
    const push = (n: number) => outbox.push({ ...aPush, n }, 17);

    outbox.answer(ok(1));
    for (const n of [0, 1]) push(n);
    outbox.answer(ok(2));
    push(2);
    await Promise.resolve();

    expect(socket.heard()).toEqual([
      { kind: "answers", answers: [ok(1)] },
      { kind: "pushes", session: 17, pushes: [aPush, { ...aPush, n: 1 }] },
      { kind: "answers", answers: [ok(2)] },
      { kind: "pushes", session: 17, pushes: [{ ...aPush, n: 2 }] },
    ]);
    expect([told, outbox.isEmpty]).toEqual([{ overflowed: 0, flushed: 1 }, true]);
  });

  test("many pushes never become one huge frame, and a reader that does not keep up with them is cut", () => {
    const { outbox, socket, told } = anOutbox({ outboxBytesMax: 60_000 });
    const long = { ...aPush, by: "x".repeat(512) };

    for (let n = 0; n < 60; n += 1) outbox.push({ ...long, n }, 17);
    const before = [socket.heardOf("pushes").length, outbox.isEmpty];
    socket.bufferedAmount = 10_000;
    outbox.flush();

    expect(before).toEqual([1, false]);
    expect(told.overflowed).toBe(0);
    socket.bufferedAmount = 60_000;
    outbox.push(long, 17);
    outbox.flush();
    expect([told.overflowed, outbox.isEmpty]).toEqual([1, true]);
  });

  test("another frame never overtakes the answers before it", () => {
    const { outbox, socket } = anOutbox({});

    outbox.answer(ok(1));
    outbox.send({ kind: "goodbye", reason: "" });

    expect(idsOf(socket.heard())).toEqual([[1], ["goodbye"]]);
  });

  test("too many answers for one frame are sent in several, none lost, none too large", async () => {
    const { outbox, socket } = anOutbox({ frameBytesMax: 300 });

    for (let id = 0; id < 20; id += 1) outbox.answer(ok(id));
    await Promise.resolve();

    expect(idsOf(socket.heard()).flat()).toEqual([...Array(20).keys()]);
    expect(socket.sent.filter((frame) => frame.length > 300)).toEqual([]);
  });

  test("one answer that fits no frame becomes an error under its id", async () => {
    const { outbox, socket } = anOutbox({ frameBytesMax: 300 });
    const queues = ["q".repeat(400)];

    outbox.answer({ id: 9, revision: 5, n: 0, result: { status: "paused", queues } });
    await Promise.resolve();

    expect(socket.heard()).toMatchObject([
      { kind: "answers", answers: [{ id: 9, error: { code: "payload_too_large" } }] },
    ]);
  });

  test("long lists leave at once, so that a turn of them is never one huge frame", () => {
    const { outbox, socket } = anOutbox({ frameBytesMax: 1_000_000, outboxBytesMax: 9_000_000 });
    const queues = Array.from({ length: 1_100 }, (_, at) => `queue-${at}`);

    outbox.answer({ id: 1, revision: 5, n: 0, result: { status: "paused", queues } });

    expect(idsOf(socket.heard())).toEqual([[1]]);
  });

  test("a reader that leaves too much waiting is told, once, and hears nothing more", async () => {
    const { outbox, socket, told } = anOutbox({ outboxBytesMax: 10_000 });
    socket.bufferedAmount = 9_990;

    outbox.answer(ok(1));
    await Promise.resolve();
    outbox.answer(ok(2));
    outbox.send({ kind: "pong", id: 1 });
    await Promise.resolve();

    expect(socket.heard()).toMatchObject([{ kind: "error", error: { code: "overflow" } }]);
    expect(told).toEqual({ overflowed: 1, flushed: 0 });
  });

  test("what the socket holds at the bound exactly is not too much", () => {
    const { outbox, socket, told } = anOutbox({ outboxBytesMax: 10_000 });
    const bytes = JSON.stringify({ kind: "pong", id: 1 }).length;
    socket.bufferedAmount = 10_000 - bytes;

    outbox.send({ kind: "pong", id: 1 });

    expect(idsOf(socket.heard())).toEqual([["pong"]]);
    expect(told.overflowed).toBe(0);
  });

  test("the same bytes may be sent to many", () => {
    const { outbox, socket } = anOutbox({});
    const frame = JSON.stringify({ kind: "leader", leader: null });

    outbox.sendEncoded(frame);

    const decoded = decodeDaemonFrame(subprotocols.json, socket.sent[0] ?? "");
    expect(decoded).toEqual({ kind: "frame", frame: { kind: "leader", leader: null } });
  });
});
