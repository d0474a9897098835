// backups.ts — what this node gives to who makes a backup: the state at one revision, chunk by chunk, as
// it is asked for. The leader begins one, after all that was acknowledged before is applied (§6.4), from
// an epoch of the state; so nothing waits for it but the next snapshot of this node. One at a time; who
// does not ask on is forgotten. Restores nothing, and writes no file.
import {
  assert,
  logIndex,
  type RaftStatus,
  type ReadOutcome,
  type SnapshotContent,
  snapshotChunks,
  type Timer,
  term,
} from "@rogerd/raft";
import type { Platform } from "../platform.ts";
import type { Self, StampSource } from "../request/surroundings.ts";
import type { BackupHeader } from "./backup-file.ts";

export interface BackupsParts {
  readonly platform: Pick<Platform, "monotonicNow" | "setTimer">;
  readonly node: { read(): Promise<ReadOutcome>; status(): RaftStatus };
  readonly state: BackedUpState;
  readonly clock: StampSource;
  readonly self: Self;
}

/** The slice of ReplicatedState that a backup is made from. */
export interface BackedUpState {
  readonly current: {
    readonly revision: number;
    readonly term: number;
    readonly isImporting: boolean;
  };
  readonly notServing: string | undefined;
  /** Opens its epoch before it returns. */
  takeSnapshot(): Promise<SnapshotContent | undefined>;
}

export type BackupAnswer =
  | { readonly kind: "preparing" }
  | { readonly kind: "chunk"; readonly header: BackupHeader; readonly bytes: Uint8Array }
  | { readonly kind: "end"; readonly header: BackupHeader }
  /** This node has no such backup, or no such chunk of it any more. */
  | { readonly kind: "unknown" }
  /** It serves another one. */
  | { readonly kind: "busy" }
  | { readonly kind: "failed"; readonly reason: string };

/** Nobody asks for the next chunk. */
export const idleMsMax = 30_000;
/** While it lasts, this node takes no snapshot of its own, and its log grows. */
export const wholeMsMax: number = 15 * 60_000;
/** Another epoch is open: a snapshot, a state hash. */
export const waitForEpochMsMax = 10_000;
const waitForEpochMs = 100;

interface OpenBackup {
  readonly id: string;
  readonly until: number;
  stage: Stage;
}

type Stage =
  | { readonly kind: "preparing" }
  | { readonly kind: "failed"; readonly reason: string }
  | Serving;

interface Serving {
  readonly kind: "serving";
  readonly header: BackupHeader;
  readonly chunks: AsyncIterator<Uint8Array>;
  readonly release: () => void;
  /** The last chunk that was asked for, for who asks again; −1: none yet. */
  number: number;
  last: Promise<IteratorResult<Uint8Array, unknown>> | undefined;
  /** All of it was given; it is kept only for who did not hear so. */
  hasEnded: boolean;
}

function hasEnded({ stage }: OpenBackup): boolean {
  return stage.kind === "serving" && stage.hasEnded;
}

export class Backups {
  readonly #parts: BackupsParts;
  #open: OpenBackup | undefined;
  #timer: Timer | undefined;

  constructor(parts: BackupsParts) {
    this.#parts = parts;
  }

  /** Does this node have it? Then it serves it, whoever leads by now. */
  has(id: string): boolean {
    return this.#open?.id === id;
  }

  /** The first chunk of a backup that is not known begins it. `id` is of the asker's making. */
  async ask(wish: { readonly id: string; readonly chunk: number }): Promise<BackupAnswer> {
    const { id, chunk } = wish;
    if (this.#open !== undefined && this.#open.id !== id) {
      if (!hasEnded(this.#open)) return { kind: "busy" };
      this.#close();
    }
    if (this.#open === undefined && chunk > 0) return { kind: "unknown" };
    const open = this.#open ?? this.#begin(id);
    const { stage } = open;
    if (stage.kind === "preparing") {
      this.#awaitNext(open);
      return stage;
    }
    if (stage.kind === "failed") {
      this.#close();
      return stage;
    }
    return this.#serve(open, { stage, chunk });
  }

  /** Who began it does not want it any more: the next one may begin. Harmless if it is not known. */
  giveUp(id: string): void {
    if (this.has(id)) this.#close();
  }

  stop(): void {
    this.#close();
  }

  #begin(id: string): OpenBackup {
    const until = this.#parts.platform.monotonicNow() + wholeMsMax;
    const open: OpenBackup = { id, until, stage: { kind: "preparing" } };
    this.#open = open;
    void this.#prepare(open);
    return open;
  }

  async #prepare(open: OpenBackup): Promise<void> {
    const outcome = await this.#parts.node.read();
    if (outcome.kind !== "ready") {
      open.stage = { kind: "failed", reason: "this node can't confirm that it leads" };
      return;
    }
    const { platform } = this.#parts;
    const giveUpAt = platform.monotonicNow() + waitForEpochMsMax;
    while (this.#open === open) {
      const taken = await this.#take();
      if (typeof taken === "string") {
        open.stage = { kind: "failed", reason: taken };
        return;
      }
      if (taken !== undefined) return this.#prepared(open, taken);
      if (platform.monotonicNow() >= giveUpAt) {
        open.stage = { kind: "failed", reason: "this node is busy with a snapshot of its own" };
        return;
      }
      await new Promise<void>((resolve) => platform.setTimer(waitForEpochMs, resolve));
    }
  }

  /** Undefined: not now. A text: why not at all. */
  async #take(): Promise<Serving | string | undefined> {
    const { state, clock, self, node } = this.#parts;
    const clusterId = self.clusterId();
    const stamp = clock.stamp();
    if (state.notServing !== undefined) return state.notServing;
    if (state.current.isImporting) return "a backup is being restored into this cluster";
    if (stamp === undefined || clusterId === undefined) return "this node does not lead any more";
    const { configuration, nodeId } = node.status();
    const { revision, term: lastTerm } = state.current;
    const content = await state.takeSnapshot();
    if (content === undefined) return undefined;
    const meta = {
      index: logIndex(revision),
      term: term(lastTerm),
      configuration,
      hash: content.hash,
    };
    const { name, version } = self;
    const chunks = snapshotChunks({
      meta,
      identity: { clusterId, nodeId, group: 0 },
      createdBy: `rogerd ${version}, ${name}`,
      content: content.chunks,
    });
    const createdAt = new Date(stamp.wallMs).toISOString();
    return {
      kind: "serving",
      header: { clusterId, revision, term: lastTerm, createdAt, node: name, version },
      chunks: chunks[Symbol.asyncIterator](),
      release: () => content.release(),
      number: -1,
      last: undefined,
      hasEnded: false,
    };
  }

  #prepared(open: OpenBackup, serving: Serving): void {
    // Forgotten meanwhile: the epoch must not stay open.
    if (this.#open === open) open.stage = serving;
    else serving.release();
  }

  async #serve(
    open: OpenBackup,
    asked: { readonly stage: Serving; readonly chunk: number },
  ): Promise<BackupAnswer> {
    const { stage, chunk } = asked;
    if (chunk !== stage.number && chunk !== stage.number + 1) return { kind: "unknown" };
    if (chunk === stage.number + 1) {
      stage.number = chunk;
      stage.last = stage.chunks.next();
    }
    assert(stage.last !== undefined, "a chunk that was asked for is there, or comes");
    this.#awaitNext(open);
    const given = await stage.last;
    // Found wrong since it was begun: it must not be kept by anybody.
    const { notServing } = this.#parts.state;
    if (notServing !== undefined) return { kind: "failed", reason: notServing };
    const { header } = stage;
    if (given.done !== true) return { kind: "chunk", header, bytes: given.value };
    stage.hasEnded = true;
    stage.release();
    return { kind: "end", header };
  }

  #awaitNext(open: OpenBackup): void {
    this.#timer?.cancel();
    const { platform } = this.#parts;
    const left = Math.max(0, open.until - platform.monotonicNow());
    this.#timer = platform.setTimer(Math.min(idleMsMax, left), () => this.#close());
  }

  #close(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    const stage = this.#open?.stage;
    this.#open = undefined;
    if (stage?.kind === "serving") stage.release();
  }
}
