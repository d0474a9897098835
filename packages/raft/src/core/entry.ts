// entry.ts — one position of the replicated log (§3.5).
// `payload` is opaque here and encoded once, by the proposer; WAL and peers share the same bytes.
import type { Configuration } from "./configuration.ts";
import type { LogIndex, Term } from "./ids.ts";

export interface Position {
  readonly index: LogIndex;
  readonly term: Term;
}

export type Entry = Position &
  (
    | { readonly kind: "noop" } // a leader's first, so that its term can commit (§6.4)
    | { readonly kind: "command"; readonly payload: Uint8Array }
    | { readonly kind: "configuration"; readonly configuration: Configuration }
  );

/** What of an entry counts against windows and bounds of bytes: payload plus a fixed overhead. */
export function entryBytes(entry: Entry): number {
  const overheadBytes = 64;
  if (entry.kind === "command") return entry.payload.byteLength + overheadBytes;
  if (entry.kind === "noop") return overheadBytes;
  return overheadBytes + 256 * entry.configuration.members.length;
}
