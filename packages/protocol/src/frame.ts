// frame.ts — everything a client and a daemon say to each other on `/v1`, as two unions.
// The same frames travel as MessagePack maps (`rogerd.v1.msgpack`) and as JSON (`rogerd.v1.json`).
// One frame carries all requests (or answers) of one turn of the sender's loop.
import type { ErrorObject } from "./error-code.ts";
import type { Push } from "./push.ts";
import type { Result } from "./result.ts";
import type { WatchedEvent } from "./watched-event.ts";

/** The first frame on a connection; nothing else is accepted before it. */
export interface Hello {
  readonly kind: "hello";
  readonly protocol: number;
  /** The cluster the client knows; a node of another refuses (SEMANTICS §6). */
  readonly clusterId?: string;
  readonly credential?: string;
  /** For logs: library and version. */
  readonly client: string;
}

export interface Request {
  /** Chosen by the client, unique among its open requests on this connection. */
  readonly id: number;
  readonly partition?: string;
  readonly command: string;
  readonly args: Readonly<Record<string, unknown>>;
  /** Sequence number in the session that this connection speaks for; writes only. */
  readonly seq?: number;
  /** For those without a session: the same id within ten minutes of log time gets the same answer. */
  readonly requestId?: string;
  /** Reads only: the state of this revision or of any later one will do, so any node may answer at once. */
  readonly revisionMin?: number;
}

export interface Requests {
  readonly kind: "requests";
  /** The client needs no answer of its session below this sequence number. */
  readonly floor?: number;
  readonly requests: readonly Request[];
}

export interface Ping {
  readonly kind: "ping";
  readonly id: number;
}

export type ClientFrame = Hello | Requests | Ping;

/** A node, and where clients reach it. */
export interface NodeHint {
  readonly name: string;
  readonly clientUrl: string;
}

export type LeaderHint = NodeHint;

export interface Welcome {
  readonly kind: "welcome";
  readonly protocol: number;
  readonly clusterId: string;
  readonly node: string;
  /** Who leads as far as this node knows; null while nobody does. */
  readonly leader: LeaderHint | null;
  /** Of the cluster, as far as this node knows; absent: it is older than that. */
  readonly members?: readonly NodeHint[];
  readonly limits: { readonly frameBytesMax: number; readonly callsInFlightMax: number };
}

export type Answer =
  | { readonly id: number; readonly revision: number; readonly n: number; readonly result: Result }
  | { readonly id: number; readonly error: ErrorObject };

export interface Answers {
  readonly kind: "answers";
  readonly answers: readonly Answer[];
}

/** What a watch is told, in the order of the log. */
export interface Events {
  readonly kind: "events";
  /** The id of the request that began it. */
  readonly watch: number;
  readonly events: readonly WatchedEvent[];
  /** A bookmark: all there is for this watch through this revision has been told. Null: more of it comes. */
  readonly through: number | null;
}

/** Nothing more comes for this watch: `compacted`, `overflow`, `unavailable`. */
export interface WatchEnded {
  readonly kind: "watchEnded";
  readonly watch: number;
  readonly error: ErrorObject;
}

/** Leadership or membership moved: where to send commands from now on, and whom else to ask. */
export interface LeaderChanged {
  readonly kind: "leader";
  readonly leader: LeaderHint | null;
  readonly members?: readonly NodeHint[];
}

/** This node is going away in order: no new requests here; those in flight are answered. */
export interface Goodbye {
  readonly kind: "goodbye";
  readonly reason: string;
}

/** What came can't be answered by id; the connection is closed after it. */
export interface FrameError {
  readonly kind: "error";
  readonly error: ErrorObject;
}

export interface Pong {
  readonly kind: "pong";
  readonly id: number;
}

/** To the session's push connection alone: the latest on which `session.sync` was answered. */
export interface Pushes {
  readonly kind: "pushes";
  readonly session: number;
  /** In the order in which things happened, from this frame to the next, too. */
  readonly pushes: readonly Push[];
}

export type DaemonFrame =
  | Welcome
  | Answers
  | Pushes
  | LeaderChanged
  | Goodbye
  | FrameError
  | Pong
  | Events
  | WatchEnded;
