// invariants.ts — what holds in one step, checked always, and what holds between the tables, checked
// after every command in tests, by the simulator, and of a backup that is read (SEMANTICS §7: I1, I3, I10, V14, V19).
import { assert } from "./assert.ts";
import { compareRules } from "./cancel/cancel-rule.ts";
import { holdersMax, isDelayed } from "./execution-key/execution-key.ts";
import type { Holders } from "./execution-key/holders.ts";
import { checkLines, countWaitingForKeys } from "./execution-key/lines-check.ts";
import { checkJobs } from "./job/runs-check.ts";
import { never } from "./log-time.ts";
import { checkDropping } from "./partition/dropping-check.ts";
import type { Partition } from "./partition/partition.ts";
import { partitionNumbered } from "./partition/partitions.ts";
import { answerSize } from "./session/answer-size.ts";
import { type AnswerPage, answersPerPage } from "./session/answered.ts";
import { sessionName } from "./session/session.ts";
import { utf8Length } from "./snapshot/writer.ts";
import type { Positions, State, Tables } from "./state.ts";
import { tableOrder } from "./state.ts";
import type { Row } from "./table/row.ts";
import type { Table } from "./table/table.ts";

export function positionsOf(state: State): Positions {
  const { featureLevel, revision, term, logTime, counters } = state;
  return { featureLevel, revision, term, logTime, counters: { ...counters } };
}

/** What may change in one entry. */
export function checkStep(before: Positions, after: Positions): void {
  assert(after.revision > before.revision, "the revision grows with every entry");
  assert(after.term >= before.term, "the term never decreases");
  assert(after.logTime >= before.logTime, "log time never goes back");
  assert(after.featureLevel >= before.featureLevel, "a feature level is never lowered");
  assert(after.counters.token >= before.counters.token, "tokens never go back");
  assert(after.counters.ticket >= before.counters.ticket, "tickets never go back");
  assert(after.counters.session >= before.counters.session, "session ids are never reused");
  assert(after.counters.partition >= before.counters.partition, "partition numbers never go back");
}

/** Looks at every row: for tests, the simulator and backups that are read, never for an entry or an installed snapshot. */
export function checkState(state: State): void {
  for (const name of tableOrder) checkTable(state[name]);
  checkPartitions(state);
  checkDropping(state);
  checkExecutionKeys(state);
  checkLines(state);
  checkJobs(state);
  checkMarks(state);
  const ends = checkQueueKeys(state) + checkPauseEnds(state);
  checkSessions(state);
  checkRequests(state);
  state.deadlines.check();
  checkRules(state);
  let waiting = state.cancelMarks.count + state.cancelRules.count + state.requests.count + ends;
  waiting += countWaitingForKeys(state) + state.finishedJobs.count;
  for (const session of state.sessions.rows()) if (session.ending !== "no") waiting += 1;
  for (const rules of state.limitRules.rows()) if (rules.sweepFrom !== 0) waiting += 1;
  assert(
    state.deadlines.count === waiting,
    "what has an end waits for its time, and nothing else does",
  );
}

function checkTable(table: Table<Row> | Tables[keyof Tables]): void {
  let count = 0;
  for (let address = 0; address < table.bucketCount; address++) {
    const bucket = table.bucket(address);
    assert(bucket.hashes.length === bucket.rows.length, "a bucket knows the hash of every row");
    for (const [place, row] of bucket.rows.entries()) {
      assert(bucket.hashes[place] === row.hash, "a bucket knows the hash of every row");
      assert(table.addressOf(row.hash) === address, "a row lies in its bucket");
      assert(table.find(row) === row, "a row is found under its name");
    }
    count += bucket.rows.length;
  }
  assert(count === table.count, "a table knows how many rows it has");
}

function checkPartitions(state: State): void {
  const marks = countByScope(state.cancelMarks.rows());
  const queueKeys = countByScope(state.queueKeys.rows());
  const executionKeys = countByScope(state.executionKeys.rows());
  const pauses = countByScope(state.pauses.rows());
  const numbers = [...state.partitionsByNumber.keys()];
  assert(numbers.length === state.partitions.count, "a partition has one number");
  for (const counted of [marks, queueKeys, executionKeys, pauses]) {
    for (const number of counted.keys()) partitionNumbered(state, number);
  }
  for (const partition of state.partitions.rows()) {
    const { number } = partition;
    assert(partitionNumbered(state, number) === partition, "a partition is found by its number");
    assert(number >= 1 && number <= state.counters.partition, "a partition number was drawn");
    assert(partition.cancelMarks === (marks.get(number) ?? 0), "marks are counted");
    assert(partition.queueKeys === (queueKeys.get(number) ?? 0), "queue keys are counted");
    assert(
      partition.executionKeys === (executionKeys.get(number) ?? 0),
      "execution keys are counted",
    );
    checkPauses(partition, pauses.get(number) ?? 0);
  }
  for (const pause of state.pauses.rows()) {
    const known = partitionNumbered(state, pause.scope).pauses.get(pause.key);
    assert(known === pause, "a partition knows its pauses");
  }
}

function checkPauses(partition: Partition, count: number): void {
  assert(partition.pauses.size === count, "pauses are counted");
  let bytes = 0;
  for (const selector of partition.pauses.keys()) bytes += utf8Length(selector);
  assert(partition.pausesBytes === bytes, "pauses are measured");
}

function countByScope(rows: Iterable<Row>): Map<number, number> {
  const counts = new Map<number, number>();
  for (const row of rows) counts.set(row.scope, (counts.get(row.scope) ?? 0) + 1);
  return counts;
}

/** I1, I3. */
function checkExecutionKeys(state: State): void {
  const tokens = new Set<number>();
  for (const executionKey of state.executionKeys.rows()) {
    const { holders } = executionKey;
    const isUsed = holders.count > 0 || executionKey.line.size > 0 || isDelayed(executionKey);
    assert(isUsed, "a key without a holder has no record");
    assert(holders.count <= holdersMax, "a key has at most as many holders as its limit");
    checkHolders(holders);
    for (const holder of holders) {
      assert(holder.token <= state.counters.token, "a token was drawn");
      assert(!tokens.has(holder.token), "a token is given once");
      tokens.add(holder.token);
    }
  }
}

/** What finds a holder finds those that are there. */
function checkHolders(holders: Holders): void {
  let last = 0;
  let soonest = never;
  for (const holder of holders) {
    assert(holder.token > last, "holders are in the order of their tokens");
    last = holder.token;
    if (holder.heldUntil < soonest) soonest = holder.heldUntil;
    assert(holders.withToken(last) === holder, "a holder is found by its token");
    const isOwned = holder.owner === null || holders.ofOwner(holder.owner).includes(holder);
    assert(isOwned, "a holder is found by its owner");
  }
  assert(holders.soonestEnd === soonest, "who has held it too long first is known");
}

function checkMarks(state: State): void {
  for (const mark of state.cancelMarks.rows()) {
    assert(mark.state !== "consumed", "a consumed mark is gone");
    assert(mark.place >= 0, "a mark waits for its end");
  }
}

function checkRules(state: State): void {
  let known = 0;
  for (const { cancelRules, number } of state.partitions.rows()) {
    known += cancelRules.length;
    for (const [at, rule] of cancelRules.entries()) {
      assert(
        rule.scope === number && state.cancelRules.find(rule) === rule,
        "a rule is in its table",
      );
      const before = cancelRules[at - 1];
      const isInOrder = before === undefined || compareRules(before, rule) < 0;
      assert(isInOrder, "rules are in the order of their age");
    }
  }
  assert(known === state.cancelRules.count, "a partition knows its rules");
}

/** How many have a claim that ends by itself. */
function checkQueueKeys(state: State): number {
  let count = 0;
  for (const { key, scope, claim } of state.queueKeys.rows()) {
    if (claim === null) continue;
    const { standing, end } = claim;
    assert(standing.kind === "confirmed" || end !== undefined, "a provisional claim has an end");
    if (end === undefined) continue;
    assert(end.place >= 0, "a claim with an end waits for it");
    assert(end.key === key && end.scope === scope, "an end has the name of its queue key");
    count += 1;
  }
  return count;
}

/** How many ends there are, and how many that stop have not told all. */
function checkPauseEnds(state: State): number {
  let count = 0;
  for (const { key, scope, end, stopping, mode } of state.pauses.rows()) {
    assert(
      stopping === undefined || mode === "stop",
      "only a pause that stops has somebody to tell",
    );
    for (const time of [end, stopping]) {
      if (time === undefined) continue;
      assert(time.place >= 0, "a pause with an end waits for it");
      assert(time.key === key && time.scope === scope, "an end has the name of its pause");
      count += 1;
    }
  }
  return count;
}

function checkSessions(state: State): void {
  let live = 0;
  for (const session of state.sessions.rows()) if (session.ending === "no") live += 1;
  assert(state.sessionsByOpenId.size === live, "an open id has one session");
  const bytes = new Map<number, number>();
  for (const page of state.answerPages.rows()) {
    checkPage(state, page);
    let size = 0;
    for (const outcome of page.answers) if (outcome !== undefined) size += answerSize(outcome);
    bytes.set(page.scope, (bytes.get(page.scope) ?? 0) + size);
  }
  let total = 0;
  for (const size of bytes.values()) total += size;
  assert(state.answersBytes === total, "all answers together are measured");
  for (const session of state.sessions.rows()) {
    assert(session.key <= state.counters.session, "a session id was drawn");
    assert(
      session.ending !== "no" || state.sessionsByOpenId.get(session.openId) === session,
      "a session is found by its open id",
    );
    assert(session.answersBytes === (bytes.get(session.key) ?? 0), "answers are measured");
    assert(session.answersBytes <= state.limits.answersBytesMax, "answers stay in their bound");
  }
}

function checkPage(state: State, page: AnswerPage): void {
  const session = state.sessions.find(sessionName(page.scope));
  assert(session !== undefined, "answers belong to a live session");
  assert(page.answers.length === answersPerPage, "a page has its places");
  let kept = 0;
  for (const [place, outcome] of page.answers.entries()) {
    if (outcome === undefined) continue;
    kept += 1;
    const sequence = page.key * answersPerPage + place;
    assert(sequence >= session.floor, "no answer is kept below the floor");
    assert(sequence < session.floor + state.limits.answersMax, "no answer is kept past the bound");
    assert(outcome.revision <= state.revision, "an answer is not from the future");
  }
  assert(kept === page.kept && kept > 0, "a page counts its answers and has some");
}

function checkRequests(state: State): void {
  let bytes = 0;
  for (const request of state.requests.rows()) bytes += answerSize(request.outcome);
  assert(bytes === state.requestsBytes, "remembered answers are measured");
  assert(state.requests.count <= state.limits.requestsMax, "requests stay in their bound");
  assert(bytes <= state.limits.requestsBytesMax, "remembered answers stay in their bound");
}
