// raft-events.ts — the one observer of the Raft node, for the many who want to know: it tells each
// subscriber in the order of subscription. It keeps nothing; the present is in `RaftNode.status()`.
import type { Configuration, Note, RaftObserver, RoleChange, SnapshotFact } from "@rogerd/raft";

/** Leave out what does not matter to you. */
export type RaftEventListener = Partial<RaftObserver>;

export class RaftEvents implements RaftObserver {
  readonly #listeners = new Set<RaftEventListener>();

  /** Returns what ends the subscription. */
  subscribe(listener: RaftEventListener): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  roleChanged(change: RoleChange): void {
    for (const listener of this.#listeners) listener.roleChanged?.(change);
  }

  snapshotStored(snapshot: SnapshotFact): void {
    for (const listener of this.#listeners) listener.snapshotStored?.(snapshot);
  }

  snapshotInstalled(snapshot: SnapshotFact): void {
    for (const listener of this.#listeners) listener.snapshotInstalled?.(snapshot);
  }

  configurationChanged(configuration: Configuration): void {
    for (const listener of this.#listeners) listener.configurationChanged?.(configuration);
  }

  configurationCommitted(configuration: Configuration): void {
    for (const listener of this.#listeners) listener.configurationCommitted?.(configuration);
  }

  failed(error: unknown): void {
    for (const listener of this.#listeners) listener.failed?.(error);
  }

  note(fact: Note): void {
    for (const listener of this.#listeners) listener.note?.(fact);
  }
}
