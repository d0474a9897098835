// state-hash.ts — nodes compare the hash of their state at fixed indexes (DESIGN §5, I8). A node that
// differs from a majority of voters stops serving and leading and asks for their snapshot; where no
// hash has a majority all stop serving and say so. An index that comes while an epoch is open is
// skipped; only indexes that both have are compared. Either verdict is noted on disk, and holds over a
// restart until others' snapshot has replaced the state. It never decides what the right state is.
import type { Epoch } from "@rogerd/global-state";
import type { Configuration, NodeId } from "@rogerd/raft";
import type { Log, LogFields } from "../observe/log.ts";
import type { HashReport } from "../peers/peer-codec.ts";
import type { Platform } from "../platform.ts";
import type { Divergence, DivergenceNote } from "./divergence-note.ts";
import { encodeInSlices } from "./epoch-slices.ts";
import { judgeHashes } from "./hash-verdict.ts";
import type { ReplicatedState } from "./replicated-state.ts";

export interface StateHashingParts {
  readonly platform: Pick<Platform, "afterTurn" | "monotonicNow">;
  readonly log: Log;
  readonly self: NodeId;
  /** 0: never, but on demand. */
  readonly everyEntries: number;
  readonly state: HashedState;
  readonly node: {
    status(): { readonly configuration: Pick<Configuration, "voters"> };
    markDiverged(): void;
  };
  readonly note: Pick<DivergenceNote, "path" | "write" | "remove">;
  readonly send: (reports: readonly HashReport[]) => void;
}

/** The slice of ReplicatedState that is needed here. */
export interface HashedState {
  readonly current: { beginEpoch(purpose: "hash"): Epoch | undefined; readonly revision: number };
  stopServing(reason: string): void;
  listen: ReplicatedState["listen"];
}

/** So many indexes are kept of each node. */
const keptMax = 8;

export class StateHashing {
  readonly #parts: StateHashingParts;
  /** By node, oldest index first; ours among them. */
  readonly #known = new Map<NodeId, Map<number, string>>();
  #isStopped = false;
  /** What was found of the state that we have; undefined: nothing wrong. */
  #found: Divergence | undefined;
  /** Counts the states that were replaced by a snapshot. */
  #replaced = 0;

  constructor(parts: StateHashingParts) {
    this.#parts = parts;
    parts.state.listen({
      appliedOne: ({ index }) => {
        if (parts.everyEntries > 0 && index % parts.everyEntries === 0) this.#atFixedIndex(index);
      },
      restored: () => this.#restored(),
    });
  }

  /**
   * The node has started, with its own snapshot restored. `found`: what a run before this one found of
   * the state that is in it. To be called before anything of the log is applied, or anybody elected.
   */
  begin(found: Divergence | undefined): void {
    if (found === undefined) return;
    this.#say(found.verdict, { index: found.index, found: "before this start" });
    this.#giveUpState(found);
  }

  stop(): void {
    this.#isStopped = true;
  }

  /** The last one taken at a fixed index. */
  last(): HashReport | undefined {
    return this.recent().at(-1);
  }

  /** The last few taken at fixed indexes, oldest first: for a peer that was just connected. */
  recent(): readonly HashReport[] {
    const own = this.#known.get(this.#parts.self) ?? new Map<number, string>();
    return [...own].map(([index, hash]) => ({ index, hash }));
  }

  /** One at the applied index; undefined when an epoch is open, or it was given up. */
  take(): Promise<HashReport | undefined> {
    const { current } = this.#parts.state;
    const index = current.revision;
    const epoch = current.beginEpoch("hash");
    return epoch === undefined ? Promise.resolve(undefined) : this.#hash(epoch, index);
  }

  received(arrival: { readonly from: NodeId; readonly reports: readonly HashReport[] }): void {
    for (const report of arrival.reports) {
      this.#keep(arrival.from, report);
      this.#compareAt(report.index);
    }
  }

  #atFixedIndex(index: number): void {
    if (this.#found !== undefined) return; // known to be wrong: it is no evidence
    const epoch = this.#parts.state.current.beginEpoch("hash");
    if (epoch === undefined) {
      this.#parts.log.debug({ index }, "state hash skipped");
      return;
    }
    const replaced = this.#replaced;
    void this.#hash(epoch, index).then((report) => {
      if (report === undefined || this.#isStopped || replaced !== this.#replaced) return;
      this.#taken(report);
    });
  }

  async #hash(epoch: Epoch, index: number): Promise<HashReport | undefined> {
    try {
      const outcome = await encodeInSlices(epoch, this.#parts.platform);
      return outcome === "done" ? { index, hash: epoch.root() } : undefined;
    } finally {
      epoch.close();
    }
  }

  #taken(report: HashReport): void {
    this.#parts.log.debug({ ...report }, "state hash taken");
    this.#keep(this.#parts.self, report);
    this.#parts.send([report]);
    this.#compareAt(report.index);
  }

  #keep(node: NodeId, report: HashReport): void {
    const reports = this.#known.get(node) ?? new Map<number, string>();
    reports.delete(report.index);
    reports.set(report.index, report.hash);
    const [oldest] = reports.keys();
    if (reports.size > keptMax && oldest !== undefined) reports.delete(oldest);
    this.#known.set(node, reports);
  }

  #compareAt(index: number): void {
    const own = this.#known.get(this.#parts.self)?.get(index);
    if (own === undefined || this.#isStopped) return;
    const { voters } = this.#parts.node.status().configuration;
    const known = new Map<NodeId, string>();
    for (const [node, reports] of this.#known) {
      const hash = reports.get(index);
      if (hash !== undefined) known.set(node, hash);
    }
    const verdict = judgeHashes({ voters, own, known });
    if (verdict !== "differs" && verdict !== "nobody-agrees") return;
    if (verdict === this.#found?.verdict) return;
    const fields = { index, own, known: Object.fromEntries(known) };
    this.#say(verdict, fields);
    this.#parts.note.write({ verdict, index });
    this.#giveUpState({ verdict, index });
  }

  /**
   * Where nobody agrees nobody may lead either: the leader's snapshot would decide whose state is right.
   */
  #giveUpState(found: Divergence): void {
    const { state, node, note } = this.#parts;
    this.#found = found;
    state.stopServing(reasonOf(found, note.path));
    node.markDiverged();
  }

  #say(verdict: Divergence["verdict"], fields: LogFields): void {
    const { log } = this.#parts;
    if (verdict === "nobody-agrees") log.fatal(fields, "no majority agrees on the state");
    else log.error(fields, "state differs from the majority");
  }

  /** By a snapshot that others sent: our own is restored only before `begin`. */
  #restored(): void {
    this.#replaced += 1;
    // What we said before was of a state that is gone.
    this.#known.delete(this.#parts.self);
    if (this.#found === undefined) return;
    this.#found = undefined;
    this.#parts.note.remove();
  }
}

function reasonOf({ verdict, index }: Divergence, path: string): string {
  if (verdict === "differs") {
    return `the state of this node differs from the majority's at index ${index}; it waits for their snapshot`;
  }
  return (
    `no majority of the nodes agrees on the state at index ${index}, so none of them serves: stop all nodes and keep their data directories; ` +
    "then form a new cluster and restore a backup, or decide whose state is right, " +
    `delete ${path} on that one node and on no other, and start all: it leads, and the others take its state ` +
    "(if it is not elected its log is too short, and it must be another)"
  );
}
