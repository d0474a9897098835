import {
  type Configuration,
  incarnation,
  logIndex,
  type Message,
  type NodeId,
  nodeId,
  readRound,
  term,
} from "@rogerd/raft";
import { describe, expect, test } from "vitest";
import type { Log, LogFields, LogMessage } from "../../src/observe/log.ts";
import { encodePeerFrame, type HashReport } from "../../src/peers/peer-codec.ts";
import { type PeerHello, peerPath, peerSubprotocols } from "../../src/peers/peer-hello.ts";
import { peerLimits } from "../../src/peers/peer-limits.ts";
import { PeerPort } from "../../src/peers/peer-port.ts";
import { PeerTransport } from "../../src/peers/peer-transport.ts";
import { Switchboard, WireEnd } from "./switchboard.ts";

const clusterId = "1".repeat(32);
const electionTimeoutMs = 300;

interface NodeOptions {
  readonly run?: number;
  readonly clusterId?: string;
  readonly secret?: string;
}

/** One node's transport on the switchboard, and all that it told its owner. */
interface TestNode {
  readonly id: NodeId;
  readonly url: string;
  readonly transport: PeerTransport;
  readonly port: PeerPort;
  readonly received: { readonly kind: string; readonly from: NodeId; readonly run: number }[];
  readonly gone: { readonly nodeId: NodeId; readonly incarnation: number }[];
  readonly hashes: HashReport[];
  readonly lines: { readonly message: LogMessage; readonly reason: unknown }[];
  /** What ends this node. */
  readonly removals: string[];
  hello(change?: Partial<PeerHello>): PeerHello;
}

async function node(
  board: Switchboard,
  digit: string,
  options: NodeOptions = {},
): Promise<TestNode> {
  const id = nodeId(digit.repeat(32));
  const secret = options.secret ?? "s3cret";
  const { platform } = board;
  const endpoint = { host: "127.0.0.1", port: 0 };
  const port = await PeerPort.open({ platform, limits: peerLimits, endpoint });
  const url = `ws://127.0.0.1:${port.endpoint.port}`;
  const hello: PeerHello = {
    protocol: 1,
    clusterId: options.clusterId ?? clusterId,
    nodeId: id,
    name: `n-${digit}`,
    incarnation: incarnation(options.run ?? 1),
    peerUrl: url,
    clientUrl: "ws://127.0.0.1:1",
    founders: [],
    memberIds: [],
    credential: secret,
  };
  const told: Pick<TestNode, "received" | "gone" | "hashes" | "lines" | "removals"> = {
    removals: [],
    received: [],
    gone: [],
    hashes: [],
    lines: [],
  };
  const transport = new PeerTransport({
    platform,
    log: keeping(told.lines),
    limits: peerLimits,
    self: { nodeId: id, clusterId: options.clusterId ?? clusterId },
    secret,
    electionTimeoutMs,
    ownHello: () => hello,
    metUnbound: () => undefined,
    removed: () => told.removals.push("removed"),
    hashes: {
      received: ({ reports }) => told.hashes.push(...reports),
      recent: () => [{ index: 4096, hash: digit }],
    },
  });
  transport.attach({
    received: ({ message, incarnation }) =>
      told.received.push({ kind: message.kind, from: message.from, run: incarnation }),
    disconnected: (run) => told.gone.push(run),
  });
  port.receive(transport);
  transport.begin();
  return { id, url, transport, port, ...told, hello: (change) => ({ ...hello, ...change }) };
}

function keeping(lines: TestNode["lines"][number][]): Log {
  const keep = (fields: LogFields, message: LogMessage) => {
    lines.push({ message, reason: fields["reason"] });
  };
  return { debug: () => undefined, info: () => undefined, warn: keep, error: keep, fatal: keep };
}

function configurationOf(...nodes: readonly TestNode[]): Configuration {
  const members = nodes.map(({ id, url }) => ({
    id,
    name: `n-${id[0] ?? ""}`,
    clientUrl: "ws://127.0.0.1:1",
    peerUrl: url,
  }));
  const voters = members.map((member) => member.id);
  return { voters, votersOutgoing: [], learners: [], members, removed: [] };
}

function heartbeat(from: TestNode, to: TestNode): Message {
  const [commitIndex, round] = [logIndex(0), readRound(1)];
  return { kind: "heartbeat", from: from.id, to: to.id, term: term(1), commitIndex, round };
}

/** A connection made by hand, to say what no transport of ours would. */
function rawConnection(
  board: Switchboard,
  to: TestNode,
  subprotocols = peerSubprotocols.map(({ name }) => name),
): { socket: WireEnd; frames: number } {
  const seen = { frames: 0 };
  const socket = board.platform.network.dial(
    {
      url: `${to.url}${peerPath}`,
      subprotocols,
      frameBytesMax: 1_000_000,
      timeoutMs: 1_000,
    },
    {
      opened: () => undefined,
      frame: () => {
        seen.frames += 1;
      },
      pong: () => undefined,
      closed: () => undefined,
    },
  );
  board.deliver();
  return Object.assign(seen, { socket: asWire(socket) });
}

function asWire(socket: unknown): WireEnd {
  if (!(socket instanceof WireEnd)) throw new Error("the switchboard makes wire ends");
  return socket;
}

async function aPair(): Promise<{ board: Switchboard; a: TestNode; b: TestNode }> {
  const board = new Switchboard();
  const [a, b] = [await node(board, "a"), await node(board, "b")];
  a.transport.configure(configurationOf(a, b));
  b.transport.configure(configurationOf(a, b));
  board.advance(10);
  return { board, a, b };
}

describe("messages between peers", () => {
  test("a message arrives with the run of its sender", async () => {
    const { board, a, b } = await aPair();

    a.transport.send([heartbeat(a, b), heartbeat(a, b)]);
    board.deliver();

    const arrived = { kind: "heartbeat", from: a.id, run: 1 };
    expect(b.received).toEqual([arrived, arrived]);
  });

  test("a node whose log is empty answers the peer that has come to it", async () => {
    const board = new Switchboard();
    const [a, b] = [await node(board, "a"), await node(board, "b")];
    a.transport.configure(configurationOf(a, b));
    board.advance(100);

    b.transport.send([heartbeat(b, a)]);
    board.deliver();

    expect(a.received).toEqual([{ kind: "heartbeat", from: b.id, run: 1 }]);
  });

  test("who is not connected has no room, and what is sent there is dropped", async () => {
    const { board, a, b } = await aPair();
    const before = a.transport.hasRoom(b.id);
    await b.port.close();
    b.transport.stop();
    board.advance(10);

    a.transport.send([heartbeat(a, b)]);
    board.deliver();

    expect([before, a.transport.hasRoom(b.id)]).toEqual([true, false]);
    expect(b.received).toEqual([]);
  });

  test("who does not read has no room for entries, and still gets what is small (J6)", async () => {
    const { board, a, b } = await aPair();
    const toB = board.ends.filter((_, at) => board.dialed[at]?.startsWith(b.url));
    for (const end of toB) end.bufferedAmount = peerLimits.roomBytes;

    a.transport.send([heartbeat(a, b)]);
    board.deliver();

    expect(a.transport.hasRoom(b.id)).toBe(false);
    expect(b.received).toEqual([{ kind: "heartbeat", from: a.id, run: 1 }]);
  });

  test("a transport that has not begun dials nobody and tells nobody who it is", async () => {
    const board = new Switchboard();
    const a = await node(board, "a");
    const silent = new PeerTransport({
      platform: board.platform,
      log: keeping([]),
      limits: peerLimits,
      self: { nodeId: nodeId("f".repeat(32)), clusterId },
      secret: undefined,
      electionTimeoutMs,
      ownHello: () => a.hello(),
      metUnbound: () => undefined,
      removed: () => undefined,
      hashes: { received: () => undefined, recent: () => [] },
    });
    silent.configure(configurationOf(a));
    board.advance(5_000);

    expect(board.dialed).toEqual([]);
  });

  test("state hashes travel beside the messages, the last ones at once after connecting", async () => {
    const { board, a, b } = await aPair();

    a.transport.sendHashes([{ index: 8192, hash: "ff" }]);
    board.deliver();

    expect(b.hashes).toEqual([
      { index: 4096, hash: "a" },
      { index: 8192, hash: "ff" },
    ]);
  });
});

describe("peers that are refused", () => {
  test("a node of another cluster is refused on both sides, in one line each", async () => {
    const board = new Switchboard();
    const a = await node(board, "a");
    const b = await node(board, "b", { clusterId: "2".repeat(32) });
    a.transport.configure(configurationOf(a, b));
    board.advance(60_000);
    a.transport.send([heartbeat(a, b)]);
    board.deliver();

    expect(board.dialed.length).toBeGreaterThan(10);
    expect(a.lines).toEqual([{ message: "refused by peer", reason: "cluster" }]);
    expect(b.lines).toEqual([{ message: "peer refused", reason: "cluster" }]);
    expect(b.received).toEqual([]);
  });

  test("a node with another secret is refused, and is told nothing about us", async () => {
    const board = new Switchboard();
    const a = await node(board, "a");
    const raw = rawConnection(board, a);
    const guessed = a.hello({ nodeId: nodeId("e".repeat(32)), credential: "guess" });
    raw.socket.send(encodePeerFrame({ kind: "hello", hello: guessed }));
    board.deliver();

    expect(raw.frames).toBe(1); // the refusal, no hello
    expect(raw.socket.isEnded).toBe(true);
    expect(a.lines).toEqual([{ message: "peer refused", reason: "credential" }]);
  });

  test("garbage closes its own connection and harms nobody else", async () => {
    const { board, a, b } = await aPair();
    const beforeHello = rawConnection(board, b);
    beforeHello.socket.send(new Uint8Array([1, 3, 0, 0, 0xc1, 0xff]));
    const text = rawConnection(board, b);
    text.socket.send("hello?");
    const afterHello = rawConnection(board, b);
    const stranger = a.hello({ nodeId: nodeId("e".repeat(32)), name: "stranger" });
    afterHello.socket.send(encodePeerFrame({ kind: "hello", hello: stranger }));
    board.deliver();
    afterHello.socket.send(new Uint8Array([1, 3, 0, 0, 0x93, 1, 99, 5]));
    board.deliver();

    a.transport.send([heartbeat(a, b)]);
    board.deliver();

    const ended = [beforeHello, text, afterHello].map(({ socket }) => socket.isEnded);
    expect(ended).toEqual([true, true, true]);
    expect(b.received).toEqual([{ kind: "heartbeat", from: a.id, run: 1 }]);
    expect(b.lines.map(({ message }) => message)).toContain("peer frame refused");
  });

  test("a connection that never says who it is is ended", async () => {
    const { board, b } = await aPair();
    const mute = rawConnection(board, b);

    board.advance(peerLimits.handshakeTimeoutMs + 1);

    expect(mute.socket.isEnded).toBe(true);
  });
});

test("which feature level a peer knows is told by what its dialer offers, while it is connected", async () => {
  const { board, a, b } = await aPair();
  const older = nodeId("e".repeat(32));
  const ofFirstRogerd = rawConnection(board, b, ["rogerd.peer.v1"]);
  const hello = a.hello({ nodeId: older, name: "older" });
  ofFirstRogerd.socket.send(encodePeerFrame({ kind: "hello", hello }));
  board.deliver();

  expect(b.transport.levelOf(a.id)).toBe(2);
  expect(b.transport.levelOf(older)).toBe(1);

  ofFirstRogerd.socket.terminate();
  board.deliver();

  expect(b.transport.levelOf(older)).toBeUndefined();
});

describe("runs of a peer", () => {
  test("messages of an older run do not count once a newer one was heard", async () => {
    const { board, a, b } = await aPair();
    const older = rawConnection(board, b);
    const id = nodeId("e".repeat(32));
    const run = (of: number) =>
      encodePeerFrame({
        kind: "hello",
        hello: a.hello({ nodeId: id, incarnation: incarnation(of) }),
      });
    const message: Message = { kind: "timeout-now", from: id, to: b.id, term: term(3) };
    const frame = encodePeerFrame({ kind: "messages", messages: [message] });
    older.socket.send(run(7));
    board.deliver();
    older.socket.send(frame);
    board.deliver();
    const newer = rawConnection(board, b);
    newer.socket.send(run(8));
    older.socket.send(frame); // on the way while the newer one says hello
    board.deliver();
    newer.socket.send(frame);
    board.deliver();
    const late = rawConnection(board, b);
    late.socket.send(run(7));
    board.deliver();
    late.socket.send(frame);
    board.deliver();

    expect(b.received.map(({ run }) => run)).toEqual([7, 8]);
    expect([older.socket.isEnded, newer.socket.isEnded, late.socket.isEnded]).toEqual([
      true,
      false,
      true,
    ]);
  });

  test("nor once we have reached the newer one ourselves, though the older has not hung up (J4)", async () => {
    const board = new Switchboard();
    const [a, b] = [await node(board, "a", { run: 2 }), await node(board, "b")];
    const deaf = { frame: () => undefined, closed: () => undefined };
    a.port.receive({
      ownHello: () => a.hello(),
      judge: () => ({ kind: "welcome" }),
      arrived: () => deaf, // and never comes to us
      refused: () => undefined,
    });
    const message: Message = { kind: "timeout-now", from: a.id, to: b.id, term: term(3) };
    const frame = encodePeerFrame({ kind: "messages", messages: [message] });
    const older = rawConnection(board, b);
    const hello = a.hello({ incarnation: incarnation(1) });
    older.socket.send(encodePeerFrame({ kind: "hello", hello }));
    older.socket.send(frame);
    board.deliver();

    older.socket.send(frame);
    board.deliver();

    expect(board.dialed.at(-1)).toBe(`${a.url}${peerPath}`);
    expect(older.socket.isEnded).toBe(false);
    expect(b.received.map(({ run }) => run)).toEqual([1]);
  });

  test("a node whose removal is committed is told, once, and asks nobody any more", async () => {
    const { board, a, b } = await aPair();

    a.transport.bury([b.id]);
    a.transport.configure(configurationOf(a));
    board.advance(60_000);

    expect([a.removals, b.removals]).toEqual([[], ["removed"]]);
    const dialed = board.dialed.length;
    b.transport.send([heartbeat(b, a)]);
    board.advance(60_000);
    expect(board.dialed.length).toBe(dialed);
    expect(a.received).toEqual([]);
  });

  test("a node that was removed while it was away is told when it comes", async () => {
    const board = new Switchboard();
    const a = await node(board, "a");
    const b = await node(board, "b");
    a.transport.bury([b.id]);
    b.transport.configure(configurationOf(a, b));
    board.advance(2_000);

    expect(b.removals).toEqual(["removed"]);
    expect(a.lines).toEqual([{ message: "peer refused", reason: "removed" }]);
  });

  test("a node that another cluster has removed is not told so by this one", async () => {
    const board = new Switchboard();
    const a = await node(board, "a");
    const b = await node(board, "b", { clusterId: "2".repeat(32) });
    a.transport.bury([b.id]);
    b.transport.configure(configurationOf(a, b));
    board.advance(2_000);

    expect(b.removals).toEqual([]);
  });

  test("a peer that has gone is told once its last connection closed", async () => {
    const { board, a, b } = await aPair();
    board.advance(electionTimeoutMs);
    b.transport.stop();
    await b.port.close();
    board.advance(10);

    expect(a.gone).toEqual([{ nodeId: b.id, incarnation: 1 }]);
  });

  test("a peer that was here for less than an election timeout is not missed", async () => {
    const { board, a, b } = await aPair();
    b.transport.stop();
    await b.port.close();
    board.advance(10);

    expect(a.gone).toEqual([]);
  });

  test("a newer run takes the place of the older at once, which is gone then", async () => {
    const { board, a, b } = await aPair();
    board.advance(electionTimeoutMs);
    const again = await node(board, "b", { run: 2 });
    again.transport.configure(configurationOf(a, again));
    board.advance(2_000);

    a.transport.configure(configurationOf(a, again));
    board.advance(2_000);
    again.transport.send([heartbeat(again, a)]);
    b.transport.send([heartbeat(b, a)]);
    board.deliver();

    expect(a.gone).toEqual([{ nodeId: b.id, incarnation: 1 }]);
    expect(a.received).toEqual([{ kind: "heartbeat", from: b.id, run: 2 }]);
  });
});
