// snapshot-sending.ts — gives the core the chunks of a snapshot that it sends to a follower (§5).
// A persister reads in one direction, so each peer has one open reading, and the next chunk is where
// it stands; only a step back starts over. Each chunk is checked before it leaves: one that rotted here would
// be refused there, for ever. It never decides whom to send what, nor what is kept.
import { InvariantViolation } from "../core/assert.ts";
import type { NodeId } from "../core/ids.ts";
import type { Input } from "../core/input.ts";
import type { SnapshotMeta } from "../core/message.ts";
import type { Persister } from "../storage/persister.ts";
import { snapshotName } from "../storage/snapshot/snapshot-set.ts";
import { SnapshotChecker } from "../storage/snapshot/snapshot-stream.ts";
import { DamagedDataError } from "../storage/storage.ts";
import { reason } from "./failures.ts";
import type { Note } from "./observer.ts";

export interface ChunkRequest {
  readonly to: NodeId;
  readonly snapshot: SnapshotMeta;
  readonly chunk: number;
}

type ChunkAnswer = Extract<Input, { readonly kind: "chunk-loaded" | "chunk-unavailable" }>;

export interface SnapshotSendingParts {
  readonly persister: Pick<Persister, "load">;
  readonly answer: (input: ChunkAnswer) => void;
  /** A bug: the node must end. */
  readonly failed: (cause: unknown) => void;
  readonly note: (fact: Note) => void;
}

/** One reading of one snapshot, always one chunk ahead, so that the last one is known as the last. */
interface Reading {
  readonly snapshot: SnapshotMeta;
  readonly chunks: AsyncIterator<Uint8Array>;
  readonly checker: SnapshotChecker;
  /** The chunk that `ahead` holds. */
  at: number;
  /** Before the first look there is none. */
  ahead: IteratorResult<Uint8Array> | undefined;
}

interface Peer {
  reading: Reading | undefined;
  /** The newest request only: the core asks again when it gives up on an older one. */
  wanted: ChunkRequest | undefined;
  snapshot: SnapshotMeta;
  serving: Promise<void> | undefined;
}

export class SnapshotSending {
  readonly #parts: SnapshotSendingParts;
  readonly #peers = new Map<NodeId, Peer>();
  #ended = false;

  constructor(parts: SnapshotSendingParts) {
    this.#parts = parts;
  }

  load(request: ChunkRequest): void {
    const peer = this.#peers.get(request.to) ?? {
      reading: undefined,
      wanted: undefined,
      snapshot: request.snapshot,
      serving: undefined,
    };
    this.#peers.set(request.to, peer);
    peer.wanted = request;
    peer.snapshot = request.snapshot;
    peer.serving ??= this.#serve(request.to, peer);
  }

  /** Lets go of readings of what is not on its way to anybody any more. */
  keepOnly(sending: readonly SnapshotMeta[]): void {
    for (const [id, peer] of this.#peers) {
      if (sending.some((snapshot) => isSame(snapshot, peer.snapshot))) continue;
      this.#peers.delete(id);
      peer.wanted = undefined;
      if (peer.serving === undefined) void close(peer);
    }
  }

  async end(): Promise<void> {
    this.#ended = true;
    const peers = [...this.#peers.values()];
    for (const peer of peers) peer.wanted = undefined;
    await Promise.all(peers.map(closeAfterServing));
  }

  async #serve(id: NodeId, peer: Peer): Promise<void> {
    while (peer.wanted !== undefined) {
      const request = peer.wanted;
      peer.wanted = undefined;
      const answer = await this.#answer(peer, request);
      if (!this.#ended && this.#peers.get(id) === peer) this.#parts.answer(answer);
    }
    peer.serving = undefined;
    if (this.#peers.get(id) !== peer) await close(peer);
  }

  async #answer(peer: Peer, request: ChunkRequest): Promise<ChunkAnswer> {
    const { to, snapshot, chunk } = request;
    try {
      const reading = await this.#readingAt(peer, request);
      const bytes = await takeAhead(reading);
      const isLast = reading.ahead?.done === true;
      return { kind: "chunk-loaded", to, snapshot, chunk, bytes, isLast };
    } catch (cause) {
      await close(peer);
      if (cause instanceof InvariantViolation) this.#parts.failed(cause);
      this.#parts.note({
        message: "snapshot chunk not loaded",
        fields: { peer: to, index: snapshot.index, chunk, reason: reason(cause) },
      });
      return { kind: "chunk-unavailable", to, snapshot };
    }
  }

  async #readingAt(peer: Peer, request: ChunkRequest): Promise<Reading> {
    const open = peer.reading;
    const goesOn =
      open !== undefined && isSame(open.snapshot, request.snapshot) && open.at <= request.chunk;
    const reading = goesOn ? open : await this.#startOver(peer, request.snapshot);
    while (reading.at < request.chunk && reading.ahead?.done !== true) await advance(reading);
    return reading;
  }

  async #startOver(peer: Peer, snapshot: SnapshotMeta): Promise<Reading> {
    await close(peer);
    const chunks = this.#parts.persister.load(snapshotName(snapshot))[Symbol.asyncIterator]();
    const checker = new SnapshotChecker();
    const reading: Reading = { snapshot, chunks, checker, at: -1, ahead: undefined };
    peer.reading = reading;
    await advance(reading);
    return reading;
  }
}

function isSame(one: SnapshotMeta, other: SnapshotMeta): boolean {
  return one.index === other.index && one.term === other.term && one.hash === other.hash;
}

async function takeAhead(reading: Reading): Promise<Uint8Array> {
  const { ahead } = reading;
  if (ahead === undefined || ahead.done === true)
    throw new Error(`there is no chunk ${reading.at}`);
  await advance(reading);
  return ahead.value;
}

async function advance(reading: Reading): Promise<void> {
  const { checker, chunks, snapshot } = reading;
  const next = await chunks.next();
  if (next.done !== true) checker.add(next.value);
  else if (!checker.isWhole) throw new DamagedDataError("The snapshot ends before its footer.");
  if (checker.meta === undefined || !isSame(checker.meta, snapshot)) {
    throw new DamagedDataError("The snapshot is of another state than its name says.");
  }
  reading.ahead = next;
  reading.at += 1;
}

async function closeAfterServing(peer: Peer): Promise<void> {
  await peer.serving;
  await close(peer);
}

/** Closes the reading: the persister may hold a file open for it. */
async function close(peer: Peer): Promise<void> {
  const reading = peer.reading;
  peer.reading = undefined;
  try {
    await reading?.chunks.return?.();
  } catch {
    // It was given up anyway; nothing is lost by a reading that does not end well.
  }
}
