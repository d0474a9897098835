// connections.ts — all WebSockets of the client port: how many there may be, who is half-open, and what
// they are told together. It never looks into a frame.
import { type DaemonFrame, encodeFrame, type Subprotocol } from "@rogerd/protocol";
import type { Timer } from "@rogerd/raft";
import type { Closing, Socket, SocketListener } from "../network.ts";
import type { OuterPlatform } from "../request/surroundings.ts";
import { Connection, type ConnectionCircle } from "./connection.ts";
import { turnAway } from "./turn-away.ts";

export interface ConnectionsParts extends Omit<ConnectionCircle, "ended"> {
  readonly platform: Pick<OuterPlatform, "monotonicNow" | "setTimer" | "afterTurn">;
}

export class Connections {
  readonly #parts: ConnectionsParts;
  readonly #circle: ConnectionCircle;
  readonly #connections = new Set<Connection>();
  #turnedAway = 0;
  #serial = 0;
  #timer: Timer | undefined;
  #whenEmpty: (() => void) | undefined;

  constructor(parts: ConnectionsParts) {
    this.#parts = parts;
    this.#circle = { ...parts, ended: (connection) => this.#ended(connection) };
  }

  /** Begins to look for half-open ones. */
  start(): void {
    this.#armProbe();
  }

  get count(): number {
    return this.#connections.size;
  }

  /** Neither a place nor a place to be told so. */
  get isCrowded(): boolean {
    const { connectionsMax, refusalsMax } = this.#circle.bounds;
    return this.count >= connectionsMax && this.#turnedAway >= refusalsMax;
  }

  accept(socket: Socket, subprotocol: Subprotocol): SocketListener {
    const { bounds, platform } = this.#circle;
    if (this.count >= bounds.connectionsMax) {
      this.#turnedAway += 1;
      const gone = () => {
        this.#turnedAway -= 1;
      };
      this.#circle.log.warn({ remote: socket.remote, connections: this.count }, "client refused");
      return turnAway({ socket, subprotocol, platform, bounds, gone });
    }
    this.#serial += 1;
    const serial = this.#serial;
    const connection = new Connection({ circle: this.#circle, socket, subprotocol, serial });
    this.#connections.add(connection);
    return connection;
  }

  /** Encoded once for each subprotocol, whatever the number of connections. */
  tellAll(frame: DaemonFrame): void {
    const encoded = new Map<Subprotocol, Uint8Array | string>();
    for (const connection of this.#connections) {
      const { subprotocol } = connection;
      const bytes = encoded.get(subprotocol) ?? encodeFrame(subprotocol, frame);
      encoded.set(subprotocol, bytes);
      connection.tell(bytes);
    }
  }

  drainAll(reason: string): void {
    for (const connection of this.#connections) connection.drain(reason);
  }

  closeAll(closing: Closing): void {
    this.#timer?.cancel();
    for (const connection of this.#connections) connection.close(closing);
  }

  /** Resolves when the last one has ended. */
  empty(): Promise<void> {
    if (this.count === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#whenEmpty = resolve;
    });
  }

  #ended(connection: Connection): void {
    this.#connections.delete(connection);
    if (this.count === 0) this.#whenEmpty?.();
  }

  #armProbe(): void {
    const { platform } = this.#parts;
    this.#timer = platform.setTimer(this.#circle.bounds.pingIntervalMs, () => {
      // What the sockets hold is read first: a blocked loop must not look like mute clients.
      platform.afterTurn(() => {
        for (const connection of this.#connections) connection.probe();
      });
      this.#armProbe();
    });
  }
}
