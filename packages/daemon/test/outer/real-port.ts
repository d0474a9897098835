// real-port.ts — a client port on a real socket of this machine, a fake node behind it, and clients that
// speak ws.
import {
  type ClientFrame,
  type DaemonFrame,
  decodeDaemonFrame,
  encodeFrame,
  type Subprotocol,
  subprotocols,
} from "@rogerd/protocol";
import { WebSocket } from "ws";
import { type Bounds, defaultBounds } from "../../src/listener/bounds.ts";
import {
  type Listener,
  type ListenerSettings,
  startListener,
} from "../../src/listener/listener.ts";
import { nodePlatform } from "../../src/node-platform.ts";
import { type Log, silentLog } from "../../src/observe/log.ts";
import { RaftEvents } from "../../src/observe/raft-events.ts";
import { loopback } from "./a-port.ts";
import { anInvitation, FakeNode, noHashes } from "./fake-node.ts";

export interface RealPort {
  readonly node: FakeNode;
  readonly listener: Listener;
  /** `127.0.0.1:port` */
  readonly address: string;
}

export interface RealPortChoices {
  readonly settings?: Partial<ListenerSettings>;
  readonly bounds?: Partial<Bounds>;
  readonly log?: Log;
}

export async function aRealPort(choices: RealPortChoices = {}): Promise<RealPort> {
  const node = new FakeNode();
  const listener = await startListener({
    platform: nodePlatform(),
    settings: { ...loopback, ...choices.settings },
    log: choices.log ?? silentLog,
    node,
    invite: () => anInvitation,
    events: new RaftEvents(),
    state: node,
    clock: node,
    hashes: noHashes,
    self: { clusterId: () => "c1", name: "n1", version: "0.1.0" },
    run: "n1-1",
    bounds: { ...defaultBounds, ...choices.bounds },
  });
  return { node, listener, address: `${listener.host}:${listener.port}` };
}

/** A client that keeps what it hears and lets tests wait for it. */
export class RealClient {
  readonly webSocket: WebSocket;
  readonly subprotocol: Subprotocol;
  readonly heard: DaemonFrame[] = [];
  readonly #wakes: (() => void)[] = [];
  closeCode: number | undefined;

  constructor(address: string, subprotocol: Subprotocol = subprotocols.msgpack) {
    this.subprotocol = subprotocol;
    this.webSocket = new WebSocket(`ws://${address}/v1`, [subprotocol], {
      perMessageDeflate: false,
    });
    this.webSocket.on("message", (data: Buffer) => this.#hear(data));
    this.webSocket.on("error", () => undefined);
    this.webSocket.on("close", (code: number) => {
      this.closeCode = code;
      this.#wake();
    });
  }

  async opened(): Promise<void> {
    if (this.webSocket.readyState === WebSocket.OPEN) return;
    await new Promise((resolve) => this.webSocket.once("open", resolve));
  }

  say(frame: ClientFrame): void {
    this.webSocket.send(encodeFrame(this.subprotocol, frame));
  }

  /** The first frame of this kind, heard already or to come; undefined when the connection ends first. */
  async next<Kind extends DaemonFrame["kind"]>(
    kind: Kind,
  ): Promise<Extract<DaemonFrame, { kind: Kind }> | undefined> {
    for (;;) {
      const at = this.heard.findIndex((frame) => frame.kind === kind);
      const [found] = at < 0 ? [] : this.heard.splice(at, 1);
      if (found?.kind === kind && isOfKind(found, kind)) return found;
      if (this.closeCode !== undefined) return undefined;
      await this.#change();
    }
  }

  async closed(): Promise<number> {
    while (this.closeCode === undefined) await this.#change();
    return this.closeCode;
  }

  #hear(data: Buffer): void {
    const decoded = decodeDaemonFrame(this.subprotocol, data);
    if (decoded.kind === "problem") throw new Error(decoded.problem.error.message);
    this.heard.push(decoded.frame);
    this.#wake();
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#wakes.push(resolve));
  }

  #wake(): void {
    for (const wake of this.#wakes.splice(0)) wake();
  }
}

function isOfKind<Kind extends DaemonFrame["kind"]>(
  frame: DaemonFrame,
  kind: Kind,
): frame is Extract<DaemonFrame, { kind: Kind }> {
  return frame.kind === kind;
}

export async function aRealClient(
  address: string,
  subprotocol: Subprotocol = subprotocols.msgpack,
): Promise<RealClient> {
  const client = new RealClient(address, subprotocol);
  await client.opened();
  client.say({ kind: "hello", protocol: 1, client: "test" });
  await client.next("welcome");
  return client;
}
