// log-clock.ts — log time while this node leads, and a tick when one is due (SEMANTICS §5).
// A duration clock: the highest time in the leader's log plus monotonic time since. It starts when
// the first entry of the own term is applied — before that the log may hold times not yet known —
// and stands still when leadership ends. It never looks at the wall clock but to show it.
import { type LogTimeMs, logTimeMs, type Submission } from "@rogerd/global-state";
import type { Term, Timer } from "@rogerd/raft";
import type { RaftEvents } from "../observe/raft-events.ts";
import type { Platform } from "../platform.ts";
import { encodeEntry } from "./command-codec.ts";
import type { ReplicatedState } from "./replicated-state.ts";

/** What the leader writes into an entry as its time. */
export interface Stamp {
  readonly logTime: LogTimeMs;
  readonly wallMs: number;
}

export interface LogClockParts {
  readonly platform: Pick<Platform, "monotonicNow" | "wallNow" | "setTimer">;
  readonly state: {
    readonly current: Pick<ReplicatedState["current"], "logTime" | "nextDeadline">;
    listen: ReplicatedState["listen"];
  };
  readonly events: Pick<RaftEvents, "subscribe">;
  readonly node: ClockedNode;
}

/** The slice of RaftNode that the clock needs. */
export interface ClockedNode {
  propose(payload: Uint8Array): Promise<{ readonly kind: string }>;
  status(): { readonly lastIndex: number; readonly appliedIndex: number };
}

type Stage =
  | { readonly kind: "standing" }
  /** Leading; the first entry of the own term is not applied yet. */
  | { readonly kind: "leading"; readonly term: Term }
  | {
      readonly kind: "running";
      readonly term: Term;
      readonly baseLogTime: number;
      readonly baseMonotonic: number;
    };

/** A tick that was refused (no room, or leadership is being handed over) is tried again so much later. */
const retryMs = 100;
/** Timers of the system can't wait longer than 2^31 ms; a day is long enough to look again. */
const waitMsMax = 86_400_000;
const nothing: readonly Submission[] = [];

export class LogClock {
  readonly #parts: LogClockParts;
  #stage: Stage = { kind: "standing" };
  #appliedTerm: Term | undefined;
  #timer: Timer | undefined;
  #isTicking = false;
  #isStopped = false;

  constructor(parts: LogClockParts) {
    this.#parts = parts;
    parts.events.subscribe({
      roleChanged: ({ role, term }) => this.#roleChanged(role === "leader" ? term : undefined),
    });
    parts.state.listen({
      appliedOne: ({ term }) => {
        this.#appliedTerm = term;
        this.#startIfReady();
      },
      appliedAll: () => this.#arm(),
      restored: () => this.#arm(),
    });
  }

  /** Undefined unless this node leads and has applied the first entry of its own term. */
  stamp(): Stamp | undefined {
    const logTime = this.#now();
    if (logTime === undefined) return undefined;
    return { logTime: logTimeMs(logTime), wallMs: Math.floor(this.#parts.platform.wallNow()) };
  }

  stop(): void {
    this.#isStopped = true;
    this.#roleChanged(undefined);
  }

  #roleChanged(leadsIn: Term | undefined): void {
    if (leadsIn !== undefined && this.#stage.kind !== "standing" && this.#stage.term === leadsIn) {
      return;
    }
    this.#stage = leadsIn === undefined ? { kind: "standing" } : { kind: "leading", term: leadsIn };
    this.#startIfReady();
    this.#arm();
  }

  #startIfReady(): void {
    const stage = this.#stage;
    if (stage.kind !== "leading" || stage.term !== this.#appliedTerm) return;
    this.#stage = {
      kind: "running",
      term: stage.term,
      baseLogTime: this.#parts.state.current.logTime,
      baseMonotonic: this.#parts.platform.monotonicNow(),
    };
  }

  /** Rounded down: log time is never faster than real time (I10). */
  #now(): number | undefined {
    if (this.#stage.kind !== "running") return undefined;
    const elapsedMs = this.#parts.platform.monotonicNow() - this.#stage.baseMonotonic;
    return Math.floor(this.#stage.baseLogTime + elapsedMs);
  }

  /** Waits for the earliest deadline; what is due already needs a tick only if no entry is coming. */
  #arm(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    const now = this.#now();
    if (now === undefined || this.#isTicking || this.#isStopped) return;
    const deadline = this.#parts.state.current.nextDeadline();
    if (deadline === undefined) return;
    const waitMs = Math.min(deadline - now, waitMsMax);
    if (waitMs <= 0 && this.#isEntryOnItsWay()) return; // its apply takes out what is due, and looks again
    this.#timer = this.#parts.platform.setTimer(Math.max(0, waitMs), () => this.#tickOrWait());
  }

  #tickOrWait(): void {
    this.#timer = undefined;
    const stamp = this.stamp();
    const deadline = this.#parts.state.current.nextDeadline();
    if (stamp === undefined || deadline === undefined || deadline > stamp.logTime) {
      return this.#arm();
    }
    if (this.#isEntryOnItsWay()) return;
    this.#isTicking = true;
    void this.#tick(encodeEntry({ ...stamp, submissions: nothing }));
  }

  async #tick(payload: Uint8Array): Promise<void> {
    const outcome = await this.#parts.node.propose(payload);
    this.#isTicking = false;
    if (this.#isStopped) return;
    if (outcome.kind === "applied") return this.#arm();
    this.#timer?.cancel();
    this.#timer = this.#parts.platform.setTimer(retryMs, () => this.#tickOrWait());
  }

  #isEntryOnItsWay(): boolean {
    const { lastIndex, appliedIndex } = this.#parts.node.status();
    return lastIndex > appliedIndex;
  }
}
