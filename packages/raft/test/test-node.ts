// test-node.ts — one node of a test cluster: the core, a model of its disk, and a state machine
// that remembers what it applied. The test decides when a write is synced and when a chunk is read.
import { assert, unreachable } from "../src/core/assert.ts";
import type { Effect, Persist } from "../src/core/effect.ts";
import type { Entry } from "../src/core/entry.ts";
import {
  incarnation,
  type LogIndex,
  logIndex,
  type MonotonicMs,
  type NodeId,
} from "../src/core/ids.ts";
import type { Input, Ticket } from "../src/core/input.ts";
import type {
  FreeMessage,
  Message,
  Pledge,
  PledgeMessage,
  SnapshotMeta,
} from "../src/core/message.ts";
import { Raft } from "../src/core/raft.ts";
import type { CoreSettings } from "../src/core/settings.ts";
import { ModelDisk } from "./model-disk.ts";

type EffectOf<Kind extends Effect["kind"]> = Extract<Effect, { readonly kind: Kind }>;

/** How a proposal, read, transfer or change of membership was answered. */
export type Answer = EffectOf<
  | "accepted"
  | "refused"
  | "readable"
  | "read-refused"
  | "transfer-ended"
  | "membership-changed"
  | "membership-refused"
  | "membership-unknown"
>;

export interface TestNodeParts {
  readonly id: NodeId;
  readonly name: string;
  readonly seed: number;
  readonly settings: CoreSettings;
  readonly clock: { readonly now: MonotonicMs };
  readonly send: (message: Message, from: TestNode) => void;
  /** Called after every step, with what it asked for. */
  readonly watch: (node: TestNode, effects: readonly Effect[]) => void;
}

/** What a state machine of texts did with an entry. */
export function textOf(entry: Entry): string {
  return entry.kind === "command" ? new TextDecoder().decode(entry.payload) : `(${entry.kind})`;
}

const pledges: ReadonlySet<Message["kind"]> = new Set<PledgeMessage["kind"]>([
  "append-accepted",
  "request-vote",
  "vote-granted",
]);

export class TestNode {
  readonly id: NodeId;
  readonly name: string;
  readonly disk = new ModelDisk();
  /** Syncs every write at once, and answers for chunks at once. */
  isQuick = true;
  /** The running process, if there is one. */
  raft: Raft | undefined;
  incarnation = incarnation(0);
  /** One text for each index that the state machine holds; index 1 is first. */
  applied: string[] = [];
  readonly answers = new Map<Ticket, Answer>();
  readonly roles: EffectOf<"role-changed">[] = [];
  readonly truncations: LogIndex[] = [];
  /** Answers of the storage to chunks, not given yet. */
  chunkAnswers: Input[] = [];
  /** Sees every pledge in the moment in which it leaves. */
  onRelease: (pledge: Pledge) => void = () => undefined;
  #arriving: { readonly meta: SnapshotMeta; readonly chunks: Uint8Array[] } | undefined;
  readonly #parts: TestNodeParts;

  constructor(parts: TestNodeParts) {
    this.#parts = parts;
    this.id = parts.id;
    this.name = parts.name;
  }

  start(): void {
    assert(this.raft === undefined, "a node is started once");
    this.incarnation = incarnation(this.incarnation + 1);
    const recovered = this.disk.recovered();
    this.applied = recovered.snapshot === undefined ? [] : this.#contentOf(recovered.snapshot);
    this.raft = new Raft({
      nodeId: this.id,
      incarnation: this.incarnation,
      settings: this.#parts.settings,
      seed: (this.#parts.seed + this.incarnation * 7919) >>> 0,
      now: this.#parts.clock.now,
      recovered,
    });
    this.#applyThrough(this.raft.positions.commitIndex);
  }

  /** The process dies; what is synced stays. */
  crash(): void {
    this.raft = undefined;
    this.disk.crash();
    this.chunkAnswers = [];
    this.#arriving = undefined;
  }

  get core(): Raft {
    assert(this.raft !== undefined, `${this.name} runs`);
    return this.raft;
  }

  input(input: Input): readonly Effect[] {
    const effects = this.core.step(input, this.#parts.clock.now);
    for (const effect of effects) this.#perform(effect);
    this.#parts.watch(this, effects);
    if (this.isQuick) this.catchUp();
    return effects;
  }

  /** Syncs the oldest write on its way, lets its pledges go and tells the core. */
  sync(): Persist | undefined {
    return this.syncTogether(1).at(-1);
  }

  /** So many writes that one sync made durable: the core is told once, of the last. */
  syncTogether(count: number): readonly Persist[] {
    const persists: Persist[] = [];
    for (let done = 0; done < count; done++) {
      const persist = this.disk.sync();
      if (persist === undefined) break;
      persists.push(persist);
      for (const message of persist.release) {
        this.onRelease(message);
        this.#parts.send(message, this);
      }
    }
    const last = persists.at(-1);
    if (last === undefined) return persists;
    const { sequence, term } = last;
    this.input({ kind: "persisted", sequence, term });
    return persists;
  }

  /** All writes and chunks on their way, and what follows from them. */
  catchUp(): void {
    while (this.raft !== undefined && (this.disk.pending.length > 0 || this.answerChunk())) {
      this.sync();
    }
  }

  /** Gives the core the oldest answer of its storage. */
  answerChunk(): boolean {
    const answer = this.chunkAnswers.shift();
    if (answer === undefined) return false;
    this.input(answer);
    return true;
  }

  /** Takes a snapshot of all that is applied. */
  takeSnapshot(): void {
    const snapshot = this.storeSnapshot();
    if (snapshot !== undefined) this.input({ kind: "snapshot-taken", snapshot });
  }

  /** Stores one, and does not say so yet. */
  storeSnapshot(): SnapshotMeta | undefined {
    const index = logIndex(this.applied.length);
    const { mark } = this.disk;
    const entry = this.log().find((candidate) => candidate.index === index);
    const last = entry ?? (mark?.index === index ? mark : undefined);
    if (last === undefined) return undefined;
    const configuration = this.core.configurationAt(index);
    const chunks = chunksOf(this.applied);
    const meta = { index, term: last.term, configuration, hash: hashOf(this.applied) };
    this.disk.snapshots.push({ meta, chunks });
    return meta;
  }

  /** Drops what the newest synced mark covers, but for so many entries. */
  compact(trailing: number): void {
    const pinned = this.core.pinnedAfter ?? Number.POSITIVE_INFINITY;
    const through = Math.min((this.disk.mark?.index ?? 0) - trailing, pinned);
    if (through <= this.core.positions.baseIndex) return;
    this.input({ kind: "compact", through: logIndex(through) });
    this.disk.dropPrefix(logIndex(through));
  }

  /** What it holds in memory after its base. */
  log(): readonly Entry[] {
    const { baseIndex, lastIndex } = this.core.positions;
    const bytesMax = Number.MAX_SAFE_INTEGER;
    return this.core.entriesBetween({ after: baseIndex, through: lastIndex, bytesMax });
  }

  /** Its log in short: `2@1` is index 2 in term 1. */
  logInShort(): readonly string[] {
    return this.log().map((entry) => `${entry.index}@${entry.term} ${textOf(entry)}`);
  }

  #perform(effect: Effect): void {
    switch (effect.kind) {
      case "persist":
        this.disk.pending.push(effect);
        return;
      case "send":
        assert(!pledges.has(effect.message.kind), "a pledge leaves by a persist's release only");
        this.#parts.send(effect.message satisfies FreeMessage, this);
        return;
      case "commit":
        return this.#applyThrough(effect.through);
      case "truncated":
        this.truncations.push(effect.from);
        return;
      case "role-changed":
        this.roles.push(effect);
        return;
      case "load-chunk":
        return this.#loadChunk(effect);
      case "store-chunk":
        return this.#storeChunk(effect);
      case "restore":
        this.applied = this.#contentOf(effect.snapshot);
        return;
      case "accepted":
      case "refused":
      case "readable":
      case "read-refused":
      case "transfer-ended":
      case "membership-changed":
      case "membership-refused":
      case "membership-unknown":
        this.answers.set(effect.ticket, effect);
        return;
      default:
        return unreachable(effect);
    }
  }

  #applyThrough(through: LogIndex): void {
    const after = logIndex(this.applied.length);
    const entries = this.core.entriesBetween({ after, through, bytesMax: Number.MAX_SAFE_INTEGER });
    for (const entry of entries) {
      assert(entry.index === this.applied.length + 1, "entries are applied in order (V5)");
      this.applied.push(textOf(entry));
    }
    if (entries.length > 0) this.chunkAnswers.unshift({ kind: "applied", through });
  }

  #contentOf(snapshot: SnapshotMeta): string[] {
    const stored = this.disk.snapshot(snapshot);
    assert(stored !== undefined, "what is restored is stored");
    return contentOf(stored.chunks);
  }

  #loadChunk(effect: EffectOf<"load-chunk">): void {
    const { chunk, snapshot, to } = effect;
    const chunks = this.disk.snapshot(snapshot)?.chunks;
    const bytes = chunks?.[chunk];
    if (chunks === undefined || bytes === undefined) {
      this.chunkAnswers.push({ kind: "chunk-unavailable", to, snapshot });
      return;
    }
    const isLast = chunk === chunks.length - 1;
    this.chunkAnswers.push({ kind: "chunk-loaded", to, snapshot, chunk, bytes, isLast });
  }

  #storeChunk(effect: EffectOf<"store-chunk">): void {
    const { bytes, chunk, isLast, snapshot } = effect;
    if (chunk === 0) this.#arriving = { meta: snapshot, chunks: [] };
    const arriving = this.#arriving;
    const fits = arriving?.meta.hash === snapshot.hash && arriving.chunks.length === chunk;
    arriving?.chunks.push(bytes);
    const isWhole = !isLast || hashOf(contentOf(arriving?.chunks ?? [])) === snapshot.hash;
    if (arriving === undefined || !fits || !isWhole) {
      this.chunkAnswers.push({ kind: "chunk-refused", snapshot, chunk });
      return;
    }
    if (isLast) this.disk.snapshots.push(arriving);
    this.chunkAnswers.push({ kind: "chunk-stored", snapshot, chunk });
  }
}

const chunkTexts = 3;

function chunksOf(texts: readonly string[]): readonly Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let start = 0; start < Math.max(1, texts.length); start += chunkTexts) {
    chunks.push(new TextEncoder().encode(texts.slice(start, start + chunkTexts).join("\n")));
  }
  return chunks;
}

function contentOf(chunks: readonly Uint8Array[]): string[] {
  return chunks.flatMap((chunk) => new TextDecoder().decode(chunk).split("\n"));
}

/** FNV-1a, enough to tell contents apart. */
export function hashOf(texts: readonly string[]): string {
  let hash = 0x811c_9dc5;
  for (const char of texts.join("\n")) {
    hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x0100_0193) >>> 0;
  }
  return hash.toString(16).padStart(8, "0");
}
