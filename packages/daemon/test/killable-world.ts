// killable-world.ts — the real clock and real sockets, a disk in memory, and an end: from `kill` on
// nothing that runs in this world happens any more, as in a process that was sent SIGKILL.
import { MemoryDisk } from "@rogerd/raft";
import type { ListeningPort, Network, PortListener, Socket } from "../src/network.ts";
import { nodePlatform } from "../src/node-platform.ts";
import type { Platform } from "../src/platform.ts";

/** Processes of this test that live, by number. */
const living = new Set<number>();
let processes = 0;

export class KillableWorld {
  readonly platform: Platform;
  readonly #pid: number;
  readonly #ports: ListeningPort[] = [];
  readonly #sockets = new Set<Socket>();
  #died: () => void = () => undefined;
  #isDead = false;
  readonly death: Promise<undefined>;

  constructor(disk: MemoryDisk) {
    processes += 1;
    this.#pid = processes;
    living.add(this.#pid);
    this.death = new Promise((resolve) => {
      this.#died = () => resolve(undefined);
    });
    const real = nodePlatform();
    this.platform = {
      ...real,
      setTimer: (delayMs, callback) => real.setTimer(delayMs, this.#alive(callback)),
      afterTurn: (callback) => real.afterTurn(this.#alive(callback)),
      disk,
      process: {
        pid: this.#pid,
        startTimeOf: async (pid) => (living.has(pid) ? `start of ${pid}` : undefined),
      },
      network: this.#network(real.network),
    };
  }

  get isDead(): boolean {
    return this.#isDead;
  }

  /** Resolves when others can have the ports. */
  async kill(): Promise<void> {
    this.#isDead = true;
    living.delete(this.#pid);
    for (const socket of this.#sockets) socket.terminate();
    await Promise.all(this.#ports.map((port) => port.close()));
    this.#died();
  }

  #alive(callback: () => void): () => void {
    return () => {
      if (!this.#isDead) callback();
    };
  }

  #network(real: Network): Network {
    return {
      dial: (dial, listener) => {
        const socket = real.dial(dial, {
          opened: () => this.#alive(() => listener.opened())(),
          frame: (frame) => this.#alive(() => listener.frame(frame))(),
          pong: () => this.#alive(() => listener.pong())(),
          closed: (closing) => {
            this.#sockets.delete(socket);
            this.#alive(() => listener.closed(closing))();
          },
        });
        this.#sockets.add(socket);
        return socket;
      },
      listen: async (port, listener) => {
        const listening = await real.listen(port, this.#port(listener));
        this.#ports.push(listening);
        if (this.#isDead) await listening.close();
        return listening;
      },
    };
  }

  #port(listener: PortListener): PortListener {
    return {
      judgeUpgrade: (request) => listener.judgeUpgrade(request),
      answer: (request) => listener.answer(request),
      accepted: (arrival) => {
        const inner = listener.accepted(arrival);
        return {
          frame: (frame) => this.#alive(() => inner.frame(frame))(),
          pong: () => this.#alive(() => inner.pong())(),
          closed: (closing) => this.#alive(() => inner.closed(closing))(),
        };
      },
    };
  }
}
