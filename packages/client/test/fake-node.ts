// fake-node.ts — one daemon of the fake cluster: accepts, greets, answers, and breaks as told.
import {
  closeCodes,
  decodeClientFrame,
  decodeDaemonFrame,
  encodeFrame,
  errorObject,
  type Hello,
  helloProblem,
  type Request,
  type Requests,
  type Subprotocol,
  subprotocols,
} from "@rogerd/protocol";
import type { FakeCluster, FakeResult, FakeSession, Verdict } from "./fake-cluster.ts";
import type { Peer, Wire } from "./virtual-world.ts";

interface Connected {
  readonly wire: Wire;
  readonly subprotocol: Subprotocol;
  session: FakeSession | undefined;
}

export class FakeNode {
  readonly name: string;
  readonly url: string;
  /** Frames of requests as they came, session.open and keepalives left out. */
  readonly frames: Requests[] = [];
  /** When they came, of those who speak for their session. */
  readonly keepalivesAtMs: number[] = [];
  /** And of keepers. */
  readonly keeperKeepalivesAtMs: number[] = [];
  readonly hellos: Hello[] = [];
  /** Decides on each request; session.open too. */
  judge: (request: Request) => Verdict = () => "answer";
  credential: string | undefined;
  callsInFlightMax = 4096;
  /** The revision of its state, as every answer names it. */
  applied = 7;
  readonly #cluster: FakeCluster;
  readonly #connected = new Set<Connected>();
  #mood: "up" | "down" | "mute" = "up";

  constructor(cluster: FakeCluster, parts: { readonly name: string; readonly url: string }) {
    this.#cluster = cluster;
    this.name = parts.name;
    this.url = parts.url;
    cluster.world.listen(this.url, (wire, { subprotocol }) => this.#accept(wire, subprotocol));
  }

  get connections(): number {
    return this.#connected.size;
  }

  /** SIGKILL: all sockets close. */
  kill(): void {
    this.#mood = "down";
    for (const { wire } of this.#connected) wire.close(1006);
    this.#connected.clear();
  }

  restart(): void {
    this.#mood = "up";
  }

  /** The cable is out: nothing comes, nothing goes, nobody closes. */
  mute(): void {
    this.#mood = "mute";
  }

  /** All its sockets close, with this code; it stays up. */
  hangUp(code: number): void {
    for (const { wire } of this.#connected) wire.close(code);
    this.#connected.clear();
  }

  say(frame: object): void {
    for (const connected of this.#connected) this.#tell(connected, frame);
  }

  requests(): Request[] {
    return this.frames.flatMap((frame) => frame.requests);
  }

  #accept(wire: Wire, subprotocol: Subprotocol): Peer | undefined {
    if (this.#mood === "down") {
      wire.close(1006);
      return undefined;
    }
    const connected: Connected = { wire, subprotocol, session: undefined };
    this.#connected.add(connected);
    return {
      received: (data) => this.#received(connected, data),
      closed: () => void this.#connected.delete(connected),
    };
  }

  #received(connected: Connected, data: Uint8Array | string): void {
    if (this.#mood !== "up" || !this.#connected.has(connected)) return;
    const decoded = decodeClientFrame(connected.subprotocol, data);
    if (decoded.kind === "problem") throw new Error(decoded.problem.error.message);
    if (decoded.rejected.length > 0) throw new Error("a request of ours is malformed");
    const { frame } = decoded;
    if (frame.kind === "hello") this.#greet(connected, frame);
    else if (frame.kind === "ping") this.#tell(connected, { kind: "pong", id: frame.id });
    else this.#answer(connected, frame);
  }

  #greet(connected: Connected, hello: Hello): void {
    this.hellos.push(hello);
    const { clusterId } = this.#cluster;
    const isStranger = this.credential !== undefined && hello.credential !== this.credential;
    const problem = isStranger
      ? { error: errorObject("unauthenticated", "no"), closeCode: closeCodes.unauthenticated }
      : helloProblem(hello, { clusterId });
    if (problem !== undefined) {
      this.#tell(connected, { kind: "error", error: problem.error });
      return connected.wire.close(problem.closeCode);
    }
    this.#tell(connected, {
      kind: "welcome",
      protocol: 1,
      clusterId,
      node: this.name,
      leader: this.#cluster.hint(),
      ...this.#cluster.told(),
      limits: { frameBytesMax: 4_194_304, callsInFlightMax: this.callsInFlightMax },
    });
  }

  #answer(connected: Connected, frame: Requests): void {
    const now = this.#cluster.world.monotonicNow();
    for (const { command, args } of frame.requests) {
      if (command !== "session.keepalive") continue;
      const isKeeper = args["openId"] !== undefined;
      (isKeeper ? this.keeperKeepalivesAtMs : this.keepalivesAtMs).push(now);
    }
    const isOwn = ({ command }: Request): boolean =>
      command === "session.open" || command === "session.keepalive";
    if (!frame.requests.every(isOwn)) {
      this.frames.push(frame);
    }
    const answers = frame.requests.flatMap((request) => {
      const answer = this.#ask(connected, { request, floor: frame.floor ?? 0 });
      return answer === undefined ? [] : [{ id: request.id, ...answer }];
    });
    if (answers.length > 0) this.#tell(connected, { kind: "answers", answers });
  }

  #ask(
    connected: Connected,
    asked: { readonly request: Request; readonly floor: number },
  ): object | undefined {
    const verdict = this.judge(asked.request);
    if (asked.request.command === "watch" && verdict === "answer") {
      return this.#resultOf({ status: "watching", revision: this.applied });
    }
    if (verdict === "ignore") return undefined;
    if (typeof verdict === "object") return { error: verdict };
    const { revisionMin } = asked.request;
    const isFreshEnough = revisionMin !== undefined && revisionMin <= this.applied;
    if (isFreshEnough) return this.#resultOf(this.#cluster.execute(asked.request));
    if (this.#cluster.leader !== this.name) {
      const leader = this.#cluster.hint();
      return { error: errorObject("not_leader", "not the leader", { leader }) };
    }
    if (verdict === "execute-late") {
      const { session } = connected;
      this.#cluster.world.setTimer(400, () => this.#execute({ ...connected, session }, asked));
      return undefined;
    }
    if (verdict === "answer-late") {
      const { id } = asked.request;
      this.#cluster.world.setTimer(400, () => {
        if (!this.#connected.has(connected)) return;
        const answers = [{ id, ...this.#execute(connected, asked) }];
        this.#tell(connected, { kind: "answers", answers });
      });
      return undefined;
    }
    const answer = this.#execute(connected, asked);
    return verdict === "answer" ? answer : undefined;
  }

  #execute(
    connected: Connected,
    { request, floor }: { readonly request: Request; readonly floor: number },
  ): object {
    const { command, args, seq } = request;
    if (command === "session.open") {
      const session = this.#cluster.openSession(String(args["openId"]));
      connected.session = session;
      const { ttlMs } = this.#cluster;
      return this.#resultOf({ status: "opened", session: session.id, ttlMs });
    }
    if (command === "session.keepalive") {
      const { openId, session: named } = args;
      const { session: spoken } = connected;
      const session = openId === undefined ? spoken : this.#cluster.sessionWith(openId);
      const isKept = this.#cluster.isAlive(session) && session.id === (named ?? session.id);
      if (!isKept) return { error: errorObject("session_expired", "gone") };
      session.keptAtMs = this.#cluster.world.monotonicNow();
      const { ttlMs: leaseMs } = this.#cluster;
      return this.#resultOf({ status: "kept", session: session.id, leaseMs });
    }
    if (seq === undefined) return this.#resultOf(this.#cluster.execute(request));
    const { session } = connected;
    if (!this.#cluster.isAlive(session)) return { error: errorObject("session_expired", "gone") };
    session.floor = Math.max(session.floor, floor);
    if (seq < session.floor) return { error: errorObject("invalid_argument", "below the floor") };
    const kept = session.answers.get(seq) ?? this.#cluster.execute(request);
    session.answers.set(seq, kept);
    return this.#resultOf(kept);
  }

  #resultOf(result: FakeResult): object {
    return { revision: this.applied, n: 0, result };
  }

  /** What the fake says is a frame, or the test is wrong. */
  #tell({ wire, subprotocol }: Connected, frame: object): void {
    if (this.#mood !== "up") return;
    const decoded = decodeDaemonFrame(subprotocols.json, JSON.stringify(frame));
    if (decoded.kind === "problem") throw new Error(decoded.problem.error.message);
    wire.send(encodeFrame(subprotocol, decoded.frame));
  }
}
