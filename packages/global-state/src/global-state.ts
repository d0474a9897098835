// global-state.ts — the root: entries in, outcomes out; reads; epochs; restore.
// Deterministic: what it holds follows from the entries alone. Never looks at a clock, never throws
// for input, never lets a read or an epoch change what the next entry answers.
import { apply } from "./apply.ts";
import { assert } from "./assert.ts";
import type { ListRead, LogEntry, Read } from "./command.ts";
import { isRefusal } from "./decision.ts";
import type { StateEvent } from "./event/event.ts";
import type { FeatureLevel } from "./feature-level.ts";
import type { LogTimeMs, OpenId, Revision, SessionId } from "./ids.ts";
import { isImporting } from "./import/import.ts";
import { type ImportPlan, importPlan } from "./import/import-plan.ts";
import { checkState } from "./invariants.ts";
import { checkLimits, defaultLimits, type Limits } from "./limits.ts";
import type { Notice } from "./notice.ts";
import { answerRead } from "./read/answer-read.ts";
import { type ListView, TableView, type ViewOwner } from "./read/list-view.ts";
import { withListing } from "./read/listing.ts";
import type { Outcome, Refusal, Result } from "./result.ts";
import { type Session, sessionName } from "./session/session.ts";
import { type EpochPurpose, StateEpoch } from "./snapshot/epoch.ts";
import { StateRestoration } from "./snapshot/restoration.ts";
import { emptyState, type State, type Tables } from "./state.ts";

export interface GlobalStateParts {
  /** 32 bytes for any bytes, equal on every node (sha-256): names snapshots and compares states. */
  readonly digest: (bytes: Uint8Array) => Uint8Array;
  /** The same on every node: limits decide answers. */
  readonly limits?: Limits;
}

export interface SessionView {
  readonly id: SessionId;
  readonly openId: OpenId;
  readonly name: string;
  readonly ttlMs: number;
}

export type ReadAnswer =
  | { readonly revision: Revision; readonly result: Result }
  | { readonly revision: Revision; readonly refusal: Refusal };

export interface Epoch {
  readonly revision: Revision;
  readonly term: number;
  /**
   * Encodes about so many rows. `given-up`: what has changed since it began passed the bound, or
   * the state was replaced; it has ended, begin another.
   */
  encodeSlice(budgetEntries: number): "more" | "done" | "given-up";
  /** Hex, once done: the state hash at `revision`. */
  root(): string;
  /** Once done, and only for a snapshot; at most 256 KiB each. Good until closed. */
  chunks(): Iterable<Uint8Array>;
  close(): void;
}

/** Gathers the chunks of a snapshot; nothing changes before `finish`. */
export interface Restoration {
  /** Throws DamagedSnapshotError. */
  add(chunk: Uint8Array): void;
  /** Checks everything, then replaces the whole state; returns the root. Throws DamagedSnapshotError. */
  finish(): string;
}

export class GlobalState {
  readonly #digest: (bytes: Uint8Array) => Uint8Array;
  readonly #limits: Limits;
  #state: State;
  #epoch: StateEpoch | undefined;
  #isTellable = true;
  readonly #views = new Set<ListView>();

  constructor(parts: GlobalStateParts) {
    this.#digest = parts.digest;
    this.#limits = parts.limits ?? defaultLimits;
    checkLimits(this.#limits);
    this.#state = emptyState(this.#limits);
  }

  static restore(parts: GlobalStateParts, chunks: Iterable<Uint8Array>): GlobalState {
    const state = new GlobalState(parts);
    const restoration = state.beginRestore();
    for (const chunk of chunks) restoration.add(chunk);
    restoration.finish();
    return state;
  }

  get revision(): Revision {
    return this.#state.revision;
  }

  /** Of the last entry. */
  get term(): number {
    return this.#state.term;
  }

  /** Whose rules hold now. */
  get featureLevel(): FeatureLevel {
    return this.#state.featureLevel;
  }

  get logTime(): LogTimeMs {
    return this.#state.logTime;
  }

  /** One outcome for each submission, in order. */
  apply(entry: LogEntry): readonly Outcome[] {
    const wasImporting = this.isImporting;
    const outcomes = apply(this.#state, entry);
    this.#isTellable = !wasImporting && !this.isImporting;
    return outcomes;
  }

  /** What the last entry did to sessions, in order: to be pushed, and lost without harm. */
  get notices(): readonly Notice[] {
    return this.#state.notices;
  }

  /** What the last entry changed, in order; undefined while a backup comes in, and once it is in: a list says. */
  get events(): readonly StateEvent[] | undefined {
    return this.#isTellable ? this.#state.changes.take() : undefined;
  }

  read(read: Read): ReadAnswer {
    const decision = answerRead(this.#state, read);
    const { revision } = this.#state;
    return isRefusal(decision) ? { revision, refusal: decision } : { revision, result: decision };
  }

  /**
   * The pages behind the first one of a list, as they are now: to be opened when that one was read, before
   * anything else is applied; to be closed by its owner. It is closed as well when the state is replaced.
   */
  openView(read: ListRead, parts: { readonly next: string; readonly owner: ViewOwner }): ListView {
    const { revision } = this.#state;
    const { next, owner } = parts;
    const told: ViewOwner = {
      held: (bytes) => owner.held(bytes),
      closed: (closed) => {
        this.#views.delete(closed);
        owner.closed(closed);
      },
    };
    const view = withListing<ListView>(
      this.#state,
      read,
      (listing) => new TableView({ revision, asked: read, listing, next, owner: told }),
    );
    assert(!("code" in view), "a list that has a first page is there");
    this.#views.add(view);
    return view;
  }

  /** The earliest log time at which an entry would take something out. */
  nextDeadline(): LogTimeMs | undefined {
    const { deadlines, droppings } = this.#state;
    return (droppings.first() ?? deadlines.first())?.expiresAt;
  }

  /** For the leader's memory of leases. In no order. */
  *sessions(): Iterable<SessionView> {
    for (const session of this.#state.sessions.rows()) {
      if (session.ending === "no") yield viewOf(session);
    }
  }

  /** Undefined once it is over, though it may still be in the tables, to be emptied (SEMANTICS §4.7). */
  session(id: SessionId): SessionView | undefined {
    const session = this.#state.sessions.find(sessionName(id));
    return session?.ending === "no" ? viewOf(session) : undefined;
  }

  sessionOf(openId: OpenId): SessionId | undefined {
    return this.#state.sessionsByOpenId.get(openId)?.key;
  }

  /** Undefined while another epoch is open: one at a time. */
  beginEpoch(purpose: EpochPurpose = "snapshot"): Epoch | undefined {
    const standing = this.#epoch?.standing;
    if (standing === "encoding" || standing === "done") return undefined;
    this.#epoch = new StateEpoch({
      state: this.#state,
      digest: this.#digest,
      purpose,
    });
    return this.#epoch;
  }

  /** A backup comes in, and nobody sees any of it: this is no state to make another backup of. */
  get isImporting(): boolean {
    return isImporting(this.#state);
  }

  /** This state as the commands that bring it into another, empty cluster. */
  importPlan(root: string): ImportPlan {
    return importPlan(this.#state, root);
  }

  /** How many rows there are of each kind. */
  counts(): Readonly<Record<keyof Tables, number>> {
    const { partitions, sessions, answerPages, requests } = this.#state;
    const { cancelMarks, queueKeys, executionKeys, pauses, cancelRules } = this.#state;
    const { limitRules, waiters, waitEndings, runs, finishedJobs } = this.#state;
    return {
      partitions: partitions.count,
      sessions: sessions.count,
      answerPages: answerPages.count,
      requests: requests.count,
      cancelMarks: cancelMarks.count,
      queueKeys: queueKeys.count,
      executionKeys: executionKeys.count,
      pauses: pauses.count,
      cancelRules: cancelRules.count,
      limitRules: limitRules.count,
      waiters: waiters.count,
      waitEndings: waitEndings.count,
      runs: runs.count,
      finishedJobs: finishedJobs.count,
    };
  }

  beginRestore(): Restoration {
    const restoration = new StateRestoration({ limits: this.#limits, digest: this.#digest });
    let isFinished = false;
    return {
      add: (chunk) => restoration.add(chunk),
      finish: () => {
        assert(!isFinished, "a restoration is finished once");
        const restored = restoration.finish();
        isFinished = true;
        this.#epoch?.giveUp();
        for (const view of [...this.#views]) view.close();
        this.#state = restored.state;
        return restored.root;
      },
    };
  }

  /** Throws InvariantViolation. Looks at every row: for tests and the simulator. */
  checkInvariants(): void {
    checkState(this.#state);
  }
}

function viewOf(session: Session): SessionView {
  const { key, openId, label, ttlMs } = session;
  return { id: key, openId, name: label, ttlMs };
}
