// list-machine.ts — a state machine for tests of the driver: the list of all payloads, as text. Its
// answers are the list's length. Its snapshot is one piece for each item, so that it has many chunks.
import type { LogIndex, Term } from "../src/core/ids.ts";
import type { Committed, SnapshotContent, StateMachine } from "../src/node/state-machine.ts";

const toText = new TextDecoder();
const toBytes = new TextEncoder();

export class ListMachine implements StateMachine<number> {
  items: string[] = [];
  /** Index and term of everything applied since the start, in order; restores are not in it. */
  readonly applied: { readonly index: LogIndex; readonly term: Term }[] = [];
  /** How many entries came at once. */
  readonly slices: number[] = [];
  restores = 0;
  isRestoring = false;
  /** A restore waits for this, so that a test decides how long it takes. */
  restoreGate: Promise<void> = Promise.resolve();

  apply(entries: readonly Committed[]): readonly (number | undefined)[] {
    if (this.isRestoring) throw new Error("applied while a restore is under way");
    this.slices.push(entries.length);
    return entries.map((entry) => {
      this.applied.push({ index: entry.index, term: entry.term });
      if (entry.payload === undefined) return undefined;
      this.items.push(toText.decode(entry.payload));
      return this.items.length;
    });
  }

  takeSnapshot(): Promise<SnapshotContent | undefined> {
    const items = [...this.items];
    const [hash, chunks] = [hashOf(items), piecesOf(items)];
    return Promise.resolve({ hash, chunks, release: () => undefined });
  }

  async restore(snapshot: {
    readonly at: { readonly index: LogIndex; readonly term: Term };
    readonly chunks: AsyncIterable<Uint8Array>;
  }): Promise<void> {
    this.isRestoring = true;
    const items: string[] = [];
    for await (const piece of snapshot.chunks) items.push(toText.decode(piece));
    await this.restoreGate;
    this.items = items;
    this.restores += 1;
    this.isRestoring = false;
  }
}

export function payload(text: string): Uint8Array {
  return toBytes.encode(text);
}

async function* piecesOf(items: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const item of items) yield toBytes.encode(item);
}

/** FNV-1a over the items: the same on every node with the same list. */
function hashOf(items: readonly string[]): string {
  let hash = 0x811c9dc5;
  for (const byte of toBytes.encode(JSON.stringify(items))) {
    hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  }
  return hash.toString(16).padStart(8, "0");
}
