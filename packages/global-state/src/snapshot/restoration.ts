// restoration.ts — chunks back to a state. Trusts nothing: every length, name, order, place and count
// is checked, and at the end the root over everything. The state that is being replaced stays as it
// is until the last check has passed.
import {
  adoptAnswerPage,
  adoptEnding,
  adoptExecutionKey,
  adoptFinishedJob,
  adoptLimitRules,
  adoptLines,
  adoptMark,
  adoptPartition,
  adoptPause,
  adoptQueueKey,
  adoptRequest,
  adoptRule,
  adoptRun,
  adoptSession,
  adoptWaiter,
} from "../adopt.ts";
import type { Limits } from "../limits.ts";
import { emptyState, type State, stateWith, type Tables } from "../state.ts";
import { digestBytes, type Image } from "../table/bucket.ts";
import { compareRows, type Row } from "../table/row.ts";
import type { Table } from "../table/table.ts";
import { type Header, readHeader, type TableSize } from "./content.ts";
import { DamagedSnapshotError } from "./damaged-snapshot.ts";
import { type Digest, DigestTree, toHex } from "./digest-tree.ts";
import { hashImage } from "./epoch.ts";
import { FrameAssembler } from "./frame-assembler.ts";
import { Reader } from "./reader.ts";

export interface Restored {
  readonly state: State;
  readonly root: string;
}

interface Progress {
  readonly state: State;
  readonly header: Header;
  readonly headerBytes: Uint8Array;
  readonly roots: Uint8Array[];
  tree: DigestTree;
  /** The next bucket of the table `roots.length`. */
  address: number;
  root: Uint8Array | undefined;
}

export class StateRestoration {
  readonly #limits: Limits;
  readonly #digest: Digest;
  readonly #frames: FrameAssembler = new FrameAssembler();
  #progress: Progress | undefined;

  constructor(parts: { readonly limits: Limits; readonly digest: Digest }) {
    this.#limits = parts.limits;
    this.#digest = parts.digest;
  }

  /** Takes in what is complete; throws DamagedSnapshotError. */
  add(chunk: Uint8Array): void {
    this.#frames.add(chunk);
    for (let frame = this.#frames.next(); frame !== undefined; frame = this.#frames.next()) {
      this.#take(frame);
    }
  }

  finish(): Restored {
    const progress = this.#progress;
    if (progress?.root === undefined || !this.#frames.isEmpty) {
      throw new DamagedSnapshotError("the snapshot ends too early");
    }
    for (const size of progress.header.tables) {
      if (progress.state[size.name].count !== size.rows) {
        throw new DamagedSnapshotError("a table has another number of rows than it says");
      }
    }
    adoptLines(progress.state);
    return { state: progress.state, root: toHex(progress.root) };
  }

  #take(frame: Uint8Array): void {
    const progress = this.#progress;
    if (progress === undefined) {
      this.#progress = startProgress(frame, { limits: this.#limits, digest: this.#digest });
      return;
    }
    const size = progress.header.tables[progress.roots.length];
    if (size === undefined) this.#takeRoot(progress, frame);
    else this.#takeBucket(progress, { size, frame });
  }

  #takeBucket(
    progress: Progress,
    taken: { readonly size: TableSize; readonly frame: Uint8Array },
  ): void {
    const { size, frame } = taken;
    const image = imageFrom(frame);
    hashImage(image, this.#digest);
    fillBucket(progress.state, { name: size.name, address: progress.address, image });
    progress.tree.add(image.bytes.subarray(0, digestBytes));
    progress.address += 1;
    if (progress.address < size.buckets) return;
    progress.roots.push(progress.tree.root());
    progress.tree = new DigestTree(this.#digest);
    progress.address = 0;
  }

  #takeRoot(progress: Progress, frame: Uint8Array): void {
    if (progress.root !== undefined) throw new DamagedSnapshotError("the snapshot is too long");
    const root = this.#digest(joined([progress.headerBytes, ...progress.roots]));
    if (toHex(root) !== toHex(frame)) {
      throw new DamagedSnapshotError("the content is not what its root says");
    }
    progress.root = root;
  }
}

function startProgress(
  headerBytes: Uint8Array,
  parts: { readonly limits: Limits; readonly digest: Digest },
): Progress {
  const { limits, digest } = parts;
  const header = readHeader(headerBytes, emptyState(limits));
  const sizes = new Map(header.tables.map((table) => [table.name, table.buckets]));
  const bucketCounts = (name: keyof Tables): number => sizes.get(name) ?? 1;
  const { positions, import: record } = header;
  const state = stateWith({ limits, positions, import: record, bucketCounts });
  const tree = new DigestTree(digest);
  return { state, header, headerBytes, roots: [], tree, address: 0, root: undefined };
}

function imageFrom(frame: Uint8Array): Image {
  const bytes = new Uint8Array(digestBytes + frame.length);
  bytes.set(frame, digestBytes);
  return { bytes, rows: new Reader(frame).count(), isHashed: false };
}

interface Filling {
  readonly address: number;
  readonly image: Image;
}

function fillBucket(state: State, filling: Filling & { readonly name: keyof Tables }): void {
  switch (filling.name) {
    case "partitions":
      return fill(state, { table: state.partitions, adopt: adoptPartition, ...filling });
    case "sessions":
      return fill(state, { table: state.sessions, adopt: adoptSession, ...filling });
    case "answerPages":
      return fill(state, { table: state.answerPages, adopt: adoptAnswerPage, ...filling });
    case "requests":
      return fill(state, { table: state.requests, adopt: adoptRequest, ...filling });
    case "cancelMarks":
      return fill(state, { table: state.cancelMarks, adopt: adoptMark, ...filling });
    case "queueKeys":
      return fill(state, { table: state.queueKeys, adopt: adoptQueueKey, ...filling });
    case "executionKeys":
      return fill(state, { table: state.executionKeys, adopt: adoptExecutionKey, ...filling });
    case "pauses":
      return fill(state, { table: state.pauses, adopt: adoptPause, ...filling });
    case "cancelRules":
      return fill(state, { table: state.cancelRules, adopt: adoptRule, ...filling });
    case "limitRules":
      return fill(state, { table: state.limitRules, adopt: adoptLimitRules, ...filling });
    case "waiters":
      return fill(state, { table: state.waiters, adopt: adoptWaiter, ...filling });
    case "waitEndings":
      return fill(state, { table: state.waitEndings, adopt: adoptEnding, ...filling });
    case "runs":
      return fill(state, { table: state.runs, adopt: adoptRun, ...filling });
    case "finishedJobs":
      return fill(state, { table: state.finishedJobs, adopt: adoptFinishedJob, ...filling });
  }
}

function fill<Kind extends Row>(
  state: State,
  filling: Filling & {
    readonly table: Table<Kind>;
    readonly adopt: (state: State, row: Kind) => void;
  },
): void {
  const { table, address, image } = filling;
  const rows = readRows(table, image);
  for (const [at, row] of rows.entries()) {
    const before = rows[at - 1];
    if (before !== undefined && compareRows(before, row) >= 0) {
      throw new DamagedSnapshotError("the rows of a bucket are in order, each once");
    }
    if (table.addressOf(row.hash) !== address) {
      throw new DamagedSnapshotError("a row lies in another bucket than its name says");
    }
  }
  table.fill(address, { rows, image });
  for (const row of rows) filling.adopt(state, row);
}

function readRows<Kind extends Row>(table: Table<Kind>, image: Image): readonly Kind[] {
  const reader = new Reader(image.bytes.subarray(digestBytes));
  const rows: Kind[] = [];
  for (let left = reader.count(); left > 0; left--) rows.push(table.spec.codec.read(reader));
  if (!reader.isAtEnd) throw new DamagedSnapshotError("a bucket is longer than its rows");
  return rows;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
