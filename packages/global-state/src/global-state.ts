// global-state.ts — the root: entries in, outcomes out; reads; epochs; restore.
// Deterministic: what it holds follows from the entries alone. Never looks at a clock, never throws
// for input, never lets a read or an epoch change what the next entry answers.
import type { LogEntry, Read } from "./command.ts";
import type { LogTimeMs, OpenId, Revision, SessionId } from "./ids.ts";
import type { Limits } from "./limits.ts";
import type { Outcome, Refusal, Result } from "./result.ts";

export interface GlobalStateParts {
  /** 32 bytes for any bytes, equal on every node (sha-256): names snapshots and compares states. */
  readonly digest: (bytes: Uint8Array) => Uint8Array;
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

/** `hash`: only the root is wanted, chunks are not kept. */
export type EpochPurpose = "snapshot" | "hash";

export interface Epoch {
  readonly revision: Revision;
  readonly term: number;
  /** `given-up`: it held too much, or the state was replaced; it has ended, begin another. */
  encodeSlice(budgetEntries: number): "more" | "done" | "given-up";
  /** Hex, once done. */
  root(): string;
  /** Once done, and only for a snapshot; cut to at most 256 KiB each. Good until closed. */
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
  readonly #parts: GlobalStateParts;
  constructor(parts: GlobalStateParts) {
    this.#parts = parts;
  }
  get revision(): Revision {
    throw new Error(`not built yet ${this.#parts.limits}`);
  }
  get term(): number {
    throw new Error("not built yet");
  }
  get logTime(): LogTimeMs {
    throw new Error("not built yet");
  }
  /** One outcome for each submission, in order. */
  apply(_entry: LogEntry): readonly Outcome[] {
    throw new Error("not built yet");
  }
  read(_read: Read): ReadAnswer {
    throw new Error("not built yet");
  }
  /** The earliest log time at which an entry would take something out. */
  nextDeadline(): LogTimeMs | undefined {
    throw new Error("not built yet");
  }
  sessions(): Iterable<SessionView> {
    throw new Error("not built yet");
  }
  sessionOf(_openId: OpenId): SessionId | undefined {
    throw new Error("not built yet");
  }
  /** Undefined while another epoch is open. */
  beginEpoch(_purpose?: EpochPurpose): Epoch | undefined {
    throw new Error("not built yet");
  }
  beginRestore(): Restoration {
    throw new Error("not built yet");
  }
  static restore(_parts: GlobalStateParts, _chunks: Iterable<Uint8Array>): GlobalState {
    throw new Error("not built yet");
  }
}
