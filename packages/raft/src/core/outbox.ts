// outbox.ts — gathers what one step asks for: at most one persist, put first, and the other effects
// in the order in which they were decided. It decides nothing itself.
// The only place that makes pledges: they can be put nowhere but into the release of the persist.
import { assert } from "./assert.ts";
import { type Effect, type HardState, type Persist, pledge, type SnapshotMark } from "./effect.ts";
import type { Entry } from "./entry.ts";
import type { LogIndex, MonotonicMs } from "./ids.ts";
import type { FreeMessage, Pledge, PledgeMessage } from "./message.ts";

/** One step of the core: when it is taken, and what it gives rise to. */
export interface Step {
  readonly now: MonotonicMs;
  readonly out: Outbox;
}

/** A persist before it has its number. */
export type PersistParts = Omit<Persist, "kind" | "sequence" | "term">;

export class Outbox {
  readonly #effects: Effect[] = [];
  #hardState: HardState | undefined;
  #truncateFrom: LogIndex | undefined;
  #entries: readonly Entry[] = [];
  #snapshotMark: SnapshotMark | undefined;
  readonly #release: Pledge[] = [];

  /** Leaves at once: it promises nothing. */
  send(message: FreeMessage): void {
    this.#effects.push({ kind: "send", message });
  }

  /** Leaves once everything this node has asked to persist so far is on disk (§3.8). */
  sendOncePersisted(message: PledgeMessage): void {
    this.#release.push(pledge(message));
  }

  emit(effect: Exclude<Effect, { readonly kind: "persist" | "send" }>): void {
    this.#effects.push(effect);
  }

  persistHardState(hardState: HardState): void {
    this.#hardState = hardState;
  }

  persistTruncation(from: LogIndex): void {
    assert(this.#entries.length === 0, "a step truncates before it appends");
    this.#truncateFrom = from;
  }

  persistEntries(entries: readonly Entry[]): void {
    this.#entries = this.#entries.length === 0 ? entries : [...this.#entries, ...entries];
  }

  persistSnapshotMark(mark: SnapshotMark): void {
    assert(this.#snapshotMark === undefined, "a step marks one snapshot");
    this.#snapshotMark = mark;
  }

  /** What is to be persisted, or waits for it; undefined if nothing is and does. */
  get persistParts(): PersistParts | undefined {
    const parts = {
      hardState: this.#hardState,
      truncateFrom: this.#truncateFrom,
      entries: this.#entries,
      snapshotMark: this.#snapshotMark,
      release: this.#release,
    };
    const isEmpty =
      parts.hardState === undefined &&
      parts.truncateFrom === undefined &&
      parts.entries.length === 0 &&
      parts.snapshotMark === undefined &&
      parts.release.length === 0;
    return isEmpty ? undefined : parts;
  }

  /** All effects of the step, the numbered persist before the others. */
  effects(persist: Persist | undefined): readonly Effect[] {
    return persist === undefined ? this.#effects : [persist, ...this.#effects];
  }
}
