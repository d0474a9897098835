// adopt.ts — a row that came out of a snapshot takes its place: in everything that is derived from the
// tables (state.ts). Here, too, what a row claims about others is checked.
import { assert } from "./assert.ts";
import type { CancelMark } from "./cancel/cancel-mark.ts";
import type { CancelRule } from "./cancel/cancel-rule.ts";
import { adoptRuleInOrder } from "./cancel/rules.ts";
import type { ExecutionKey } from "./execution-key/execution-key.ts";
import type { Partition } from "./partition/partition.ts";
import type { Pause } from "./pause/pause.ts";
import type { QueueKey } from "./queue-key/queue-key.ts";
import { answerSize } from "./session/answer-size.ts";
import { type AnswerPage, answersPerPage } from "./session/answered.ts";
import type { RememberedRequest } from "./session/remembered-request.ts";
import { type Session, sessionName } from "./session/session.ts";
import { DamagedSnapshotError } from "./snapshot/damaged-snapshot.ts";
import { utf8Length } from "./snapshot/writer.ts";
import type { State } from "./state.ts";

export function adoptPartition(state: State, row: Partition): void {
  if (state.partitionsByNumber.has(row.number)) {
    throw new DamagedSnapshotError("two partitions have one number");
  }
  checkDrawn({ drawn: row.number, counter: state.counters.partition });
  state.partitionsByNumber.set(row.number, row);
}

export function adoptSession(state: State, row: Session): void {
  if (state.sessionsByOpenId.has(row.openId)) {
    throw new DamagedSnapshotError("two sessions have one open id");
  }
  checkDrawn({ drawn: row.key, counter: state.counters.session });
  state.sessionsByOpenId.set(row.openId, row);
}

export function adoptAnswerPage(state: State, row: AnswerPage): void {
  const session = state.sessions.find(sessionName(row.scope));
  if (session === undefined) throw new DamagedSnapshotError("an answer belongs to no session");
  for (const [place, outcome] of row.answers.entries()) {
    if (outcome === undefined) continue;
    const sequence = row.key * answersPerPage + place;
    if (sequence < session.floor || sequence >= session.floor + state.limits.answersMax) {
      throw new DamagedSnapshotError("an answer lies outside the bounds of its session");
    }
    const size = answerSize(outcome);
    session.answersBytes += size;
    state.answersBytes += size;
  }
}

export function adoptRequest(state: State, row: RememberedRequest): void {
  state.deadlines.add(row);
  state.requestsBytes += answerSize(row.outcome);
}

export function adoptMark(state: State, row: CancelMark): void {
  partitionOf(state, row.scope).cancelMarks += 1;
  state.deadlines.add(row);
}

export function adoptQueueKey(state: State, row: QueueKey): void {
  partitionOf(state, row.scope).queueKeys += 1;
  if (row.claim?.end !== undefined) state.deadlines.add(row.claim.end);
}

export function adoptExecutionKey(state: State, row: ExecutionKey): void {
  partitionOf(state, row.scope).executionKeys += 1;
  for (const { token } of row.holders) {
    checkDrawn({ drawn: token, counter: state.counters.token });
  }
}

export function adoptPause(state: State, row: Pause): void {
  const partition = partitionOf(state, row.scope);
  assert(!partition.pauses.has(row.key), "a bucket has each name once");
  partition.pauses.set(row.key, row);
  partition.pausesBytes += utf8Length(row.key);
  if (row.end !== undefined) state.deadlines.add(row.end);
}

export function adoptRule(state: State, row: CancelRule): void {
  adoptRuleInOrder(state, { partition: partitionOf(state, row.scope), rule: row });
}

function checkDrawn(number: { readonly drawn: number; readonly counter: number }): void {
  const isDrawn = number.drawn >= 1 && number.drawn <= number.counter;
  if (!isDrawn) throw new DamagedSnapshotError("a number was never drawn from its counter");
}

function partitionOf(state: State, number: number): Partition {
  const partition = state.partitionsByNumber.get(number);
  if (partition === undefined) throw new DamagedSnapshotError("a row belongs to no partition");
  return partition;
}
