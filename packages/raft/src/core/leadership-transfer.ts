// leadership-transfer.ts — handing leadership over on request (§3.10): the target catches up while no
// proposal is taken, then it is told to campaign at once. If that takes too long, leading goes on.
// "Done" is said only when the target was heard to lead: it may also lose.
import { isVoter } from "./configuration.ts";
import type { Effect } from "./effect.ts";
import { later, type NodeId } from "./ids.ts";
import type { Input } from "./input.ts";
import type { Outbox, Step } from "./outbox.ts";
import type { Progress } from "./progress.ts";
import { type Leader, leaderIdOf, type RaftState, type Transfer } from "./state.ts";

type Outcome = Extract<Effect, { readonly kind: "transfer-ended" }>["outcome"];

/** `begun`: what waits for this leader must be told. */
export function onTransfer(
  state: RaftState,
  request: Extract<Input, { readonly kind: "transfer" }>,
  step: Step,
): "begun" | "ended" {
  const { ticket, to } = request;
  const { role } = state;
  const target = role.kind === "leader" ? chooseTarget(state, role, { to, now: step.now }) : to;
  const refusal = refusalOf(state, { to, target, now: step.now });
  if (target === undefined || refusal !== undefined) {
    // To stay is a wish too: it takes the place of an earlier one.
    if (refusal === "done" && state.transfer !== undefined) {
      end(state, state.transfer, "superseded", step.out);
    }
    step.out.emit({ kind: "transfer-ended", ticket, outcome: refusal ?? "no-target" });
    return "ended";
  }
  const before = state.transfer;
  if (before !== undefined) end(state, before, "superseded", step.out);
  const goesOn = before !== undefined && before.target === target;
  state.transfer = {
    ticket,
    target,
    dueAt: goesOn ? before.dueAt : later(step.now, state.settings.transferTimeoutMs),
    term: state.hardState.term,
    hasAsked: goesOn && before.hasAsked,
  };
  return "begun";
}

function refusalOf(
  state: RaftState,
  choice: {
    readonly to: NodeId | undefined;
    readonly target: NodeId | undefined;
    readonly now: number;
  },
): Outcome | undefined {
  const { role } = state;
  if (role.kind !== "leader") return "not-leader";
  if (choice.to === state.nodeId) return "done";
  const { target, now } = choice;
  if (target === undefined || !isVoter(state.configurations.inForce, target)) return "no-target";
  // Nobody's proposals wait for who is not there.
  const progress = role.progress.get(target);
  return progress !== undefined && isThere(state, { progress, now }) ? undefined : "unreachable";
}

/** Lately it answered. */
function isThere(
  { settings }: RaftState,
  seen: { readonly progress: Progress; readonly now: number },
): boolean {
  const { heardAt } = seen.progress;
  return heardAt !== undefined && seen.now - heardAt < settings.electionTimeoutMinMs;
}

/** Who is furthest among those that lately answered. */
function chooseTarget(
  state: RaftState,
  leader: Leader,
  wish: { readonly to: NodeId | undefined; readonly now: number },
): NodeId | undefined {
  if (wish.to !== undefined) return wish.to;
  let best: { readonly id: NodeId; readonly progress: Progress } | undefined;
  for (const [id, progress] of leader.progress) {
    const { matchIndex, wantsSnapshot } = progress;
    const mayFollow = isThere(state, { progress, now: wish.now }) && !wantsSnapshot;
    if (!mayFollow || !isVoter(state.configurations.inForce, id)) continue;
    if (best === undefined || matchIndex > best.progress.matchIndex) best = { id, progress };
  }
  return best?.id;
}

/** The target answered a heartbeat and has not campaigned: the word to do so may be lost. */
export function repeatTimeoutNow(state: RaftState, from: NodeId): void {
  // Once it has campaigned we do not lead any more: that we asked is what makes its victory "done".
  if (state.role.kind !== "leader") return;
  if (state.transfer?.target === from) state.transfer.hasAsked = false;
}

/** Takes the transfer as far as it can go now. */
export function pursueTransfer(state: RaftState, step: Step): void {
  const { transfer } = state;
  if (transfer === undefined) return;
  if (step.now >= transfer.dueAt) return end(state, transfer, "timed-out", step.out);
  if (state.role.kind === "leader" && state.hardState.term === transfer.term) {
    return askWhenCaughtUp(state, transfer, step.out);
  }
  if (!transfer.hasAsked) return end(state, transfer, "not-leader", step.out);
  const leaderId = leaderIdOf(state);
  if (leaderId === undefined) return;
  end(state, transfer, leaderId === transfer.target ? "done" : "superseded", step.out);
}

/** A leader that must not go on (it left, its disk hangs): whoever has most of its log may campaign at once. */
export function handOver(state: RaftState, leader: Leader, step: Step): void {
  const target = chooseTarget(state, leader, { to: undefined, now: step.now });
  if (target === undefined) return;
  const { term } = state.hardState;
  step.out.send({ kind: "timeout-now", from: state.nodeId, to: target, term });
}

function askWhenCaughtUp(state: RaftState, transfer: Transfer, out: Outbox): void {
  const { target } = transfer;
  const progress = state.role.kind === "leader" ? state.role.progress.get(target) : undefined;
  if (progress === undefined) return end(state, transfer, "no-target", out);
  if (transfer.hasAsked || progress.matchIndex !== state.log.lastIndex) return;
  transfer.hasAsked = true;
  const { term } = state.hardState;
  out.send({ kind: "timeout-now", from: state.nodeId, to: target, term });
}

function end(state: RaftState, transfer: Transfer, outcome: Outcome, out: Outbox): void {
  state.transfer = undefined;
  out.emit({ kind: "transfer-ended", ticket: transfer.ticket, outcome });
}
