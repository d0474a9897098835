// merged-log.ts — one log out of those of many nodes, each of which has a part of it: what they show at each index, and what
// is committed there as far as one of them knows. Judges that a leader makes one entry at an index (V3), and that one
// is committed there (V5).
import { isDeepStrictEqual } from "node:util";
import type { Entry } from "@rogerd/raft";
import type { Finding } from "../../simulation/violation.ts";

interface Shown {
  readonly entry: Entry;
  readonly by: string;
  committedBy: string | undefined;
}

export interface IndexRange {
  readonly from: number;
  readonly through: number;
}

export class MergedLog {
  /** By index; several of them have several terms. */
  readonly #shown = new Map<number, Shown[]>();
  readonly findings: Finding[] = [];
  /** The last index that somebody knows as committed. */
  committedThrough = 0;

  /** Committed or not. The bytes are the reader's. */
  show(by: string, entry: Entry): void {
    const here = this.#shown.get(entry.index);
    const known = here?.find((each) => each.entry.term === entry.term);
    if (known === undefined) {
      const kept: Shown = { entry: keptOf(entry), by, committedBy: undefined };
      if (here === undefined) this.#shown.set(entry.index, [kept]);
      else here.push(kept);
      return;
    }
    if (isSame(known.entry, entry)) return;
    this.findings.push({
      property: "two nodes have different entries of one index and term (V3)",
      facts: [inWords(known.by, known.entry), inWords(by, entry)],
    });
  }

  /** `by` knows that what it has shown there is committed. */
  commit(by: string, { index, term }: { readonly index: number; readonly term: number }): void {
    this.committedThrough = Math.max(this.committedThrough, index);
    const here = this.#shown.get(index) ?? [];
    const one = here.find(({ entry }) => entry.term === term);
    if (one === undefined || one.committedBy !== undefined) return;
    const other = here.find(({ committedBy }) => committedBy !== undefined);
    one.committedBy = by;
    if (other === undefined) return;
    this.findings.push({
      property: "two entries are committed at one index (V5)",
      facts: [inWords(other.committedBy ?? "", other.entry), inWords(by, one.entry)],
    });
  }

  /** What is committed, from the first index on, as far as nothing is missing and nothing is in doubt. */
  *committed(): Generator<Entry> {
    for (let index = 1; ; index += 1) {
      const [one, other] = this.#committedAt(index);
      if (one === undefined || other !== undefined) return;
      yield one.entry;
    }
  }

  /** Where nobody has what is committed. */
  holes(through: number): readonly IndexRange[] {
    const holes: { from: number; through: number }[] = [];
    for (let index = 1; index <= through; index += 1) {
      if (this.#committedAt(index).length > 0) continue;
      const last = holes.at(-1);
      if (last?.through === index - 1) last.through = index;
      else holes.push({ from: index, through: index });
    }
    return holes;
  }

  #committedAt(index: number): readonly Shown[] {
    return (this.#shown.get(index) ?? []).filter(({ committedBy }) => committedBy !== undefined);
  }
}

function keptOf(entry: Entry): Entry {
  return entry.kind === "command" ? { ...entry, payload: Uint8Array.from(entry.payload) } : entry;
}

function isSame(one: Entry, other: Entry): boolean {
  if (one.kind !== "command" || other.kind !== "command") return isDeepStrictEqual(one, other);
  return Buffer.compare(one.payload, other.payload) === 0;
}

function inWords(who: string, entry: Entry): string {
  const { index, kind, term } = entry;
  const says =
    entry.kind === "command"
      ? `${entry.payload.byteLength} bytes, ${Buffer.from(entry.payload).toString("base64").slice(0, 60)}`
      : JSON.stringify(entry);
  return `${who}  entry ${index} of term ${term}, ${kind}: ${says}`;
}
