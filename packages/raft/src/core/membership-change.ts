// membership-change.ts — who joins and who leaves, one change at a time (§4). Every change of voters
// goes through joint consensus (§4.3): the joint configuration is in force from the moment it is
// appended, and any leader, also a later one, ends it once it is committed. Learners and addresses
// change no majority and take one entry (§4.2.1). Done is said when the last entry of a change is committed.
// It never adds who merely spoke (M10), and never lets an id that was removed come back.
import { assert, unreachable } from "./assert.ts";
import {
  type Configuration,
  isVoter,
  type Member,
  makeConfiguration,
  memberIds,
  membersMax,
  removedMax,
} from "./configuration.ts";
import type { MembershipRefusal } from "./effect.ts";
import { indexAfter, type MonotonicMs, type NodeId } from "./ids.ts";
import type { Input, MembershipChange, Ticket } from "./input.ts";
import { appendEntries } from "./log-changes.ts";
import type { Step } from "./outbox.ts";
import { newProgress, type Progress } from "./progress.ts";
import { majorityOf } from "./quorum.ts";
import type { Leader, RaftState } from "./state.ts";

type Request = Extract<Input, { readonly kind: "change-membership" }>;

/** What was asked for, as a configuration, or why there is none. */
type Planned =
  | { readonly kind: "next"; readonly next: Configuration }
  | { readonly kind: "refused"; readonly reason: MembershipRefusal };

const refused = (reason: MembershipRefusal): Planned => ({ kind: "refused", reason });

export function onChangeMembership(state: RaftState, request: Request, step: Step): void {
  const { ticket } = request;
  const { role } = state;
  if (role.kind !== "leader") return refuse(ticket, "not-leader", step);
  const untimely = whyNotNow(state, role);
  if (untimely !== undefined) return refuse(ticket, untimely, step);
  const planned = plan(state.configurations.inForce, request.change);
  if (planned.kind === "refused") return refuse(ticket, planned.reason, step);
  const excess = tooMuchOf(planned.next);
  if (excess !== undefined) return refuse(ticket, excess, step);
  const risk = riskOf(state, role, { ...request, next: planned.next, now: step.now });
  if (risk !== undefined) return refuse(ticket, risk, step);
  role.change = { ticket };
  appendConfiguration(state, role, planned.next, step);
}

function refuse(ticket: Ticket, reason: MembershipRefusal, step: Step): void {
  step.out.emit({ kind: "membership-refused", ticket, reason });
}

/**
 * One change at a time, judged by the log and not by what is applied (M9); and none before an entry of
 * the leader's own term is committed: an earlier leader's change might be on its way still (M1).
 */
function whyNotNow(state: RaftState, leader: Leader): MembershipRefusal | undefined {
  if (state.transfer !== undefined) return "transferring";
  const { commitIndex, configurations } = state;
  if (commitIndex < leader.firstIndexOfTerm) return "term-not-begun";
  if (configurations.inForceSince > commitIndex) return "change-under-way";
  assert(!isJoint(configurations.inForce), "a joint configuration is left as soon as committed");
  return undefined;
}

/** §4.3: between two configurations. */
function isJoint({ votersOutgoing }: Configuration): boolean {
  return votersOutgoing.length > 0;
}

function plan(current: Configuration, change: MembershipChange): Planned {
  switch (change.kind) {
    case "add-learner":
      return withLearner(current, change.member);
    case "promote":
      return promoted(current, change.id);
    case "remove":
      return without(current, change.id);
    case "replace":
      return replaced(current, change);
    case "update-address":
      return readdressed(current, change);
    default:
      return unreachable(change);
  }
}

/** A new node is always a learner first (§4.2.1). */
function withLearner(current: Configuration, member: Member): Planned {
  const reason = whyNotNew(current, member);
  if (reason !== undefined) return refused(reason);
  const learners = [...current.learners, member.id];
  return next({ ...current, learners, members: [...current.members, member] });
}

function whyNotNew(current: Configuration, member: Member): MembershipRefusal | undefined {
  if (current.removed.includes(member.id)) return "removed-before";
  if (memberOf(current, member.id) !== undefined) return "already-a-member";
  const isTaken = current.members.some(({ name }) => name === member.name);
  return isTaken ? "name-taken" : whyNotThere(current, member);
}

function whyNotThere(
  current: Configuration,
  { id, peerUrl }: Pick<Member, "id" | "peerUrl">,
): MembershipRefusal | undefined {
  const isTaken = current.members.some((other) => other.id !== id && other.peerUrl === peerUrl);
  return isTaken ? "address-taken" : undefined;
}

function promoted(current: Configuration, id: NodeId): Planned {
  if (memberOf(current, id) === undefined) return refused("not-a-member");
  if (!current.learners.includes(id)) return refused("not-a-learner");
  const voters = [...current.voters, id];
  return joint(current, { ...current, voters, learners: others(current.learners, id) });
}

/** A voter leaves through a joint configuration; its tombstone comes with the end of that. */
function without(current: Configuration, id: NodeId): Planned {
  if (memberOf(current, id) === undefined) return refused("not-a-member");
  if (!isVoter(current, id)) return next(buried(current, id));
  const voters = others(current.voters, id);
  if (voters.length === 0) return refused("last-voter");
  return joint(current, { ...current, voters });
}

/**
 * A learner's place goes to a new learner (so an invitation becomes a node); a voter's vote goes, in one
 * step, to one that is a learner already.
 */
function replaced(
  current: Configuration,
  { id, member }: Extract<MembershipChange, { readonly kind: "replace" }>,
): Planned {
  if (memberOf(current, id) === undefined) return refused("not-a-member");
  if (id === member.id) return refused("already-a-member");
  if (!isVoter(current, id)) return withLearner(buried(current, id), member);
  if (!current.learners.includes(member.id)) return refused("not-a-learner");
  const voters = [...others(current.voters, id), member.id];
  return joint(current, { ...current, voters, learners: others(current.learners, member.id) });
}

/** What a member is stays as it is (M14). */
function readdressed(
  current: Configuration,
  change: Extract<MembershipChange, { readonly kind: "update-address" }>,
): Planned {
  const { clientUrl, id, peerUrl } = change;
  const member = memberOf(current, id);
  if (member === undefined) return refused("not-a-member");
  if (member.clientUrl === clientUrl && member.peerUrl === peerUrl) return refused("unchanged");
  const reason = whyNotThere(current, change);
  if (reason !== undefined) return refused(reason);
  const members = current.members.map((each) =>
    each.id === id ? { ...each, clientUrl, peerUrl } : each,
  );
  return next({ ...current, members });
}

function next(configuration: Configuration): Planned {
  return { kind: "next", next: makeConfiguration(configuration) };
}

/** Both halves count until it is left (§4.3). */
function joint(current: Configuration, incoming: Configuration): Planned {
  return next({ ...incoming, votersOutgoing: current.voters });
}

function memberOf(configuration: Configuration, id: NodeId): Member | undefined {
  return configuration.members.find((member) => member.id === id);
}

function tooMuchOf(planned: Configuration): MembershipRefusal | undefined {
  const { members, removed } = isJoint(planned) ? leftJoint(planned) : planned;
  if (members.length > membersMax) return "too-many-members";
  return removed.length > removedMax ? "too-many-removed" : undefined;
}

const others = (ids: readonly NodeId[], id: NodeId): readonly NodeId[] =>
  ids.filter((each) => each !== id);

/** A learner that goes, with its tombstone. */
function buried(current: Configuration, id: NodeId): Configuration {
  return {
    ...current,
    learners: others(current.learners, id),
    members: current.members.filter((member) => member.id !== id),
    removed: [...current.removed, id],
  };
}

/**
 * Who was only in the outgoing half is gone for good; who is a learner from now on was only demoted.
 * The same, whichever leader leaves.
 */
export function leftJoint(configuration: Configuration): Configuration {
  assert(isJoint(configuration), "only a joint configuration is left");
  const { learners, members, removed, voters, votersOutgoing } = configuration;
  const gone = votersOutgoing.filter((id) => !voters.includes(id) && !learners.includes(id));
  return makeConfiguration({
    voters,
    votersOutgoing: [],
    learners,
    members: members.filter(({ id }) => !gone.includes(id)),
    removed: [...removed, ...gone],
  });
}

/**
 * Whether the cluster could get stuck by it. Who is to vote from now on has caught up and is there (§4.2.1);
 * and a majority of those who will vote answers (DESIGN §4): that alone the operator may waive.
 */
function riskOf(
  state: RaftState,
  leader: Leader,
  asked: {
    readonly next: Configuration;
    readonly guard: Request["guard"];
    readonly now: MonotonicMs;
  },
): MembershipRefusal | undefined {
  const { guard, next: configuration, now } = asked;
  const { voters } = configuration;
  // Whose state differs from the others' neither leads nor tells anybody anything until it has theirs.
  const isSound = (id: NodeId): boolean => leader.progress.get(id)?.wantsSnapshot !== true;
  const isThere = (id: NodeId): boolean =>
    id === state.nodeId || (isSound(id) && wasHeard(state, leader.progress.get(id), now));
  for (const id of voters) {
    if (isVoter(state.configurations.inForce, id)) continue;
    if (!isThere(id) || !hasCaughtUp(state, leader.progress.get(id))) return "not-caught-up";
  }
  if (!isJoint(configuration)) return undefined;
  if (!voters.some(isSound)) return "majority-not-there";
  if (guard === "waived") return undefined;
  return voters.filter(isThere).length < majorityOf(voters.length)
    ? "majority-not-there"
    : undefined;
}

function wasHeard(state: RaftState, progress: Progress | undefined, now: MonotonicMs): boolean {
  const heardAt = progress?.heardAt;
  return heardAt !== undefined && now - heardAt < state.settings.electionTimeoutMinMs;
}

/** What it lacks is no more than may be on its way at once: under load nobody ever has all. */
function hasCaughtUp(state: RaftState, progress: Progress | undefined): boolean {
  if (progress?.flow.kind !== "stream" || progress.wantsSnapshot) return false;
  const { log, settings } = state;
  const { matchIndex } = progress;
  if (matchIndex < log.base.index) return false;
  const lacking = log.bytesBetween({ after: matchIndex, through: log.lastIndex });
  return lacking <= settings.windowBytesMax;
}

/**
 * What follows from what is committed now: a change that is through is told; a joint configuration is
 * left (M8: by whoever leads, and once, because its successor is in force as soon as it is appended).
 */
export function pursueChange(state: RaftState, leader: Leader, step: Step): void {
  const { commitIndex, configurations } = state;
  if (commitIndex < leader.firstIndexOfTerm || configurations.inForceSince > commitIndex) return;
  if (isJoint(configurations.inForce)) {
    return appendConfiguration(state, leader, leftJoint(configurations.inForce), step);
  }
  if (leader.change === undefined) return;
  const { ticket } = leader.change;
  leader.change = undefined;
  step.out.emit({ kind: "membership-changed", ticket, index: configurations.inForceSince });
}

/** In force from here on (§4.1): whom this leader feeds follows it at once. */
function appendConfiguration(
  state: RaftState,
  leader: Leader,
  configuration: Configuration,
  step: Step,
): void {
  const { log, hardState } = state;
  const position = { index: indexAfter(log.lastIndex), term: hardState.term };
  appendEntries(state, [{ ...position, kind: "configuration", configuration }], step.out);
  const ids = memberIds(configuration);
  for (const id of leader.progress.keys()) if (!ids.includes(id)) leader.progress.delete(id);
  for (const id of ids) {
    if (id === state.nodeId || leader.progress.has(id)) continue;
    leader.progress.set(id, newProgress(log.lastIndex));
  }
}
