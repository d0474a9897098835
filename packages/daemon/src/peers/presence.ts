// presence.ts — which runs of which peers we have open connections to, in either direction; and when
// the last one to a run has closed (DESIGN §4: it may lift stickiness, so it must mean something).
// A connection that lived less than the election timeout does not count: who only comes and goes
// must not start elections.
import type { Incarnation, NodeId } from "@rogerd/raft";

export interface Run {
  readonly nodeId: NodeId;
  readonly incarnation: Incarnation;
}

interface Presences {
  readonly run: Run;
  readonly openedAt: Map<object, number>;
  /** Some connection since this run was last absent has lived long enough to count. */
  hasLasted: boolean;
}

export class Presence {
  readonly #electionTimeoutMs: number;
  readonly #runs = new Map<string, Presences>();
  readonly #newest = new Map<NodeId, Incarnation>();

  constructor(parts: { readonly electionTimeoutMs: number }) {
    this.#electionTimeoutMs = parts.electionTimeoutMs;
  }

  newestIncarnation(nodeId: NodeId): Incarnation | undefined {
    return this.#newest.get(nodeId);
  }

  isNewest(run: Run): boolean {
    return this.#newest.get(run.nodeId) === run.incarnation;
  }

  /** `connection` is any object that stands for it. */
  opened(run: Run, connection: object, now: number): void {
    const newest = this.#newest.get(run.nodeId);
    if (newest === undefined || newest < run.incarnation) {
      this.#newest.set(run.nodeId, run.incarnation);
    }
    const known = this.#runs.get(keyOf(run)) ?? { run, openedAt: new Map(), hasLasted: false };
    known.openedAt.set(connection, now);
    this.#runs.set(keyOf(run), known);
  }

  /** True if that run is gone now, and had been here long enough for that to be news. */
  closed(run: Run, connection: object, now: number): boolean {
    const known = this.#runs.get(keyOf(run));
    const openedAt = known?.openedAt.get(connection);
    if (known === undefined || openedAt === undefined) return false;
    known.openedAt.delete(connection);
    if (now - openedAt >= this.#electionTimeoutMs) known.hasLasted = true;
    if (known.openedAt.size > 0) return false;
    this.#runs.delete(keyOf(run));
    return known.hasLasted;
  }
}

function keyOf(run: Run): string {
  return `${run.nodeId} ${run.incarnation}`;
}
