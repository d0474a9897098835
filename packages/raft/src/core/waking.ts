// waking.ts — when a node must act by itself, and what it means to have been late for that.
// It never acts; raft.ts does, on `wake`.
import { canCampaign } from "./election.ts";
import { later, type MonotonicMs, monotonicMs } from "./ids.ts";
import type { Step } from "./outbox.ts";
import { restartElectionTimer } from "./roles.ts";
import type { RaftState } from "./state.ts";

/** The earliest of all that this node waits for. */
export function nextWake(state: RaftState): MonotonicMs {
  const { contact, role, transfer } = state;
  const dueAt = [role.kind === "leader" ? role.heartbeatDueAt : state.electionDueAt];
  if (transfer !== undefined) dueAt.push(transfer.dueAt);
  if (contact?.closed !== undefined && canCampaign(state)) dueAt.push(contact.closed.preVoteDueAt);
  return monotonicMs(Math.min(...dueAt));
}

/**
 * Not having been awake is no sign that others are silent (J5). Who would campaign waits once more, as
 * what he missed may still be in his sockets; a leader gives everybody a fresh start. Reads don't
 * rest on this: a quorum answers for them (§6.4).
 */
export function forgiveLateness(state: RaftState, lateMs: number, step: Step): void {
  if (lateMs <= state.settings.electionTimeoutMinMs) return;
  if (state.role.kind === "leader") {
    state.role.silenceCountsFrom = step.now;
    return;
  }
  restartElectionTimer(state, step);
  if (state.contact === undefined) return;
  const heardAt = later(state.contact.heardAt, lateMs);
  state.contact = { ...state.contact, heardAt };
}
