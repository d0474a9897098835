// lines-check.ts — what holds between execution keys, those who wait, rules and sessions (SEMANTICS §7: I2, I4,
// I5). Looks at every row: part of invariants.ts, for tests, the simulator and backups that are read.
import { assert } from "../assert.ts";
import { never, notAtAll } from "../log-time.ts";
import { nameIn } from "../partition/partition.ts";
import { partitionNumbered } from "../partition/partitions.ts";
import { sessionName } from "../session/session.ts";
import type { State } from "../state.ts";
import { ruleFor } from "./limit-rules.ts";
import { dueAt, isGrantable } from "./settle.ts";
import { nameOfWait, type Waiter } from "./waiter.ts";

export function checkLines(state: State): void {
  checkKeys(state);
  checkWaiters(state);
  checkHolds(state);
  checkEndings(state);
  for (const rules of state.limitRules.rows()) {
    assert(partitionNumbered(state, rules.scope).limitRules === rules, "a partition has its rules");
  }
}

/** How many rows wait for a log time because of execution keys. */
export function countWaitingForKeys(state: State): number {
  let count = 0;
  for (const row of state.executionKeys.rows()) if (row.place >= 0) count += 1;
  for (const waiter of state.waiters.rows()) if (waiter.expiresAt !== never) count += 1;
  return count;
}

function checkKeys(state: State): void {
  for (const row of state.executionKeys.rows()) {
    const partition = partitionNumbered(state, row.scope);
    const due = dueAt(row);
    assert(row.expiresAt === due && row.place >= 0 === (due !== never), "a key waits for its time");
    checkOrder(row.line.items(), "key");
    assert(row.line.size > 0 || row.limit === 1, "a key knows its limit while somebody waits");
    const isSwept = (partition.limitRules?.sweepFrom ?? 0) === 0;
    const isRight = row.line.size === 0 || row.limit === ruleFor(partition, row.key).limit;
    assert(!isSwept || isRight, "a line has the limit that the rules say");
    assert(!isGrantable(row) || due === notAtAll, "who could be granted is asked next (I2)");
  }
}

/** A line by tickets (I5); what else knows waiters, by the numbers of their arrival. */
function checkOrder(waiters: Iterable<Waiter>, by: "key" | "arrival"): void {
  let last = 0;
  for (const waiter of waiters) {
    assert(waiter[by] > last, `waiters are in order, by their ${by}`);
    last = waiter[by];
  }
}

function checkWaiters(state: State): void {
  let inLines = 0;
  let inPartitions = 0;
  let inSessions = 0;
  for (const row of state.executionKeys.rows()) inLines += row.line.size;
  let byOwner = 0;
  for (const session of state.sessions.rows()) {
    inSessions += session.waits.size;
    checkOrder(session.waits.values(), "arrival");
  }
  for (const partition of state.partitions.rows()) {
    inPartitions += partition.waiters.size;
    checkOrder(partition.waiters.items(), "arrival");
    for (const waits of partition.waitsOf.values()) {
      byOwner += waits.size;
      checkOrder(waits, "arrival");
    }
  }
  for (const waiter of state.waiters.rows()) {
    assert(waiter.key <= waiter.arrival, "a ticket is not drawn after its arrival");
    assert(waiter.arrival <= state.counters.ticket, "a ticket was drawn");
    const session = state.sessions.find(sessionName(waiter.session));
    assert(session?.waits.get(nameOfWait(waiter)) === waiter, "a waiter has a session (I4)");
    const partition = partitionNumbered(state, waiter.scope);
    const isFound = partition.waitsOf.get(waiter.owner)?.has(waiter) === true;
    assert(isFound, "a waiter is found by its owner");
    const row = state.executionKeys.find(nameIn(partition, waiter.executionKey));
    assert(row !== undefined, "a waiter waits for a key");
    assert(waiter.place >= 0 === (waiter.expiresAt !== never), "a waiter waits for its end");
  }
  const { count } = state.waiters;
  for (const known of [inLines, inPartitions, inSessions, byOwner]) {
    assert(known === count, "who waits stands in one line, and is known to its session");
  }
}

function checkHolds(state: State): void {
  let held = 0;
  let inPartitions = 0;
  for (const { holds } of state.partitions.rows()) inPartitions += holds.size;
  for (const row of state.executionKeys.rows()) {
    for (const { owner, session: id, token } of row.holders) {
      assert((owner === null) === (id === null), "who has an owner has a session");
      if (id === null) continue;
      held += 1;
      const session = state.sessions.find(sessionName(id));
      assert(session?.holds.get(token) === row, "a holder has a session (I4)");
      const partition = partitionNumbered(state, row.scope);
      assert(partition.holds.get(token) === row, "a partition knows what is held in it");
    }
  }
  assert(held === inPartitions, "a partition knows what is held in it");
  for (const session of state.sessions.rows()) {
    held -= session.holds.size;
    // Others may have ended what it still held: it goes in its turn.
    assert((session.ending !== "no") === session.place >= 0, "a session that ends is emptied next");
  }
  assert(held === 0, "a session knows what it holds");
}

function checkEndings(state: State): void {
  const counts = new Map<number, number>();
  for (const { scope, key } of state.waitEndings.rows()) {
    const session = state.sessions.find(sessionName(scope));
    assert(session !== undefined, "an ending is remembered with its session");
    assert(key >= session.floor, "no ending is remembered below the floor");
    counts.set(scope, (counts.get(scope) ?? 0) + 1);
  }
  for (const { key, waitEndings } of state.sessions.rows()) {
    assert(waitEndings === (counts.get(key) ?? 0), "endings are counted");
  }
}
