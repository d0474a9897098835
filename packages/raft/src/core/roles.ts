// roles.ts — the only door to `role` and `hardState` (§3.3, §3.4): follower, pre-candidate, candidate, leader.
// Here a role is taken up and left; whether that is right was decided by the caller. A term, once seen,
// never goes down, and a vote, once given, stands for its term whatever role follows (E3).
import { assert } from "./assert.ts";
import { memberIds } from "./configuration.ts";
import type { RoleName } from "./effect.ts";
import { indexAfter, later, type NodeId, readRound, type Term, termAfter } from "./ids.ts";
import type { Outbox, Step } from "./outbox.ts";
import { newProgress, type Progress } from "./progress.ts";
import {
  drawElectionTimeoutMs,
  type Leader,
  leaderIdOf,
  type RaftState,
  type Role,
} from "./state.ts";

/** Figure 3.3, with the pre-candidate of §9.6. Leadership ends in following; it is won by campaigning. */
const rolesAfter = {
  follower: ["follower", "pre-candidate", "candidate"],
  "pre-candidate": ["follower", "pre-candidate", "candidate"],
  candidate: ["follower", "pre-candidate", "leader"],
  leader: ["follower"],
} as const satisfies Record<RoleName, readonly RoleName[]>;

export function isLegalMove(move: { readonly from: RoleName; readonly to: RoleName }): boolean {
  const legal: readonly RoleName[] = rolesAfter[move.from];
  return legal.includes(move.to);
}

export interface Following {
  readonly term: Term;
  readonly leaderId: NodeId | undefined;
  readonly cause: string;
}

/** In the same term: a leader or candidate gives in. In a later one: a new start for all. */
export function becomeFollower(state: RaftState, following: Following, step: Step): void {
  const { term, leaderId, cause } = following;
  const wasFollower = state.role.kind === "follower";
  const hasNews = !wasFollower || term !== state.hardState.term || leaderId !== leaderIdOf(state);
  if (term !== state.hardState.term) enterTerm(state, { term, votedFor: undefined }, step.out);
  if (leaderId !== undefined) recognise(state, leaderId);
  if (!hasNews) return;
  leaveRole(state, step.out);
  // A follower's wait goes on: a refused candidate must not hold up better ones (E20).
  if (!wasFollower) restartElectionTimer(state, step);
  takeRole(state, { role: { kind: "follower", leaderId }, cause }, step.out);
}

/** §9.6: the term stays as it is, and so do all promises. */
export function becomePreCandidate(state: RaftState, cause: string, step: Step): void {
  restartElectionTimer(state, step);
  takeRole(state, { role: { kind: "pre-candidate", granted: new Set() }, cause }, step.out);
}

/** §3.4: a new term, and a vote for itself in it, which counts once it is on disk. */
export function becomeCandidate(state: RaftState, cause: string, step: Step): void {
  enterTerm(state, { term: termAfter(state.hardState.term), votedFor: state.nodeId }, step.out);
  restartElectionTimer(state, step);
  takeRole(state, { role: { kind: "candidate", granted: new Set() }, cause }, step.out);
}

/** §3.4: its log is the one that counts from now on; it never changes an entry of it (§3.6). */
export function becomeLeader(state: RaftState, step: Step): Leader {
  assert(state.hardState.votedFor === state.nodeId, "a leader voted for itself");
  assert(state.durability.lastIndex === state.log.lastIndex, "what was elected is on disk");
  recognise(state, state.nodeId);
  const progress = new Map<NodeId, Progress>();
  for (const id of memberIds(state.configurations.inForce)) {
    if (id !== state.nodeId) progress.set(id, newProgress(state.log.lastIndex));
  }
  const role: Leader = {
    kind: "leader",
    progress,
    firstIndexOfTerm: indexAfter(state.log.lastIndex),
    heartbeatDueAt: step.now,
    round: readRound(0),
    reads: { gathered: [], rounds: [] },
    change: undefined,
    silenceCountsFrom: step.now,
  };
  takeRole(state, { role, cause: "elected" }, step.out);
  return role;
}

/** §3.4: one vote a term, first come, first served. On disk before it is told (§3.8). */
export function castVote(state: RaftState, candidateId: NodeId, out: Outbox): void {
  const { term, votedFor } = state.hardState;
  assert(votedFor === undefined || votedFor === candidateId, "one vote a term (§3.4)");
  if (votedFor === candidateId) return;
  state.hardState = { term, votedFor: candidateId };
  out.persistHardState(state.hardState);
}

/** For the first entry of a cluster: as if this node had been elected in term 1, by decree. */
export function foundFirstTerm(state: RaftState, out: Outbox): void {
  assert(state.hardState.term === 0, "a cluster is founded once");
  enterTerm(state, { term: termAfter(state.hardState.term), votedFor: state.nodeId }, out);
}

export function restartElectionTimer(state: RaftState, step: Step): void {
  state.electionDueAt = later(step.now, drawElectionTimeoutMs(state));
}

/** Election Safety (§3.6): at most one leader in a term. Two would mean that votes were lost (E11). */
function recognise(state: RaftState, leaderId: NodeId): void {
  assert(
    state.leaderOfTerm === undefined || state.leaderOfTerm === leaderId,
    "a term has one leader (§3.6)",
  );
  state.leaderOfTerm = leaderId;
}

function enterTerm(state: RaftState, hardState: RaftState["hardState"], out: Outbox): void {
  assert(hardState.term > state.hardState.term, "the term never decreases");
  state.hardState = hardState;
  state.leaderOfTerm = undefined;
  state.contact = undefined;
  out.persistHardState(hardState);
}

/** Who waits on a leader is told that it leads no more (Q10). */
function leaveRole(state: RaftState, out: Outbox): void {
  if (state.role.kind !== "leader") return;
  const { gathered, rounds } = state.role.reads;
  const tickets = [...rounds.flatMap((round) => round.tickets), ...gathered];
  for (const ticket of tickets) out.emit({ kind: "read-refused", ticket, reason: "not-leader" });
  const { change } = state.role;
  if (change !== undefined) out.emit({ kind: "membership-unknown", ticket: change.ticket });
}

function takeRole(
  state: RaftState,
  next: { readonly role: Role; readonly cause: string },
  out: Outbox,
): void {
  assert(
    isLegalMove({ from: state.role.kind, to: next.role.kind }),
    `a ${state.role.kind} does not become a ${next.role.kind}`,
  );
  const isSame = next.role.kind === "pre-candidate" && state.role.kind === "pre-candidate";
  state.role = next.role;
  if (isSame) return;
  const { term } = state.hardState;
  const leaderId = leaderIdOf(state);
  out.emit({ kind: "role-changed", role: next.role.kind, term, leaderId, cause: next.cause });
}
