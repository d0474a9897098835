// history-line.ts — what workers tell of all that they do, a line of JSON each. Times are of the machine's one monotonic
// clock, in microseconds: lines of all processes have one order.

/** A call, as its workload made it. */
export interface BeginLine {
  readonly kind: "begin";
  readonly at: number;
  readonly worker: string;
  /** Unique in its worker. */
  readonly id: number;
  readonly workload: WorkloadName;
  /** For its model: which object, which question. */
  readonly object: string;
  readonly asks: Readonly<Record<string, unknown>>;
}

/** `unknown`: it may take effect, now or later, or never. A begin without an end is unknown, too. */
export interface EndLine {
  readonly kind: "end";
  readonly at: number;
  readonly worker: string;
  readonly id: number;
  readonly outcome: "answered" | "without-effect" | "unknown";
  /** Of an answer. */
  readonly answer?: unknown;
  readonly revision?: number;
  /** Of an answer that no node gave: its user had enough, of a watch. */
  readonly by?: "user";
  /** Of a failure: the client's error code. */
  readonly code?: string;
}

/** By a node. */
export function isServed({
  by,
  outcome,
}: {
  readonly by?: EndLine["by"] | undefined;
  readonly outcome: EndLine["outcome"];
}): boolean {
  return outcome === "answered" && by === undefined;
}

/** Somebody has something that is his alone, until the `left` of the same token. */
export interface HeldLine {
  readonly kind: "held";
  readonly at: number;
  readonly worker: string;
  readonly owner: string;
  /** `key k1`, `job j-1`. */
  readonly thing: string;
  readonly token: number;
  readonly revision: number;
}

export interface LeftLine {
  readonly kind: "left";
  readonly at: number;
  readonly worker: string;
  readonly thing: string;
  readonly token: number;
  /** `gives-back`: before it is released or finished; else what its signal was aborted with. */
  readonly why: string;
}

/** One event, as a watch was told it. */
export interface ToldLine {
  readonly kind: "told";
  readonly at: number;
  readonly worker: string;
  readonly watch: string;
  readonly revision: number;
  readonly n: number;
  readonly event: Readonly<Record<string, unknown>>;
}

/**
 * A watch of all events of a partition begins after this revision, has lost what comes after it, or ends: all through
 * it was told, and perhaps some of the next. It may have been left and gone on in between; its name says of
 * which partition it is: `keys w1-watch-1-1`.
 */
export interface WatchLine {
  readonly kind: "watch";
  readonly at: number;
  readonly worker: string;
  readonly watch: string;
  readonly what: "begins" | "compacted" | "ended";
  readonly revision: number;
}

/**
 * The committed log, as the nodes' own logs hold it, applied once more from its first entry on when all had ended: through
 * which entry, and the hash of the state then. `through` is 0 if none could be read.
 */
export interface LogLine {
  readonly kind: "log";
  readonly at: number;
  readonly through: number;
  readonly hash: string | undefined;
  /** All events of these through there are told as `happened`. */
  readonly partitions: readonly string[];
  /** Of how many nodes, with all that had each other's place; and how many entries in all. */
  readonly lives: number;
  readonly entries: number;
  readonly disagreements: readonly {
    readonly property: string;
    readonly facts: readonly string[];
  }[];
  /** Of those that can't be read to their end. */
  readonly damaged: readonly DamagedLog[];
  /** What could not be read of it, a sentence each. */
  readonly unread: readonly string[];
}

export interface DamagedLog {
  readonly node: string;
  /** It ran to the end, on this log. */
  readonly isThere: boolean;
  readonly says: string;
}

/** An event of that log, in its order. */
export interface HappenedLine {
  readonly kind: "happened";
  readonly at: number;
  readonly partition: string;
  readonly revision: number;
  readonly n: number;
  /** As in a `told` line. */
  readonly event: Readonly<Record<string, unknown>>;
}

/** What the resource outside was written with, and whether it took it. */
export interface ResourceLine {
  readonly kind: "resource";
  readonly at: number;
  readonly thing: string;
  readonly owner: string;
  readonly token: number;
  readonly isTaken: boolean;
}

/** `strike`, `heal`: of a nemesis; `killed`, `frozen`, `thawed`: of a worker; `phase`: of the run; `elected`: a leader. */
export interface RunLine {
  readonly kind: "strike" | "heal" | "killed" | "frozen" | "thawed" | "phase" | "elected";
  readonly at: number;
  readonly says: string;
  /** Nodes or workers that it is about. */
  readonly whom: readonly string[];
  /** Of a nemesis: its name. */
  readonly name?: string;
  /** Of an election. */
  readonly term?: number;
}

/** A node's process has ended. */
export interface NodeEndLine {
  readonly kind: "ended";
  readonly at: number;
  readonly node: string;
  /** Its exit code, or the signal that it ended of. */
  readonly of: number | string;
  /** By the run; else it ended by itself. */
  readonly isAsked: boolean;
  readonly words: string;
}

/** The runner itself stood still, and so perhaps this machine: from then on, for so long. */
export interface StallLine {
  readonly kind: "stalled";
  readonly at: number;
  readonly ms: number;
}

export type WorkloadName = "roger" | "keys" | "jobs" | "pauses" | "claims" | "watch";

export type HistoryLine =
  | BeginLine
  | EndLine
  | HeldLine
  | LeftLine
  | ToldLine
  | WatchLine
  | LogLine
  | HappenedLine
  | ResourceLine
  | NodeEndLine
  | StallLine
  | RunLine;

export function nowUs(): number {
  return Number(process.hrtime.bigint() / 1_000n);
}
