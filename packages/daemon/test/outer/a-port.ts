// a-port.ts — situations: a client port on a fake node, with clients that have said hello.

import type { Request } from "@rogerd/protocol";
import { protocolVersion, type Subprotocol, subprotocols } from "@rogerd/protocol";
import { type Bounds, defaultBounds } from "../../src/listener/bounds.ts";
import {
  type Listener,
  type ListenerSettings,
  startListener,
} from "../../src/listener/listener.ts";
import { type Log, silentLog } from "../../src/observe/log.ts";
import { RaftEvents } from "../../src/observe/raft-events.ts";
import { anInvitation, FakeNode, noHashes } from "./fake-node.ts";
import { type VirtualClient, VirtualNetwork } from "./virtual-network.ts";
import { VirtualPlatform } from "./virtual-platform.ts";

export interface APort {
  readonly node: FakeNode;
  readonly platform: VirtualPlatform;
  readonly network: VirtualNetwork;
  readonly listener: Listener;
  /** The node tells its owner that its role, its term or the leader changed. */
  leadershipMoved(): void;
  /** A client that was welcomed. */
  client(subprotocol?: Subprotocol): VirtualClient;
  /** A client that speaks for a session. */
  speaker(openId: string): Promise<VirtualClient>;
  settle(): Promise<void>;
}

export interface PortChoices {
  readonly settings?: Partial<ListenerSettings>;
  readonly bounds?: Partial<Bounds>;
  readonly clusterId?: string | undefined;
  readonly log?: Log;
}

export const openIds = { a: "a".repeat(32), b: "b".repeat(32) };

export const loopback: ListenerSettings = {
  listenClient: { host: "127.0.0.1", port: 0 },
  advertiseClient: undefined,
  credential: undefined,
  allowOrigins: [],
  allowHosts: [],
};

export async function aPort(choices: PortChoices = {}): Promise<APort> {
  const node = new FakeNode();
  const platform = new VirtualPlatform();
  const network = new VirtualNetwork();
  const events = new RaftEvents();
  const { monotonicNow, setTimer, afterTurn, isSameSecret, digest } = platform;
  const clusterId = "clusterId" in choices ? choices.clusterId : "c1";
  const listener = await startListener({
    platform: { monotonicNow, setTimer, afterTurn, isSameSecret, digest, network },
    settings: { ...loopback, ...choices.settings },
    log: choices.log ?? silentLog,
    node,
    invite: () => anInvitation,
    events,
    state: node,
    clock: node,
    hashes: noHashes,
    self: { clusterId: () => clusterId, name: "n1", version: "0.1.0" },
    run: "n1-1",
    bounds: { ...defaultBounds, ...choices.bounds },
  });
  const client = (subprotocol: Subprotocol = subprotocols.json) => {
    const connected = network.connect(subprotocol);
    connected.say({ kind: "hello", protocol: protocolVersion, client: "test" });
    return connected;
  };
  const leadershipMoved = () => events.roleChanged(node.roleChange());
  const settle = () => platform.settle();
  const speaker = async (openId: string) => {
    const connected = client();
    connected.say({ kind: "requests", requests: [open(1, openId)] });
    await settle();
    return connected;
  };
  return { node, platform, network, listener, leadershipMoved, client, speaker, settle };
}

export function open(id: number, openId: string): Request {
  return { id, command: "session.open", args: { openId, name: "test" } };
}

export function start(id: number): Request {
  return { id, partition: "acme", command: "partition.start", args: {} };
}

export function pause(id: number, queue: string, more: Partial<Request> = {}): Request {
  return { id, partition: "acme", command: "roger.queuePause", args: { queue }, ...more };
}

export function paused(id: number): Request {
  return { id, partition: "acme", command: "roger.queueGetPaused", args: {} };
}

/** What a client that posts JSON there gets, with the settled port. */
export async function postJson(
  port: APort,
  request: { readonly path: string; readonly body: unknown },
): Promise<{
  readonly status: number;
  readonly location: string | undefined;
  readonly value: unknown;
}> {
  const headers = { host: "127.0.0.1:7401", "content-type": "application/json" };
  const text = JSON.stringify(request.body);
  const asked = port.network.request({ method: "POST", path: request.path, headers, text });
  await port.settle();
  const { status, headers: answered, body } = await asked;
  return { status, location: answered["location"], value: JSON.parse(body) };
}
