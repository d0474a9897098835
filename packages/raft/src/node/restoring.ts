// restoring.ts — an installed snapshot becomes the state (§5): once its mark is on disk, and once a
// snapshot of the old state that was under way has been given up. A newer one takes the place of one
// that is being restored. Nothing may be applied from `want` until `done`.
import type { SnapshotMeta } from "../core/message.ts";

export interface RestoringParts {
  /** Makes the state machine hold this snapshot; a rejection is final. */
  readonly restore: (snapshot: SnapshotMeta) => Promise<void>;
  /** Only enqueues. */
  readonly done: (snapshot: SnapshotMeta) => void;
  readonly failed: (cause: unknown) => void;
}

export class Restoring {
  readonly #parts: RestoringParts;
  #wanted: SnapshotMeta | undefined;
  #isMarked = false;
  #running: Promise<void> | undefined;
  #ended = false;

  constructor(parts: RestoringParts) {
    this.#parts = parts;
  }

  want(snapshot: SnapshotMeta): void {
    this.#wanted = snapshot;
    this.#isMarked = false;
  }

  /** True if this mark is the one of the wanted snapshot: it was installed and not taken here. */
  marked(snapshot: SnapshotMeta): boolean {
    if (this.#wanted === undefined || !isSame(this.#wanted, snapshot)) return false;
    this.#isMarked = true;
    this.#running ??= this.#run(snapshot);
    return true;
  }

  async end(): Promise<void> {
    this.#ended = true;
    await this.#running;
  }

  async #run(first: SnapshotMeta): Promise<void> {
    let snapshot: SnapshotMeta | undefined = first;
    try {
      while (snapshot !== undefined) {
        await this.#parts.restore(snapshot);
        if (this.#ended) return;
        snapshot = this.#after(snapshot);
      }
    } catch (cause) {
      if (!this.#ended) this.#parts.failed(cause);
    }
    this.#running = undefined;
  }

  /** What to restore next: one that was installed meanwhile and is marked already. */
  #after(restored: SnapshotMeta): SnapshotMeta | undefined {
    if (this.#wanted === undefined || isSame(this.#wanted, restored)) {
      this.#wanted = undefined;
      this.#parts.done(restored);
      return undefined;
    }
    return this.#isMarked ? this.#wanted : undefined;
  }
}

function isSame(one: SnapshotMeta, other: SnapshotMeta): boolean {
  return one.index === other.index && one.term === other.term && one.hash === other.hash;
}
