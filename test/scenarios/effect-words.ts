// effect-words.ts — one step of one node as facts: what it became, voted, removed, appended, committed,
// answered and sent, so ordered that what follows from something comes after it.
import { unreachable } from "../../packages/raft/src/core/assert.ts";
import type { Effect, Persist } from "../../packages/raft/src/core/effect.ts";
import type { Position } from "../../packages/raft/src/core/entry.ts";
import type { NodeId } from "../../packages/raft/src/core/ids.ts";
import type { Ticket } from "../../packages/raft/src/core/input.ts";
import type { Message } from "../../packages/raft/src/core/message.ts";
import { nameOf } from "../../packages/raft/test/cluster.ts";
import { at, entriesWords, positionsWords, sendsWords } from "./message-words.ts";

export interface Step {
  readonly nodeId: NodeId;
  readonly wasLeader: boolean;
  /** Its log before this step. */
  readonly before: readonly Position[];
  readonly effects: readonly Effect[];
  /** What a ticket stands for: `read 1`. */
  readonly ticketName: (ticket: Ticket) => string;
  /** Whether a message that leaves is told: it will not arrive by itself. */
  readonly isSendTold: (message: Message) => boolean;
  /** Whether it answers the storage by itself. */
  readonly hasSlowChunks: boolean;
}

export function stepWords(step: Step): readonly string[] {
  const { effects } = step;
  const persist = effects.find((effect) => effect.kind === "persist");
  const writes = persist === undefined ? [] : persistWords(step, persist);
  const sends = effects.flatMap((effect) => (effect.kind === "send" ? [effect.message] : []));
  const sent = sendsWords(sends.filter((message) => step.isSendTold(message)));
  const others = effects.flatMap((effect) => effectWords(step, effect));
  const roles = effects.flatMap((effect) => (effect.kind === "role-changed" ? [effect] : []));
  // A leader appends because of what was committed or asked; a follower commits because of what it appended.
  if (step.wasLeader && roles.every(({ leaderId }) => leaderId === undefined)) {
    return [...others, ...writes, ...sent];
  }
  const became = roles.map((role) => roleWords(step, role));
  return [...became, ...writes, ...others.filter((words) => !became.includes(words)), ...sent];
}

function roleWords(step: Step, effect: Extract<Effect, { kind: "role-changed" }>): string {
  const { cause, leaderId, role, term } = effect;
  const start = `${role} t${term}`;
  if (role !== "follower") return start;
  if (leaderId !== undefined) return `${start} of ${nameOf(leaderId)}`;
  return step.wasLeader ? `${start} (${cause})` : start;
}

function persistWords(step: Step, persist: Persist): readonly string[] {
  const { entries, hardState, snapshotMark, truncateFrom } = persist;
  const facts: string[] = [];
  const votedFor = hardState?.votedFor;
  if (votedFor !== undefined && votedFor !== step.nodeId) facts.push(`vote ${nameOf(votedFor)}`);
  if (truncateFrom !== undefined) {
    const removed = step.before.filter(({ index }) => index >= truncateFrom);
    facts.push(`remove ${positionsWords(removed)}`);
  }
  facts.push(...entriesWords(entries).map((words) => `append ${words}`));
  if (snapshotMark === undefined) return facts;
  if (snapshotMark.log === "discard") facts.push("discard the log");
  const isInstalled = step.effects.some(({ kind }) => kind === "restore");
  if (!isInstalled) facts.push(`mark ${at(snapshotMark.snapshot)}`);
  return facts;
}

function effectWords(step: Step, effect: Effect): readonly string[] {
  switch (effect.kind) {
    case "commit":
      return [`commit ${effect.through}`];
    case "restore":
      return [`restore ${at(effect.snapshot)}`];
    case "load-chunk":
      return step.hasSlowChunks ? [`load chunk ${effect.chunk} for ${nameOf(effect.to)}`] : [];
    case "store-chunk":
      return [`store chunk ${effect.chunk}`];
    case "refused":
    case "read-refused":
    case "membership-refused":
      return [`${step.ticketName(effect.ticket)} refused: ${effect.reason}`];
    case "readable":
      return [`${step.ticketName(effect.ticket)} at ${effect.index}`];
    case "transfer-ended":
      return [`${step.ticketName(effect.ticket)} ${effect.outcome}`];
    case "membership-changed":
      return [`${step.ticketName(effect.ticket)} done at ${effect.index}`];
    case "membership-unknown":
      return [`${step.ticketName(effect.ticket)} unknown`];
    case "role-changed":
      return [roleWords(step, effect)];
    case "persist":
    case "send":
    case "truncated": // told with the persist, or with the snapshot that discards the log
    case "accepted": // told by the append
      return [];
    default:
      return unreachable(effect);
  }
}

/** What a finished write of a slow disk made durable. */
export function writtenWords(persist: Persist): readonly string[] {
  const { entries, hardState, snapshotMark, truncateFrom } = persist;
  const facts: string[] = [];
  if (hardState !== undefined) {
    const { term, votedFor } = hardState;
    facts.push(
      votedFor === undefined ? `t${term}` : `t${term} with a vote for ${nameOf(votedFor)}`,
    );
  }
  if (truncateFrom !== undefined) facts.push(`the removal from ${truncateFrom}`);
  if (entries.length > 0) facts.push(positionsWords(entries));
  if (snapshotMark !== undefined) facts.push(`the mark of ${at(snapshotMark.snapshot)}`);
  return facts.length === 0 ? [] : [`write ${facts.join(" and ")}`];
}
