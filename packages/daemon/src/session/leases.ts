// leases.ts — the leader's memory of how long each session lives (SEMANTICS §5): the full time-to-live from
// when this node leads *and* has applied the first entry of its own term, from the session's open, and
// from each keepalive that is confirmed. A session whose time is up is ended by an entry of the log, never
// by this memory: what is remembered here is worth nothing on another node, nor here in another term.
//
// It must never end a session too early, and never confirm one whose end is in the log: stepping down
// forgets everything, and a late wake gives full time again.
import type { Outcome, SessionId, Submission } from "@rogerd/global-state";
import { assert, type RaftStatus, type Timer } from "@rogerd/raft";
import type { Log } from "../observe/log.ts";
import type {
  CurrentState,
  EntryMaker,
  OuterPlatform,
  Proposer,
  SessionLife,
} from "../request/surroundings.ts";
import type { Sessions } from "./sessions.ts";

export interface LeasesParts {
  readonly platform: Pick<OuterPlatform, "monotonicNow" | "setTimer" | "afterTurn">;
  readonly node: Proposer;
  readonly state: CurrentState;
  readonly entries: EntryMaker;
  readonly sessions: Sessions;
  readonly log: Log;
  readonly bounds: { readonly pingIntervalMs: number };
}

/** What a keepalive came to, at the moment its answer leaves. */
export type Confirmation =
  | { readonly kind: "kept"; readonly leaseMs: number }
  | { readonly kind: "ended" }
  /** Nobody here may say: this node leads no more, or the end of the session is in the log. */
  | { readonly kind: "undecided" };

interface Memory {
  readonly term: RaftStatus["term"];
  /** By the monotonic clock, of every session of the state that was looked at. */
  deadlines: Map<SessionId, number>;
  /**
   * Whose clients have sent keepalives: only these count. Clients of before send none: what they say on
   * their connection counts instead, so that a rolling upgrade ends no session early.
   */
  kept: Set<SessionId>;
  /** Their ends are proposed and not yet decided. */
  readonly ending: Set<SessionId>;
}

/** A session ends at most so much late. */
const lookEveryMs = 500;
/** A look that comes so much late means a blocked loop or a suspended machine. */
const lateAfterMs = 1_000;
const expiriesPerEntryMax = 256;
/** Who only answers pings is heard once in two ping intervals. */
const pingIntervalsMax = 3;

export class Leases {
  readonly #parts: LeasesParts;
  #memory: Memory | undefined;
  /** Whose keepalives wait for their round, and how many. */
  readonly #asking = new Map<SessionId, number>();
  #timer: Timer | undefined;
  #isStopped = false;

  constructor(parts: LeasesParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#arm();
  }

  /** The role, the term or the leader changed: what was remembered in another term is forgotten. */
  leadershipMoved(): void {
    this.#remember(this.#parts.node.status());
  }

  /** A keepalive has come: no end is proposed until it is known what becomes of it. To be called when it is. */
  asks(session: SessionId): () => void {
    this.#asking.set(session, (this.#asking.get(session) ?? 0) + 1);
    return () => {
      const left = (this.#asking.get(session) ?? 0) - 1;
      if (left > 0) this.#asking.set(session, left);
      else this.#asking.delete(session);
    };
  }

  /**
   * Only for a keepalive after whose arrival a round to a quorum began, and has ended, in `term`. The
   * answer must leave in this turn: the session's end may be proposed in the next.
   */
  confirm(kept: { readonly session: SessionId; readonly term: number }): Confirmation {
    const memory = this.#remember(this.#parts.node.status());
    if (memory === undefined || memory.term !== kept.term) return { kind: "undecided" };
    const session = this.#parts.state.current.session(kept.session);
    if (session === undefined) return { kind: "ended" };
    if (memory.ending.has(kept.session)) return { kind: "undecided" };
    const { id, ttlMs } = session;
    memory.kept.add(id);
    memory.deadlines.set(id, this.#parts.platform.monotonicNow() + ttlMs);
    return { kind: "kept", leaseMs: ttlMs };
  }

  /** For showing: how long it lives if nothing more is heard. Undefined where nobody here counts. */
  leaseLeftMs(session: SessionLife): number | undefined {
    const memory = this.#memory;
    if (memory === undefined || memory.term !== this.#parts.node.status().term) return undefined;
    const now = this.#parts.platform.monotonicNow();
    const deadlineMs = memory.deadlines.get(session.id) ?? now + session.ttlMs;
    return Math.max(0, Math.round(deadlineMs - now));
  }

  /** The connection that spoke for a session has closed; it was last heard at `heardAtMs`. */
  closed(heard: { readonly session: SessionId; readonly heardAtMs: number }): void {
    const memory = this.#memory;
    const session = this.#parts.state.current.session(heard.session);
    const deadlineMs = memory?.deadlines.get(heard.session);
    if (memory === undefined || session === undefined || deadlineMs === undefined) return;
    if (memory.kept.has(session.id)) return;
    memory.deadlines.set(session.id, Math.max(deadlineMs, this.#deadlineOf(session, heard)));
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
    this.#memory = undefined;
  }

  #arm(): void {
    const { platform } = this.#parts;
    const dueMs = platform.monotonicNow() + lookEveryMs;
    this.#timer = platform.setTimer(lookEveryMs, () => {
      // What the sockets hold is read first: it may be from those whose time seems to be up.
      platform.afterTurn(() => this.#wake({ dueMs }));
    });
  }

  #wake({ dueMs }: { readonly dueMs: number }): void {
    if (this.#isStopped) return;
    // Judged here, with the deadlines: the loop may also have stood still since the timer.
    const isLate = this.#parts.platform.monotonicNow() - dueMs > lateAfterMs;
    this.#arm();
    // What is in the log stays there: only the deadlines begin anew.
    if (isLate) this.#memory?.deadlines.clear();
    const memory = this.#remember(this.#parts.node.status());
    if (memory === undefined || this.#parts.state.notServing !== undefined) return;
    this.#look(memory);
  }

  /** The memory of this term, begun now if need be; undefined while nothing may be counted. */
  #remember(status: RaftStatus): Memory | undefined {
    if (status.role !== "leader" || !status.hasAppliedOwnTerm || this.#isStopped) {
      this.#memory = undefined;
      return undefined;
    }
    if (this.#memory?.term === status.term) return this.#memory;
    this.#memory = {
      term: status.term,
      deadlines: new Map(),
      kept: new Set(),
      ending: new Set(),
    };
    this.#takeStock(this.#memory);
    return this.#memory;
  }

  /** Brings the memory up to date with the state and the open connections. */
  #takeStock(memory: Memory): void {
    const { platform, sessions, state } = this.#parts;
    const now = platform.monotonicNow();
    const deadlines = new Map<SessionId, number>();
    const kept = new Set<SessionId>();
    for (const session of state.current.sessions()) {
      const { id, ttlMs } = session;
      const deadlineMs = memory.deadlines.get(id) ?? now + ttlMs;
      const speaker = sessions.speakerOf(id);
      if (memory.kept.has(id)) kept.add(id);
      const isHeard = speaker !== undefined && !kept.has(id);
      const heardUntilMs = isHeard ? this.#deadlineOf(session, speaker) : 0;
      deadlines.set(id, Math.max(deadlineMs, heardUntilMs));
    }
    memory.deadlines = deadlines;
    memory.kept = kept;
  }

  /** However short its time-to-live: who answers the pings is there. */
  #deadlineOf(session: SessionLife, heard: { readonly heardAtMs: number }): number {
    const leastMs = pingIntervalsMax * this.#parts.bounds.pingIntervalMs;
    return heard.heardAtMs + Math.max(session.ttlMs, leastMs);
  }

  #look(memory: Memory): void {
    this.#takeStock(memory);
    const now = this.#parts.platform.monotonicNow();
    const over: SessionId[] = [];
    for (const [session, deadlineMs] of memory.deadlines) {
      if (deadlineMs > now || memory.ending.has(session)) continue;
      if (!this.#asking.has(session)) over.push(session);
    }
    for (let from = 0; from < over.length; from += expiriesPerEntryMax) {
      void this.#end(memory, over.slice(from, from + expiriesPerEntryMax));
    }
  }

  /** Not decided is not repeated here: the next look finds the time of the session as over as before. */
  async #end(memory: Memory, over: readonly SessionId[]): Promise<void> {
    const { entries, node, log } = this.#parts;
    assert(this.#memory === memory, "a session is ended in the term in which its time was up");
    const payload = entries.makeEntry(over.map((session) => expiry(session, memory.term)));
    if (payload === undefined) return;
    for (const session of over) memory.ending.add(session);
    const outcome = await node.propose(payload);
    // Not known: it may be in the log, and no keepalive is confirmed against it any more in this term.
    if (outcome.kind === "indeterminate") return;
    for (const session of over) memory.ending.delete(session);
    if (outcome.kind !== "applied") return;
    const { index, result } = outcome;
    for (const [at, session] of over.entries()) {
      if (hasEnded(result[at])) log.info({ session, term: memory.term, index }, "session expired");
    }
  }
}

function expiry(session: SessionId, term: number): Submission {
  const args = { session, decidedInTerm: term };
  return { origin: { kind: "none" }, write: { name: "session.expire", args } };
}

/** Not so where it had ended before, or the entry came to be of another term than the decision. */
function hasEnded(outcome: Outcome | undefined): boolean {
  if (outcome?.kind !== "result") return false;
  const { result } = outcome;
  return result.status === "changed" && result.changed;
}
