// election.ts — who may lead (§3.4, §3.6.1), asked twice: first without consequence (pre-vote, §9.6), then
// in earnest. Nobody is helped against a leader that lives (stickiness, §4.2.3).
// Sets of voters are counted, never votes (E6); our own vote counts once it is on disk (R10).
import { isVoter } from "./configuration.ts";
import type { Position } from "./entry.ts";
import { later, type MonotonicMs, type NodeId, termAfter } from "./ids.ts";
import type { Input } from "./input.ts";
import type { PreVoteReply, RequestPreVote, RequestVote, VoteGranted } from "./message.ts";
import type { Step } from "./outbox.ts";
import { hasQuorum } from "./quorum.ts";
import {
  becomeCandidate,
  becomeFollower,
  becomePreCandidate,
  castVote,
  restartElectionTimer,
} from "./roles.ts";
import type { RaftState } from "./state.ts";

/** What a vote or its absence leads to; raft.ts acts on it. */
export type Standing = "open" | "won";

/**
 * Voters campaign, learners and strangers don't. A node that the latest appended configuration leaves
 * out goes on, without counting itself, until it knows that entry committed: nobody else may be
 * able to win (§4.2.2). After a restart it may know very little of what is committed, so any
 * configuration that may still be the committed one will do. Who can't write, or knows its state to be
 * wrong, leaves it to others.
 */
export function canCampaign(state: RaftState): boolean {
  if (state.isDiskStalled || state.isDiverged) return false;
  const { commitIndex, configurations, nodeId } = state;
  return configurations.since(commitIndex).some((configuration) => isVoter(configuration, nodeId));
}

/** The election timer ran out (§3.4). Who may not campaign at least knows no leader any more. */
export function onElectionDue(state: RaftState, step: Step): Standing {
  if (canCampaign(state)) return startPreVote(state, "election timeout", step);
  const { term } = state.hardState;
  restartElectionTimer(state, step);
  becomeFollower(state, { term, leaderId: undefined, cause: "election timeout" }, step);
  return "open";
}

/** "Would you vote for me?" (§9.6): no new term before a quorum would. */
export function startPreVote(state: RaftState, cause: string, step: Step): Standing {
  becomePreCandidate(state, cause, step);
  const term = termAfter(state.hardState.term);
  for (const to of otherVoters(state)) {
    step.out.send({ kind: "request-pre-vote", from: state.nodeId, to, term, ...last(state) });
  }
  return countGrant(state, state.nodeId);
}

/** The election itself (§3.4). The requests leave once our own term and vote are on disk (§3.8). */
export function startElection(state: RaftState, cause: RequestVote["cause"], step: Step): void {
  becomeCandidate(state, cause === "transfer" ? "transfer" : "pre-votes of a quorum", step);
  const { term } = state.hardState;
  for (const to of otherVoters(state)) {
    const request = { from: state.nodeId, to, term, ...last(state), cause };
    step.out.sendOncePersisted({ kind: "request-vote", ...request });
  }
}

/** A vote of this round; of anybody else, or in any other role, it counts for nothing (E8, E9). */
export function countGrant(state: RaftState, from: NodeId): Standing {
  const { role } = state;
  if (role.kind !== "pre-candidate" && role.kind !== "candidate") return "open";
  role.granted.add(from);
  return hasQuorum(state.configurations.inForce, role.granted) ? "won" : "open";
}

/** Something reached our disk: our own vote may be among it. */
export function countOwnVote(state: RaftState): Standing {
  const { durability, hardState, nodeId, role } = state;
  if (role.kind !== "candidate" || durability.hardState.term !== hardState.term) return "open";
  return countGrant(state, nodeId);
}

export function onPreVoteReply(state: RaftState, message: PreVoteReply): Standing {
  if (state.role.kind !== "pre-candidate" || !message.isGranted) return "open";
  if (message.term !== termAfter(state.hardState.term)) return "open";
  return countGrant(state, message.from);
}

export function onVoteGranted(state: RaftState, message: VoteGranted): Standing {
  return state.role.kind === "candidate" ? countGrant(state, message.from) : "open";
}

/** Answers as it would to the request itself, and changes nothing: no term, no vote, no timer. */
export function onRequestPreVote(state: RaftState, message: RequestPreVote, step: Step): void {
  const isGranted =
    !state.isDiskStalled && // its vote would not come
    !isSticky(state, step.now) &&
    !wasRemoved(state, message.from) &&
    wouldVote(state, message);
  const reply = { kind: "pre-vote-reply", from: state.nodeId, to: message.from } as const;
  const term = isGranted ? message.term : state.hardState.term;
  step.out.send({ ...reply, term, isGranted });
}

/**
 * One vote a term, for a log at least as up to date as ours (§3.6.1). Everybody votes, learners and
 * strangers too: the candidate's configuration may be newer than ours (E10). The same candidate gets
 * the same answer again, if its log still deserves it (E2, E21).
 */
export function onRequestVote(state: RaftState, message: RequestVote, step: Step): void {
  const isForced = message.cause === "transfer";
  if (wasRemoved(state, message.from)) return;
  if (message.term > state.hardState.term) {
    if (isSticky(state, step.now) && !isForced) return;
    const cause = `asked for a vote in term ${message.term}`;
    becomeFollower(state, { term: message.term, leaderId: undefined, cause }, step);
  }
  const { term } = state.hardState;
  const answer = { from: state.nodeId, to: message.from, term };
  if (!wouldVote(state, message)) return step.out.send({ kind: "vote-refused", ...answer });
  castVote(state, message.from, step.out);
  becomeFollower(state, { term, leaderId: undefined, cause: "voted for another" }, step);
  restartElectionTimer(state, step);
  step.out.sendOncePersisted({ kind: "vote-granted", ...answer });
}

/** Whether a request for `term` would get this node's vote (§3.4, §3.6.1). */
function wouldVote(state: RaftState, request: RequestPreVote | RequestVote): boolean {
  const { hardState, leaderOfTerm, log } = state;
  const { votedFor } = hardState;
  if (request.term < hardState.term) return false;
  const isFree =
    request.term > hardState.term ||
    (leaderOfTerm === undefined && (votedFor === undefined || votedFor === request.from));
  return isFree && log.isAtMostAsUpToDateAs({ index: request.lastIndex, term: request.lastTerm });
}

/**
 * A leader heard inside the minimum election timeout is still trusted, so that a node that only it can't
 * reach does no harm (§4.2.3). Not after its last connection closed: then it has died, or we are
 * the ones who lost it, and others, who still hear it, refuse (DESIGN §4). A leader trusts itself until
 * check-quorum ends it.
 */
export function isSticky(state: RaftState, now: MonotonicMs): boolean {
  if (state.role.kind === "leader") return true;
  const { contact, settings } = state;
  if (contact === undefined || contact.closed !== undefined) return false;
  return now - contact.heardAt < settings.electionTimeoutMinMs;
}

/** Ids never come back: who was removed for good is not elected by those who know it. */
function wasRemoved(state: RaftState, candidateId: NodeId): boolean {
  return state.configurations.asOf(state.commitIndex).removed.includes(candidateId);
}

/** The leader of this term spoke: campaigning can wait (§3.4), and its connection is alive again. */
export function heardLeader(
  state: RaftState,
  heard: Extract<Input, { readonly kind: "message" }>,
  step: Step,
): void {
  const { from: leaderId, term } = heard.message;
  becomeFollower(state, { term, leaderId, cause: "heard the leader" }, step);
  restartElectionTimer(state, step);
  const { incarnation } = heard;
  state.contact = { leaderId, incarnation, heardAt: step.now, closed: undefined };
}

/** The last connection to that run of a peer closed: if it led, we may have to find another soon. */
export function onDisconnected(
  state: RaftState,
  peer: Extract<Input, { readonly kind: "disconnected" }>,
  step: Step,
): void {
  const { contact } = state;
  if (contact?.leaderId !== peer.peer || contact.incarnation !== peer.incarnation) return;
  state.contact = { ...contact, closed: { preVoteDueAt: drawClosedPreVote(state, step) } };
}

/** As long as it stays closed and silent, a refused pre-vote is followed by another (DESIGN §4). */
export function onClosedPreVoteDue(state: RaftState, step: Step): Standing {
  const { contact } = state;
  if (contact?.closed === undefined) return "open";
  state.contact = { ...contact, closed: { preVoteDueAt: drawClosedPreVote(state, step) } };
  if (!canCampaign(state)) return "open";
  return startPreVote(state, "the connection to the leader closed", step);
}

function drawClosedPreVote(state: RaftState, step: Step): MonotonicMs {
  const { closedPreVoteMinMs, closedPreVoteMaxMs } = state.settings;
  const waitMs = state.prng.between({ from: closedPreVoteMinMs, to: closedPreVoteMaxMs });
  return later(step.now, waitMs);
}

function last(state: RaftState): { lastIndex: Position["index"]; lastTerm: Position["term"] } {
  return { lastIndex: state.log.lastIndex, lastTerm: state.log.lastTerm };
}

function otherVoters(state: RaftState): readonly NodeId[] {
  const { voters, votersOutgoing } = state.configurations.inForce;
  return [...new Set([...voters, ...votersOutgoing])].filter((id) => id !== state.nodeId);
}
