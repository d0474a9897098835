// append-entries.ts — the follower's side of replication (§3.5) and of heartbeats.
// The message comes from the leader of this term; raft.ts has seen to that.
// It never removes an entry without a conflict (R2), never acknowledges more than the message proved
// (R3), and never lets an acknowledgement leave before its entries are on disk (§3.8).
import { assert } from "./assert.ts";
import type { Entry, Position } from "./entry.ts";
import { ForgottenLogError } from "./forgotten-log.ts";
import { type LogIndex, logIndex } from "./ids.ts";
import { appendEntries, commitThrough, truncateLog } from "./log-changes.ts";
import type { AppendEntries, Heartbeat } from "./message.ts";
import type { Outbox } from "./outbox.ts";
import type { RaftState } from "./state.ts";

/** The consistency check, then the entries; it accepts or says where to look instead (§3.5). */
export function onAppendEntries(state: RaftState, message: AppendEntries, out: Outbox): void {
  const verifiedIndex = logIndex(message.prevIndex + message.entries.length);
  const fresh = beyondBase(state, message);
  if (!state.log.matches(fresh.prev)) return reject(state, message, out);
  takeEntries(state, fresh.entries, out);
  // What follows the verified entries here may be no part of the leader's log (R4).
  commitThrough(state, lower(message.commitIndex, verifiedIndex), out);
  out.sendOncePersisted({
    kind: "append-accepted",
    from: state.nodeId,
    to: message.from,
    term: state.hardState.term,
    matchIndex: verifiedIndex,
  });
}

/**
 * Promises nothing and waits for no disk. The leader tells no commit beyond what it knows we hold: where
 * it does, our disk has lost what we had acknowledged in its term.
 */
export function onHeartbeat(state: RaftState, message: Heartbeat, out: Outbox): void {
  const { commitIndex: acknowledged, term } = message;
  const { lastIndex } = state.log;
  if (acknowledged > lastIndex) throw new ForgottenLogError({ term, acknowledged, lastIndex });
  commitThrough(state, message.commitIndex, out);
  out.send({
    kind: "heartbeat-reply",
    from: state.nodeId,
    to: message.from,
    term: state.hardState.term,
    round: message.round,
    wantsSnapshot: state.isDiverged,
  });
}

/**
 * An old message may begin before what is left of the log. That part is committed, hence the same
 * here and there (§3.6): it is skipped, never appended again (R12).
 */
function beyondBase(
  state: RaftState,
  message: AppendEntries,
): { readonly prev: Position; readonly entries: readonly Entry[] } {
  const { base } = state.log;
  const { entries, prevIndex, prevTerm } = message;
  if (prevIndex >= base.index) return { prev: { index: prevIndex, term: prevTerm }, entries };
  const skipped = base.index - prevIndex;
  const atBase = entries[skipped - 1];
  assert(
    atBase === undefined || atBase.term === base.term,
    "a committed entry is the same everywhere (§3.6)",
  );
  return { prev: base, entries: entries.slice(skipped) };
}

/** If an existing entry conflicts with a new one, it and all that follow it go; else they stay (R2). */
function takeEntries(state: RaftState, entries: readonly Entry[], out: Outbox): void {
  const present = state.log.countMatching(entries);
  const firstNew = entries[present];
  if (firstNew === undefined) return;
  if (firstNew.index <= state.log.lastIndex) truncateLog(state, firstNew.index, out);
  appendEntries(state, present === 0 ? entries : entries.slice(present), out);
}

/** The hint skips all of a term at once: nothing here with a later term than the asked can match. */
function reject(state: RaftState, message: AppendEntries, out: Outbox): void {
  const { log } = state;
  const asked = { index: message.prevIndex, term: message.prevTerm };
  const hint = log.lastPositionAtMost(asked) ?? log.base;
  out.send({
    kind: "append-rejected",
    from: state.nodeId,
    to: message.from,
    term: state.hardState.term,
    rejectedIndex: message.prevIndex,
    hintIndex: hint.index,
    hintTerm: hint.term,
  });
}

function lower(one: LogIndex, other: LogIndex): LogIndex {
  return one < other ? one : other;
}
