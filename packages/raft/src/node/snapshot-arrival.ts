// snapshot-arrival.ts — keeps the chunks of a snapshot that the leader sends (§5), checking each
// before it is written. One at a time; chunk 0 gives up whatever was unfinished (S7). A chunk is
// answered once the persister has taken it, the last one once all of it is durable.
import { InvariantViolation } from "../core/assert.ts";
import type { Input } from "../core/input.ts";
import type { SnapshotMeta } from "../core/message.ts";
import type { Persister, SnapshotName } from "../storage/persister.ts";
import { snapshotName } from "../storage/snapshot/snapshot-set.ts";
import { SnapshotChecker } from "../storage/snapshot/snapshot-stream.ts";
import { DamagedDataError } from "../storage/storage.ts";
import { reason } from "./failures.ts";
import type { Note } from "./observer.ts";

export interface ArrivedChunk {
  readonly snapshot: SnapshotMeta;
  readonly chunk: number;
  readonly bytes: Uint8Array;
  readonly isLast: boolean;
}

type ChunkAnswer = Extract<Input, { readonly kind: "chunk-stored" | "chunk-refused" }>;

export interface SnapshotArrivalParts {
  readonly persister: Pick<Persister, "durable" | "store">;
  readonly clusterId: string;
  readonly answer: (input: ChunkAnswer) => void;
  /** A bug: the node must end. */
  readonly failed: (cause: unknown) => void;
  readonly note: (fact: Note) => void;
}

export class SnapshotArrival {
  readonly #parts: SnapshotArrivalParts;
  #current: Arriving | undefined;
  #newest: SnapshotMeta | undefined;
  /** Storing, also of one that was given up: two never write at the same time. */
  #storing: Promise<void> = Promise.resolve();
  #ended = false;

  constructor(parts: SnapshotArrivalParts) {
    this.#parts = parts;
  }

  store(arrived: ArrivedChunk): void {
    if (!this.#parts.persister.durable) {
      // It would take the place of a log that is durable.
      return this.#refuse(arrived, "the persister of this node keeps nothing across a restart");
    }
    if (arrived.chunk === 0) this.#start(arrived.snapshot);
    const current = this.#current;
    if (current === undefined || !current.takes(arrived)) {
      this.#refuse(arrived, "it does not follow the chunk before it");
      return;
    }
    try {
      current.check(arrived);
    } catch (cause) {
      this.#giveUp(reason(cause));
      this.#refuse(arrived, reason(cause));
      return;
    }
    void this.#feed(current, arrived);
  }

  /** True of the newest one that began to arrive, also when it is whole: it may not be marked yet. */
  isArriving(name: SnapshotName): boolean {
    return this.#newest?.index === name.index && this.#newest.hash === name.hash;
  }

  /** Gives up what is unfinished; resolves when nothing touches the persister any more. */
  async end(): Promise<void> {
    this.#ended = true;
    this.#giveUp("the node is stopping");
    await this.#storing;
  }

  #start(snapshot: SnapshotMeta): void {
    this.#giveUp("another snapshot began");
    const arriving = new Arriving(snapshot, this.#parts.clusterId);
    this.#current = arriving;
    this.#newest = snapshot;
    const before = this.#storing;
    arriving.stored = before.then(() =>
      this.#parts.persister.store(snapshotName(snapshot), arriving.chunks()),
    );
    this.#storing = arriving.stored.catch(() => undefined);
  }

  #giveUp(why: string): void {
    this.#current?.giveUp(new Error(why));
    this.#current = undefined;
  }

  async #feed(current: Arriving, arrived: ArrivedChunk): Promise<void> {
    const { snapshot, chunk } = arrived;
    try {
      await Promise.race([current.taken(arrived), current.failed()]);
      if (arrived.isLast) await current.stored;
      if (this.#current !== current || this.#ended) return;
      if (arrived.isLast) this.#current = undefined;
      this.#parts.answer({ kind: "chunk-stored", snapshot, chunk });
    } catch (cause) {
      if (cause instanceof InvariantViolation) return this.#parts.failed(cause);
      if (this.#current !== current) return;
      this.#giveUp(reason(cause));
      this.#refuse(arrived, reason(cause));
    }
  }

  #refuse(arrived: ArrivedChunk, why: string): void {
    if (this.#ended) return;
    const { snapshot, chunk } = arrived;
    this.#parts.note({
      message: "snapshot chunk refused",
      fields: { index: snapshot.index, chunk, reason: why },
    });
    this.#parts.answer({ kind: "chunk-refused", snapshot, chunk });
  }
}

/** One snapshot on its way in: the chunks the persister has not asked for yet, and their check. */
class Arriving {
  readonly #snapshot: SnapshotMeta;
  readonly #clusterId: string;
  readonly #checker = new SnapshotChecker();
  #next = 0;
  #waiting: { readonly arrived: ArrivedChunk; readonly taken: () => void }[] = [];
  #wakeReader: (() => void) | undefined;
  #givenUp: Error | undefined;
  stored: Promise<void> = Promise.resolve();

  constructor(snapshot: SnapshotMeta, clusterId: string) {
    this.#snapshot = snapshot;
    this.#clusterId = clusterId;
  }

  takes(arrived: ArrivedChunk): boolean {
    return (
      arrived.chunk === this.#next &&
      arrived.snapshot.index === this.#snapshot.index &&
      arrived.snapshot.term === this.#snapshot.term &&
      arrived.snapshot.hash === this.#snapshot.hash
    );
  }

  /** Throws where the chunk does not check out, or tells of another snapshot than its message. */
  check(arrived: ArrivedChunk): void {
    this.#checker.add(arrived.bytes);
    this.#next += 1;
    const { clusterId, meta } = this.#checker;
    if (meta?.index !== this.#snapshot.index || meta.hash !== this.#snapshot.hash) {
      throw new DamagedDataError("The chunk is of another snapshot than its message says.");
    }
    if (clusterId !== this.#clusterId) {
      throw new DamagedDataError("The snapshot is of another cluster.");
    }
    if (arrived.isLast !== this.#checker.isWhole) {
      throw new DamagedDataError("The snapshot does not end where its message says.");
    }
  }

  /** Resolves when the persister has taken the chunk and asks for more, or has all. */
  taken(arrived: ArrivedChunk): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push({ arrived, taken: resolve });
      this.#wakeReader?.();
    });
  }

  /** Rejects when storing has failed; never resolves before the last chunk. */
  async failed(): Promise<void> {
    await this.stored;
  }

  giveUp(cause: Error): void {
    this.#givenUp ??= cause;
    this.#wakeReader?.();
  }

  async *chunks(): AsyncGenerator<Uint8Array> {
    for (;;) {
      if (this.#givenUp !== undefined) throw this.#givenUp;
      const head = this.#waiting.shift();
      if (head === undefined) {
        await new Promise<void>((resolve) => {
          this.#wakeReader = resolve;
        });
        continue;
      }
      yield head.arrived.bytes;
      head.taken();
      if (head.arrived.isLast) return;
    }
  }
}
