// state-fold.ts — a committed log applied once more by nobody's node, an entry after the other: the state that it makes. What is
// compared with it is for those who fold: the simulator's log-fold.ts, the fault tests' committed-log.ts.
import { hash } from "node:crypto";
import { decodeEntry } from "@rogerd/daemon";
import {
  GlobalState,
  type LogEntry,
  logTimeMs,
  revision,
  type StateEvent,
} from "@rogerd/global-state";
import type { Entry } from "@rogerd/raft";

export function emptyState(): GlobalState {
  return new GlobalState({ digest: (bytes) => hash("sha256", bytes, "buffer") });
}

/** What comes next in this state. */
export function logEntryOf(entry: Entry, { logTime }: GlobalState): LogEntry {
  const place = { revision: revision(entry.index), term: entry.term };
  if (entry.kind === "command") return { ...place, ...decodeEntry(entry.payload) };
  return { ...place, logTime: logTimeMs(logTime), wallMs: 0, submissions: [] };
}

export function hashOf(state: GlobalState): string | undefined {
  const epoch = state.beginEpoch("hash");
  while (epoch?.encodeSlice(Number.MAX_SAFE_INTEGER) === "more") continue;
  const hash = epoch?.root();
  epoch?.close();
  return hash;
}

/** Whose watches are told of it; undefined: only those of the whole group. */
export function partitionOf({
  name,
  partition,
  type,
}: Pick<StateEvent, "name" | "partition" | "type">): string | undefined {
  // Its own comings and goings are of the whole group.
  return type.startsWith("partition.") ? name : (partition ?? undefined);
}
