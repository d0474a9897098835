// fake-cluster.ts — daemons for the client's tests: real frames through the real codec, a tiny state
// machine with sessions, numbers and kept answers, and scripts for all that can go wrong.
import type { ErrorObject, LeaderHint, NodeHint, Request } from "@rogerd/protocol";
import { FakeNode } from "./fake-node.ts";
import type { VirtualWorld } from "./virtual-world.ts";

/** A result before it is checked by the codec. */
export type FakeResult = Readonly<Record<string, unknown>>;

export interface FakeSession {
  readonly id: number;
  readonly answers: Map<number, FakeResult>;
  floor: number;
  /** When it was opened, or a keepalive of it was last confirmed. */
  keptAtMs: number;
}

/**
 * What a node does with a request: its work; nothing; its work, with its answer, after later requests; its
 * work without an answer, at once or when nobody expects it any more; or an error.
 */
export type Verdict =
  | "answer"
  | "ignore"
  | "answer-late"
  | "execute-silently"
  | "execute-late"
  | ErrorObject;

export class FakeCluster {
  readonly clusterId: string;
  readonly world: VirtualWorld;
  readonly nodes = new Map<string, FakeNode>();
  readonly sessions = new Map<string, FakeSession>();
  /** Every execution of a write, in order: `command argument`. */
  readonly executed: string[] = [];
  readonly members = new Set<string>();
  leader: string | undefined;
  /** Who belongs to the cluster, as its nodes say; undefined: they are too old to say. */
  membersTold: readonly string[] | undefined;
  /** Of every session. */
  ttlMs = 30_000;
  /** Sessions end when nothing keeps them. */
  expires = false;
  /** What a test has the state machine answer instead of its own answer. */
  script: (request: Request) => FakeResult | undefined = () => undefined;
  #sessionCount = 0;

  constructor(
    world: VirtualWorld,
    parts: { readonly clusterId: string; readonly names: readonly string[] },
  ) {
    this.world = world;
    this.clusterId = parts.clusterId;
    for (const [at, name] of parts.names.entries()) {
      this.nodes.set(name, new FakeNode(this, { name, url: `ws://127.0.0.1:${7401 + at}/v1` }));
    }
    this.leader = parts.names[0];
  }

  node(name: string): FakeNode {
    const node = this.nodes.get(name);
    if (node === undefined) throw new Error(`no node ${name}`);
    return node;
  }

  get endpoints(): string[] {
    return [...this.nodes.values()].map((node) => node.url);
  }

  hint(): LeaderHint | null {
    if (this.leader === undefined) return null;
    return { name: this.leader, clientUrl: this.node(this.leader).url };
  }

  /** What a node says of who belongs to the cluster. */
  told(): { readonly members?: readonly NodeHint[] } {
    if (this.membersTold === undefined) return {};
    const members = this.membersTold.map((name) => ({ name, clientUrl: this.node(name).url }));
    return { members };
  }

  /** Leadership moves, and all who are up say so. */
  elect(name: string | undefined): void {
    this.leader = name;
    this.tellAll();
  }

  tellAll(): void {
    const frame = { kind: "leader", leader: this.hint(), ...this.told() } as const;
    for (const node of this.nodes.values()) node.say(frame);
  }

  openSession(openId: string): FakeSession {
    this.#expire();
    const found = this.sessions.get(openId);
    if (found !== undefined) return found;
    this.#sessionCount += 1;
    const keptAtMs = this.world.monotonicNow();
    const answers = new Map<number, FakeResult>();
    const session = { id: this.#sessionCount, answers, floor: 0, keptAtMs };
    this.sessions.set(openId, session);
    return session;
  }

  sessionWith(openId: unknown): FakeSession | undefined {
    return typeof openId === "string" ? this.sessions.get(openId) : undefined;
  }

  /** All sessions end, as `session.expire` does. */
  endSessions(): void {
    this.sessions.clear();
  }

  #expire(): void {
    if (!this.expires) return;
    const now = this.world.monotonicNow();
    for (const [openId, { keptAtMs }] of this.sessions) {
      if (now - keptAtMs >= this.ttlMs) this.sessions.delete(openId);
    }
  }

  isAlive(session: FakeSession | undefined): session is FakeSession {
    this.#expire();
    return [...this.sessions.values()].some((alive) => alive === session);
  }

  /** Sets of keys and marks, as Roger's forms see them; each write is noted. */
  execute(request: Request): FakeResult {
    const scripted = this.script(request);
    if (scripted !== undefined) return scripted;
    const { command, args } = request;
    const given = args["key"] ?? args["jobId"] ?? args["queue"];
    const name = typeof given === "string" ? given : "";
    const isQuestion = command.startsWith("roger.is");
    const changes = args["add"] === true || args["remove"] === true;
    const before = this.members.has(name);
    if (!isQuestion || changes) this.executed.push(`${command} ${name}`.trim());
    if (args["add"] === true || command === "roger.cancelJob") this.members.add(name);
    if (args["remove"] === true || command.startsWith("roger.remove")) this.members.delete(name);
    if (isQuestion) return { status: "member", before };
    const isChange = command.startsWith("partition.") || command.startsWith("queue.");
    return isChange ? { status: "changed", changed: true } : { status: "ok" };
  }
}
