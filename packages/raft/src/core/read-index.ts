// read-index.ts — linearizable reads without a log entry (§6.4): the leader notes its commit index, and
// reads at it once a quorum has answered a round of heartbeats that left *after* the reads arrived.
// Reads gather: one round carries all that wait. A round's number is never used twice (Q3). It never
// answers by the clock, and never before an entry of its own term is committed (Q1).
import type { ReadRound } from "./ids.ts";
import type { Input } from "./input.ts";
import type { Outbox } from "./outbox.ts";
import { agreedValue } from "./quorum.ts";
import type { Leader, RaftState } from "./state.ts";

export function onRead(
  state: RaftState,
  read: Extract<Input, { readonly kind: "read" }>,
  out: Outbox,
): void {
  const { ticket } = read;
  if (state.role.kind !== "leader") {
    return out.emit({ kind: "read-refused", ticket, reason: "not-leader" });
  }
  if (state.transfer !== undefined) {
    return out.emit({ kind: "read-refused", ticket, reason: "transferring" });
  }
  state.role.reads.gathered.push(ticket);
}

/** Whether a round should start for the reads that gathered. */
export function awaitsRound(state: RaftState, leader: Leader): boolean {
  const { gathered, rounds } = leader.reads;
  if (gathered.length === 0 || rounds.length >= state.settings.readRoundsMax) return false;
  return state.commitIndex >= leader.firstIndexOfTerm;
}

/** All that gathered travel with this round, which leaves now. */
export function joinRound(state: RaftState, leader: Leader, round: ReadRound): void {
  const { reads } = leader;
  reads.rounds.push({ round, index: state.commitIndex, tickets: reads.gathered });
  reads.gathered = [];
}

/** Answers to a round prove it and all before: they were sent after those had left. */
export function confirmReads(state: RaftState, leader: Leader, out: Outbox): void {
  const { reads } = leader;
  if (reads.rounds.length === 0) return;
  const answered = agreedValue(state.configurations.inForce, (voter) =>
    voter === state.nodeId ? leader.round : (leader.progress.get(voter)?.answeredRound ?? 0),
  );
  const open = reads.rounds.findIndex(({ round }) => round > answered);
  const confirmed = reads.rounds.splice(0, open === -1 ? reads.rounds.length : open);
  for (const { index, tickets } of confirmed) {
    for (const ticket of tickets) out.emit({ kind: "readable", ticket, index });
  }
}

/** A transfer began: another may lead, and write, before these could be answered (Q5). */
export function refuseReads(leader: Leader, out: Outbox): void {
  const { reads } = leader;
  const tickets = [...reads.rounds.flatMap((round) => round.tickets), ...reads.gathered];
  reads.rounds = [];
  reads.gathered = [];
  for (const ticket of tickets) out.emit({ kind: "read-refused", ticket, reason: "transferring" });
}
