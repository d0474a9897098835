// adopt.ts — a row that came out of a snapshot takes its place: in everything that is derived from the
// tables (state.ts). Here, too, what a row claims about others is checked.
import { assert } from "./assert.ts";
import type { CancelMark } from "./cancel/cancel-mark.ts";
import type { CancelRule } from "./cancel/cancel-rule.ts";
import { adoptRuleInOrder } from "./cancel/rules.ts";
import type { ExecutionKey } from "./execution-key/execution-key.ts";
import type { Holder } from "./execution-key/holders.ts";
import type { LimitRules } from "./execution-key/limit-rules.ts";
import { awaitTurn } from "./execution-key/settle.ts";
import { arrive } from "./execution-key/wait.ts";
import { nameOfWait, type Waiter } from "./execution-key/waiter.ts";
import type { FinishedJob } from "./job/finished-job.ts";
import type { Run } from "./job/run.ts";
import { indexRun } from "./job/runs.ts";
import { nameIn, type Partition } from "./partition/partition.ts";
import type { Pause } from "./pause/pause.ts";
import type { QueueKey } from "./queue-key/queue-key.ts";
import { answerSize } from "./session/answer-size.ts";
import { type AnswerPage, answersPerPage } from "./session/answered.ts";
import type { RememberedRequest } from "./session/remembered-request.ts";
import { type Session, sessionName } from "./session/session.ts";
import type { RememberedEnding } from "./session/wait-ending.ts";
import { DamagedSnapshotError } from "./snapshot/damaged-snapshot.ts";
import { utf8Length } from "./snapshot/writer.ts";
import type { State } from "./state.ts";

export function adoptPartition(state: State, row: Partition): void {
  if (state.partitionsByNumber.has(row.number)) {
    throw new DamagedSnapshotError("two partitions have one number");
  }
  checkDrawn({ drawn: row.number, counter: state.counters.partition });
  state.partitionsByNumber.set(row.number, row);
  if (row.dropping !== undefined) state.droppings.add(row.dropping);
}

/** Who opens again while its old session is being emptied has a new one under the same open id. */
export function adoptSession(state: State, row: Session): void {
  checkDrawn({ drawn: row.key, counter: state.counters.session });
  if (row.ending !== "no") return;
  if (state.sessionsByOpenId.has(row.openId)) {
    throw new DamagedSnapshotError("two sessions have one open id");
  }
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

export function adoptLimitRules(state: State, row: LimitRules): void {
  const partition = partitionOf(state, row.scope);
  if (partition.limitRules !== undefined) {
    throw new DamagedSnapshotError("a partition has two records of rules");
  }
  partition.limitRules = row;
}

export function adoptWaiter(state: State, row: Waiter): void {
  const partition = partitionOf(state, row.scope);
  checkDrawn({ drawn: row.key, counter: state.counters.ticket });
  checkDrawn({ drawn: row.arrival, counter: state.counters.ticket });
  const isOfSession = state.sessions.find(sessionName(row.session)) !== undefined;
  const isForKey = state.executionKeys.find(nameIn(partition, row.executionKey)) !== undefined;
  if (isOfSession && isForKey) return;
  throw new DamagedSnapshotError("a waiter belongs to no session, or to no key");
}

export function adoptEnding(state: State, row: RememberedEnding): void {
  const session = state.sessions.find(sessionName(row.scope));
  if (session === undefined) throw new DamagedSnapshotError("an ending belongs to no session");
  if (row.key < session.floor || row.key >= session.floor + state.limits.answersMax) {
    throw new DamagedSnapshotError("an ending lies outside the bounds of its session");
  }
  session.waitEndings += 1;
}

/** A run with a key is its holder (I4). */
export function adoptRun(state: State, row: Run): void {
  const partition = partitionOf(state, row.scope);
  checkDrawn({ drawn: row.token, counter: state.counters.token });
  checkDrawn({ drawn: row.ticket, counter: state.counters.ticket });
  if (state.sessions.find(sessionName(row.session)) === undefined) {
    throw new DamagedSnapshotError("a run belongs to no session");
  }
  if (row.executionKey === null) return;
  const key = state.executionKeys.find(nameIn(partition, row.executionKey));
  const holder = key?.holders.withToken(row.token);
  if (holder?.owner === row.key && holder.session === row.session) return;
  throw new DamagedSnapshotError("a run does not hold its key");
}

export function adoptFinishedJob(state: State, row: FinishedJob): void {
  partitionOf(state, row.scope).finishedJobs += 1;
  state.deadlines.add(row);
}

/** Once all rows are there: what depends on an order or on several tables. */
export function adoptLines(state: State): void {
  for (const row of byNumber(state.waiters.rows(), (waiter) => waiter.key)) {
    const partition = partitionOf(state, row.scope);
    const key = state.executionKeys.find(nameIn(partition, row.executionKey));
    assert(key !== undefined, "a waiter was looked at before");
    key.line.join(row);
  }
  let last = 0;
  for (const row of byNumber(state.waiters.rows(), (waiter) => waiter.arrival)) {
    if (row.arrival === last) throw new DamagedSnapshotError("two waiters came with one number");
    last = row.arrival;
    const session = state.sessions.find(sessionName(row.session));
    const partition = partitionOf(state, row.scope);
    assert(session !== undefined, "a waiter was looked at before");
    if (session.waits.has(nameOfWait(row))) {
      throw new DamagedSnapshotError("a session waits for a key twice");
    }
    if (row.job !== null && partition.jobs.startOf(row.owner) !== undefined) {
      throw new DamagedSnapshotError("a job waits to start twice");
    }
    arrive(state, { waiter: row, partition, session });
  }
  adoptHolds(state);
  adoptRunsInOrder(state);
  for (const row of state.executionKeys.rows()) awaitTurn(state, row);
  for (const row of state.sessions.rows()) if (row.ending !== "no") state.deadlines.add(row);
  for (const row of state.limitRules.rows()) if (row.sweepFrom !== 0) state.deadlines.add(row);
}

function adoptRunsInOrder(state: State): void {
  for (const run of byNumber(state.runs.rows(), ({ token }) => token)) {
    const session = state.sessions.find(sessionName(run.session));
    assert(session !== undefined, "a run was looked at before");
    const partition = partitionOf(state, run.scope);
    if (session.runs.has(run.token)) throw new DamagedSnapshotError("two runs have one token");
    if (partition.jobs.startOf(run.key) !== undefined) {
      throw new DamagedSnapshotError("a job runs and waits");
    }
    indexRun({ run, session, partition });
  }
}

function adoptHolds(state: State): void {
  const holds: { readonly row: ExecutionKey; readonly holder: Holder }[] = [];
  for (const row of state.executionKeys.rows()) {
    for (const holder of row.holders) holds.push({ row, holder });
  }
  for (const { row, holder } of byNumber(holds, (hold) => hold.holder.token)) {
    if (holder.session === null) continue;
    const session = state.sessions.find(sessionName(holder.session));
    if (session === undefined) throw new DamagedSnapshotError("a holder belongs to no session");
    session.holds.set(holder.token, row);
    partitionOf(state, row.scope).holds.set(holder.token, row);
  }
}

function byNumber<Item>(items: Iterable<Item>, numberOf: (item: Item) => number): readonly Item[] {
  return [...items].sort((one, other) => numberOf(one) - numberOf(other));
}

export function adoptPause(state: State, row: Pause): void {
  const partition = partitionOf(state, row.scope);
  assert(!partition.pauses.has(row.key), "a bucket has each name once");
  partition.pauses.set(row.key, row);
  partition.pausesBytes += utf8Length(row.key);
  if (row.end !== undefined) state.deadlines.add(row.end);
  if (row.stopping !== undefined) state.deadlines.add(row.stopping);
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
