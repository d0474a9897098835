// virtual-network.ts — hosts, ports and connections between them, and what can go wrong there: cuts in
// one direction or both, slow links, broken connections, machines without power. Nothing is invented:
// a frame comes at most once and in order on its connection; a new connection may bring it again (replays.ts).
import type {
  HttpRequest,
  HttpResponse,
  ListeningPort,
  Network,
  PortListener,
  Socket,
} from "@rogerd/daemon";
import { ListenError } from "@rogerd/daemon";
import type { Dice } from "./dice.ts";
import { peerPort } from "./options.ts";
import { type Memory, Replays } from "./replays.ts";
import type { Trace } from "./trace.ts";
import { Links, type LinkTimes } from "./virtual-links.ts";
import type { VirtualProcess, VirtualTime } from "./virtual-time.ts";
import { type EndListener, Pipe, WireEnd } from "./virtual-wire.ts";

interface OpenPort {
  readonly process: VirtualProcess;
  readonly listener: PortListener;
  readonly ends: Set<WireEnd>;
  isAccepting: boolean;
}

interface Connection {
  readonly dialer: WireEnd;
  readonly acceptor: { end: WireEnd | undefined };
  readonly hosts: readonly [string, string];
}

export interface Place {
  readonly host: string;
  readonly process: VirtualProcess;
}

/**
 * Sees what leaves a process for a port of another, or comes back from there. It may leave for one that is
 * no more: a connection that hangs half-open is still to whom it was made.
 */
export type Tap = (frame: {
  readonly from: VirtualProcess;
  readonly to: VirtualProcess;
  readonly port: number;
  readonly data: Uint8Array | string;
}) => void;

export interface DialPlan {
  readonly url: string;
  readonly subprotocols: readonly string[];
  readonly timeoutMs: number;
}

export class VirtualNetwork {
  readonly #time: VirtualTime;
  readonly #trace: Trace;
  readonly links: Links;
  readonly replays: Replays;
  readonly #ports = new Map<string, OpenPort>();
  readonly #connections = new Set<Connection>();
  readonly #dark = new Set<string>();
  tap: Tap = () => undefined;

  constructor(parts: {
    readonly time: VirtualTime;
    readonly trace: Trace;
    readonly dice: Dice;
    readonly times: LinkTimes;
  }) {
    this.#time = parts.time;
    this.#trace = parts.trace;
    this.links = new Links({ times: parts.times, dice: parts.dice });
    this.replays = new Replays({ time: parts.time, dice: parts.dice.fork("replays") });
  }

  /** The world of sockets as a daemon on this host sees it. */
  of(place: Place): Network {
    return {
      dial: (dial, listener) => asSocket(this.dial(place, dial, listener), dial.url),
      listen: (port, listener) => this.#listen(place, port, listener),
    };
  }

  dial(place: Place, plan: DialPlan, listener: EndListener): WireEnd {
    const { hostname: host, port, pathname: path } = new URL(plan.url);
    const connection = this.#connect(place, { host, port: Number(port) });
    const { dialer } = connection;
    dialer.listener = listener;
    this.#time.schedule({
      afterMs: plan.timeoutMs,
      process: place.process,
      run: () => dialer.giveUp("the dial timed out"),
    });
    const request = {
      path,
      headers: { host: `${host}:${port}` },
      remote: place.host,
      subprotocols: plan.subprotocols,
    };
    connection.send(() => {
      const open = this.#ports.get(`${host}:${port}`);
      if (open === undefined || !open.isAccepting || open.process.isEnded) {
        return connection.back.push({ kind: "broken", reason: "connection refused" });
      }
      this.#time.schedule({
        afterMs: 0,
        process: open.process,
        run: () => connection.arrive(open, request),
      });
    });
    return dialer;
  }

  /** An operator's request on the spot; undefined where nobody listens. */
  async ask(
    host: string,
    port: number,
    asked: Pick<HttpRequest, "method" | "path" | "query"> & { readonly body?: string },
  ): Promise<HttpResponse | undefined> {
    const open = this.#ports.get(`${host}:${port}`);
    if (open === undefined || open.process.isEnded) return undefined;
    const { body = "{}", ...request } = asked;
    return open.listener.answer({
      ...request,
      headers: { host: `${host}:${port}`, "content-type": "application/json" },
      remote: "operator",
      readBody: () => Promise.resolve(new TextEncoder().encode(body)),
    });
  }

  /** What a process held is let go. `says`: a kernel tells the other ends, a dark machine does not. */
  processEnded(process: VirtualProcess, how: { readonly says: "broken" | "nothing" }): void {
    for (const [name, open] of this.#ports) {
      if (open.process === process) this.#ports.delete(name);
    }
    for (const { dialer, acceptor } of this.#connections) {
      for (const end of [dialer, acceptor.end]) {
        if (end?.process === process) end.abandon(how);
      }
    }
  }

  setPower(host: string, power: "on" | "off"): void {
    if (power === "off") this.#dark.add(host);
    else this.#dark.delete(host);
  }

  /** All connections between these two break; both ends hear of it. */
  breakBetween(one: string, other: string): void {
    for (const { hosts, dialer, acceptor } of this.#connections) {
      if (!hosts.includes(one) || !hosts.includes(other)) continue;
      dialer.breakHere();
      acceptor.end?.breakHere();
    }
  }

  /** Nodes send on the connections that they dial: what they said on the one before may come again on this. */
  #memoryOf(
    place: Place,
    target: { readonly host: string; readonly port: number },
    there: () => Pipe,
  ): Memory | undefined {
    const { host: address, port } = target;
    if (port !== peerPort) return undefined;
    return this.replays.of({ from: place.process, address }, (frames) => {
      this.#trace.say("network", `${frames.length} frames come again at ${address}`);
      for (const frame of frames) there().push({ kind: "frame", frame });
    });
  }

  #connect(place: Place, target: { readonly host: string; readonly port: number }) {
    const { host, port } = target;
    const acceptor: { end: WireEnd | undefined } = { end: undefined };
    const ended = (): void => {
      const isOver = dialer.state === "closed" && (acceptor.end?.state ?? "closed") === "closed";
      if (isOver) this.#connections.delete(connection);
    };
    const end = (
      from: VirtualProcess,
      far: () => VirtualProcess | undefined,
      remember: Memory = () => undefined,
    ): WireEnd =>
      new WireEnd({
        time: this.#time,
        process: from,
        ended,
        leaves: (data) => {
          this.#trace.mixBytes(data);
          const to = far();
          if (to === undefined) return;
          this.tap({ from, to, port, data });
          remember(data, to);
        },
      });
    const remember = this.#memoryOf(place, target, () => there);
    const dialer = end(place.process, () => acceptor.end?.process, remember);
    const there = this.#pipe({ from: place.host, to: host }, (item) => {
      if (item.kind === "act") return item.act();
      this.#reach(acceptor.end, host, item);
    });
    const back = this.#pipe({ from: host, to: place.host }, (item) =>
      this.#reach(dialer, place.host, item),
    );
    dialer.attach(there);
    const connection: Connection = { dialer, acceptor, hosts: [place.host, host] };
    this.#connections.add(connection);
    const send = (act: () => void): void =>
      there.push({ kind: "act", act: () => (this.#dark.has(host) ? undefined : act()) });
    const arrive = (open: OpenPort, request: Parameters<PortListener["judgeUpgrade"]>[0]): void => {
      const verdict = open.isAccepting ? open.listener.judgeUpgrade(request) : undefined;
      if (verdict?.kind !== "accept") {
        return back.push({ kind: "broken", reason: `refused ${verdict?.reason ?? ""}` });
      }
      const far = end(open.process, () => place.process);
      acceptor.end = far;
      far.attach(back);
      open.ends.add(far);
      far.accept();
      const socket = asSocket(far, place.host);
      const listener = open.listener.accepted({ socket, subprotocol: verdict.subprotocol });
      far.listener = { ...delegated(listener), opened: () => undefined };
    };
    return { ...connection, back, send, arrive };
  }

  /** An item has come to a machine. Who is not there any more can't hear; a kernel that runs says so. */
  #reach(end: WireEnd | undefined, host: string, item: Parameters<WireEnd["hear"]>[0]): void {
    if (this.#dark.has(host)) return;
    if (end === undefined) return;
    if (end.process.isEnded || end.state === "closed") {
      if (item.kind !== "broken" && item.kind !== "closed") end.answerBroken();
      return;
    }
    end.hear(item);
  }

  #pipe(
    ends: { readonly from: string; readonly to: string },
    deliver: ConstructorParameters<typeof Pipe>[0]["deliver"],
  ): Pipe {
    return new Pipe({ time: this.#time, link: this.links.between(ends), deliver });
  }

  #listen(
    place: Place,
    at: { readonly host: string; readonly port: number },
    listener: PortListener,
  ): Promise<ListeningPort> {
    const name = `${place.host}:${at.port}`;
    if (this.#ports.get(name)?.process.isEnded === false) {
      const message = `can't listen on ${name}: it is in use`;
      return Promise.reject(new ListenError({ code: "address-in-use", message }));
    }
    const ends = new Set<WireEnd>();
    const open: OpenPort = { process: place.process, listener, ends, isAccepting: true };
    this.#ports.set(name, open);
    return Promise.resolve({
      host: place.host,
      port: at.port,
      stopAccepting: () => {
        open.isAccepting = false;
      },
      close: () => {
        open.isAccepting = false;
        for (const end of ends) end.terminate();
        if (this.#ports.get(name) === open) this.#ports.delete(name);
        return Promise.resolve();
      },
    });
  }
}

function delegated(listener: ReturnType<PortListener["accepted"]>): Omit<EndListener, "opened"> {
  return {
    frame: (frame) => listener.frame(frame),
    pong: () => listener.pong(),
    closed: (closing) => listener.closed(closing),
  };
}

function asSocket(end: WireEnd, remote: string): Socket {
  return {
    remote,
    get bufferedAmount() {
      return end.bufferedBytes;
    },
    send: (frame) => end.send(frame),
    ping: () => end.ping(),
    close: (closing) => end.close(closing),
    terminate: () => end.terminate(),
  };
}
