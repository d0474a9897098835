// silence.ts — the leader's memory of when each session was last heard of (SEMANTICS §5). A session that
// stays silent for `sessionSilenceMs` is ended by an entry of the log, never by this memory: what is
// remembered here is worth nothing on another node, nor here in another term.
//
// It must never end a session too early: time counts from when this node leads *and* has applied the
// first entry of its own term; stepping down forgets everything; a late wake gives full time again.
import type { SessionId, Submission } from "@rogerd/global-state";
import type { RaftStatus, Timer } from "@rogerd/raft";
import type { Log } from "../observe/log.ts";
import type { CurrentState, EntryMaker, OuterPlatform, Proposer } from "../request/surroundings.ts";
import type { Sessions } from "./sessions.ts";

export interface SilenceParts {
  readonly platform: Pick<OuterPlatform, "monotonicNow" | "setTimer" | "afterTurn">;
  readonly node: Proposer;
  readonly state: CurrentState;
  readonly entries: EntryMaker;
  readonly sessions: Sessions;
  readonly log: Log;
  readonly sessionSilenceMs: number;
}

interface Memory {
  readonly term: RaftStatus["term"];
  /** Never undefined for a session of the state once it was looked at. */
  heardAtMs: Map<SessionId, number>;
  /** Their ends are proposed and not yet decided. */
  readonly ending: Set<SessionId>;
}

/** Looks per silence: a session ends at most a thirtieth of it late. */
const looksPerSilence = 30;
/** A timer that fires so much late means a blocked loop or a suspended machine. */
const lateAfterMs = 1_000;
const expiriesPerEntryMax = 256;

export class Silence {
  readonly #parts: SilenceParts;
  readonly #lookEveryMs: number;
  #memory: Memory | undefined;
  #timer: Timer | undefined;
  #isStopped = false;

  constructor(parts: SilenceParts) {
    this.#parts = parts;
    this.#lookEveryMs = Math.max(1, Math.floor(parts.sessionSilenceMs / looksPerSilence));
  }

  start(): void {
    this.#arm();
  }

  /** The role, the term or the leader changed: what was remembered in another term is forgotten. */
  leadershipMoved(): void {
    this.#remember(this.#parts.node.status());
  }

  /** The connection that spoke for a session has closed; it was last heard at `heardAtMs`. */
  closed(heard: { readonly session: SessionId; readonly heardAtMs: number }): void {
    const known = this.#memory?.heardAtMs.get(heard.session);
    if (known !== undefined && known < heard.heardAtMs) {
      this.#memory?.heardAtMs.set(heard.session, heard.heardAtMs);
    }
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
    this.#memory = undefined;
  }

  #arm(): void {
    const { platform } = this.#parts;
    const due = platform.monotonicNow() + this.#lookEveryMs;
    this.#timer = platform.setTimer(this.#lookEveryMs, () => {
      const isLate = platform.monotonicNow() - due > lateAfterMs;
      // What the sockets hold is read first: it may be from those who seem silent.
      platform.afterTurn(() => this.#wake({ isLate }));
    });
  }

  #wake({ isLate }: { readonly isLate: boolean }): void {
    if (this.#isStopped) return;
    this.#arm();
    if (isLate) this.#memory = undefined;
    const memory = this.#remember(this.#parts.node.status());
    if (memory === undefined || this.#parts.state.notServing !== undefined) return;
    this.#look(memory);
  }

  /** The memory of this term, begun now if need be; undefined while nothing may be counted. */
  #remember(status: RaftStatus): Memory | undefined {
    if (status.role !== "leader" || !status.hasAppliedOwnTerm) {
      this.#memory = undefined;
      return undefined;
    }
    if (this.#memory?.term === status.term) return this.#memory;
    this.#memory = { term: status.term, heardAtMs: new Map(), ending: new Set() };
    this.#listen(this.#memory);
    return this.#memory;
  }

  /** Brings the memory up to date with the state and the open connections. */
  #listen(memory: Memory): void {
    const now = this.#parts.platform.monotonicNow();
    const heardAtMs = new Map<SessionId, number>();
    for (const { id } of this.#parts.state.current.sessions()) {
      const known = memory.heardAtMs.get(id) ?? now;
      const spoken = this.#parts.sessions.speakerOf(id)?.heardAtMs ?? 0;
      heardAtMs.set(id, Math.max(known, spoken));
    }
    memory.heardAtMs = heardAtMs;
  }

  #look(memory: Memory): void {
    this.#listen(memory);
    const silentSince = this.#parts.platform.monotonicNow() - this.#parts.sessionSilenceMs;
    const silent: SessionId[] = [];
    for (const [session, heardAtMs] of memory.heardAtMs) {
      if (heardAtMs <= silentSince && !memory.ending.has(session)) silent.push(session);
    }
    for (let from = 0; from < silent.length; from += expiriesPerEntryMax) {
      void this.#end(memory, silent.slice(from, from + expiriesPerEntryMax));
    }
  }

  /** Not decided is not repeated here: the next look finds the session as silent as before. */
  async #end(memory: Memory, silent: readonly SessionId[]): Promise<void> {
    const { entries, node, log } = this.#parts;
    const payload = entries.makeEntry(silent.map((session) => expiry(session, memory.term)));
    if (payload === undefined) return;
    for (const session of silent) memory.ending.add(session);
    const outcome = await node.propose(payload);
    for (const session of silent) memory.ending.delete(session);
    if (outcome.kind !== "applied") return;
    for (const session of silent) {
      log.info({ session, term: memory.term, index: outcome.index }, "session expired");
    }
  }
}

function expiry(session: SessionId, term: number): Submission {
  const args = { session, decidedInTerm: term };
  return { origin: { kind: "none" }, write: { name: "session.expire", args } };
}
