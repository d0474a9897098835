// replicated-state.ts — the log's entries, applied to the global state: Raft's StateMachine over
// @rogerd/global-state. It turns payloads into entries and epochs into snapshots; what an entry
// means is decided there. An entry that can't be read stops the node: it is never skipped.
import {
  GlobalState,
  type LogEntry,
  logTimeMs,
  type Outcome,
  revision,
} from "@rogerd/global-state";
import {
  assert,
  type Committed,
  type LogIndex,
  type SnapshotContent,
  type StateMachine,
  type Term,
} from "@rogerd/raft";
import type { Platform } from "../platform.ts";
import { decodeEntry, UnreadableEntryError } from "./command-codec.ts";
import { encodeInSlices } from "./epoch-slices.ts";

/** What others must know at the moment it happens. Leave out what does not matter to you. */
export interface StateListener {
  /** One entry was applied; the state is exactly as of `index` while this runs. */
  appliedOne?(at: { readonly index: LogIndex; readonly term: Term }): void;
  /** What was asked in that entry, and what came of it. Told just before `appliedOne`. */
  answered?(entry: LogEntry, outcomes: readonly Outcome[]): void;
  /** All entries that were at hand are applied. */
  appliedAll?(): void;
  /** The whole state was replaced by a snapshot's. */
  restored?(): void;
}

export interface ReplicatedStateParts {
  readonly platform: Pick<Platform, "afterTurn" | "monotonicNow" | "digest">;
}

export class ReplicatedState implements StateMachine<readonly Outcome[]> {
  readonly #parts: ReplicatedStateParts;
  readonly #listeners: StateListener[] = [];
  readonly #state: GlobalState;
  #notServing: string | undefined;

  constructor(parts: ReplicatedStateParts) {
    this.#parts = parts;
    this.#state = new GlobalState({ digest: (bytes) => parts.platform.digest(bytes) });
  }

  /** The state itself, for reads at the applied revision. Its content is replaced by a restore. */
  get current(): GlobalState {
    return this.#state;
  }

  /** Undefined while serving; otherwise why nothing may be answered from this state. */
  get notServing(): string | undefined {
    return this.#notServing;
  }

  /** Until a snapshot of the majority replaces the state (DESIGN §5). */
  stopServing(reason: string): void {
    this.#notServing = reason;
  }

  listen(listener: StateListener): void {
    this.#listeners.push(listener);
  }

  apply(entries: readonly Committed[]): readonly (readonly Outcome[] | undefined)[] {
    const outcomes = entries.map((committed) => this.#applyOne(committed));
    for (const listener of this.#listeners) listener.appliedAll?.();
    return outcomes;
  }

  async takeSnapshot(): Promise<SnapshotContent | undefined> {
    const epoch = this.#state.beginEpoch("snapshot");
    if (epoch === undefined) return undefined;
    if ((await encodeInSlices(epoch, this.#parts.platform)) === "given-up") {
      epoch.close();
      return undefined;
    }
    return {
      hash: epoch.root(),
      chunks: chunksThenClose(epoch),
      // A generator that nobody began has no end to close it.
      release: () => epoch.close(),
    };
  }

  async restore(snapshot: {
    readonly at: { readonly index: LogIndex; readonly term: Term };
    readonly chunks: AsyncIterable<Uint8Array>;
  }): Promise<void> {
    const restoration = this.#state.beginRestore();
    for await (const chunk of snapshot.chunks) restoration.add(chunk);
    restoration.finish();
    assert(
      this.#state.revision === revision(snapshot.at.index) && this.#state.term === snapshot.at.term,
      "a snapshot holds the state after its last entry",
    );
    this.#notServing = undefined;
    for (const listener of this.#listeners) listener.restored?.();
  }

  #applyOne(committed: Committed): readonly Outcome[] | undefined {
    const { index, term, payload } = committed;
    const entry = this.#entryOf(committed);
    const outcomes = this.#state.apply(entry);
    for (const listener of this.#listeners) listener.answered?.(entry, outcomes);
    for (const listener of this.#listeners) listener.appliedOne?.({ index, term });
    return payload === undefined ? undefined : outcomes;
  }

  /** What is no command is an empty entry: revision and term follow, no time passes. */
  #entryOf({ index, term, payload }: Committed): LogEntry {
    const place = { revision: revision(index), term };
    if (payload === undefined) {
      const logTime = logTimeMs(this.#state.logTime);
      return { ...place, logTime, wallMs: 0, submissions: [] };
    }
    try {
      return { ...place, ...decodeEntry(payload) };
    } catch (error) {
      if (!(error instanceof UnreadableEntryError)) throw error;
      throw new UnreadableEntryError(
        `Entry ${index} of term ${term} can't be read, and no entry may be skipped: ${error.message}.`,
        { cause: error },
      );
    }
  }
}

async function* chunksThenClose(epoch: {
  chunks(): Iterable<Uint8Array>;
  close(): void;
}): AsyncGenerator<Uint8Array> {
  try {
    yield* epoch.chunks();
  } finally {
    epoch.close();
  }
}
