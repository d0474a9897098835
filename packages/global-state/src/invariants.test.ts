import { describe, expect, test } from "vitest";
import {
  cancels,
  inSession,
  openWrite,
  raiseLevel,
  sha256,
  smallLimits,
  writes,
} from "../test/world.ts";
import { apply } from "./apply.ts";
import type { Submission } from "./command.ts";
import type { Holders } from "./execution-key/holders.ts";
import { fencingToken, jobId, key, logTimeMs, partitionId, revision, selector } from "./ids.ts";
import { checkState, checkStep, positionsOf } from "./invariants.ts";
import { never } from "./log-time.ts";
import { newPauseEnd } from "./pause/pause.ts";
import { confirmed, newClaimEnd } from "./queue-key/queue-key.ts";
import { emptyState, type State } from "./state.ts";

const partition = partitionId("acme");

function aState(): State {
  const state = emptyState(smallLimits({}));
  const none = { kind: "none" } as const;
  const submissions: Submission[] = [
    { origin: none, write: { name: "partition.start", partition, args: {} } },
    { origin: none, write: openWrite(1) },
    { origin: inSession(1, 5), write: writes.addExecuting("a") },
    { origin: inSession(1, 6), write: writes.addExecuting("b") },
    { origin: none, write: writes.addQueued("a") },
    { origin: none, write: writes.cancelJob("1") },
    { origin: none, write: writes.pause("mail") },
    { origin: none, write: raiseLevel },
    { origin: none, write: cancels.addRule({ queue: "mail" }) },
    { origin: { kind: "request", requestId: "r" }, write: writes.cancelJob("2") },
  ];
  const entry = { revision: revision(1), term: 1, logTime: logTimeMs(5), wallMs: 7, submissions };
  apply(state, entry);
  return state;
}

function first<Row>(rows: Iterable<Row>): Row {
  for (const row of rows) return row;
  throw new Error("there is a row");
}

function letGo(holders: Holders): void {
  for (const holder of [...holders]) holders.remove(holder);
}

describe("a state that breaks a rule is noticed", () => {
  test("and one that breaks none is not", () => {
    expect(() => checkState(aState())).not.toThrow();
    expect(sha256(new Uint8Array(0)).length).toBe(32);
  });

  test.each<[string, (state: State) => void]>([
    ["a key without a holder", (state) => letGo(first(state.executionKeys.rows()).holders)],
    [
      "a token is given once",
      (state) => {
        const token = fencingToken(1);
        for (const row of state.executionKeys.rows()) {
          const holder = { owner: null, session: null, sinceWallMs: 0, heldUntil: never };
          letGo(row.holders);
          row.holders.add({ ...holder, token });
        }
      },
    ],
    ["a token was drawn", (state) => void (state.counters.token = 1)],
    ["marks are counted", (state) => void (first(state.partitions.rows()).cancelMarks = 0)],
    ["queue keys are counted", (state) => void (first(state.partitions.rows()).queueKeys = 7)],
    ["pauses are counted", (state) => first(state.partitions.rows()).pauses.clear()],
    [
      "a partition knows its pauses",
      (state) => {
        const pause = first(state.pauses.rows());
        first(state.partitions.rows()).pauses.set(selector("mail"), { ...pause });
      },
    ],
    ["a consumed mark is gone", (state) => moveOnly(state)],
    [
      "what has an end waits for its time, and nothing else does",
      (state) => state.deadlines.remove(first(state.requests.rows())),
    ],
    [
      "no deadline is before the one above it",
      (state) => {
        for (const mark of state.cancelMarks.rows()) mark.expiresAt = logTimeMs(1);
        const last = first(state.requests.rows());
        last.expiresAt = logTimeMs(last.place === 0 ? 2 : 0);
      },
    ],
    ["all answers together are measured", (state) => void (state.answersBytes += 1)],
    ["pauses are measured", (state) => void (first(state.partitions.rows()).pausesBytes += 1)],
    ["answers are measured", (state) => void (first(state.sessions.rows()).answersBytes += 1)],
    ["no answer is kept below the floor", (state) => void (first(state.sessions.rows()).floor = 6)],
    ["a page counts its answers", (state) => void (first(state.answerPages.rows()).kept = 9)],
    ["an open id has one session", (state) => state.sessionsByOpenId.clear()],
    ["remembered answers are measured", (state) => void (state.requestsBytes = 0)],
    [
      "answers belong to a live session",
      (state) => {
        const session = first(state.sessions.rows());
        state.sessions.remove(session);
        state.sessionsByOpenId.delete(session.openId);
      },
    ],
    [
      "a provisional claim has an end",
      (state) => {
        const standing = { kind: "provisional", ttlMs: 5_000 } as const;
        const claim = { owner: jobId("1"), standing, end: undefined };
        first(state.queueKeys.rows()).claim = claim;
      },
    ],
    [
      "a claim with an end waits for it",
      (state) => {
        const row = first(state.queueKeys.rows());
        const end = newClaimEnd(row, { expiresAt: logTimeMs(9), wallMs: 9 });
        row.claim = { owner: jobId("1"), standing: confirmed, end };
      },
    ],
    [
      "a pause with an end waits for it",
      (state) => {
        const row = first(state.pauses.rows());
        row.end = newPauseEnd(row, { expiresAt: logTimeMs(9), untilWallMs: 9 });
      },
    ],
    [
      "a partition knows its rules",
      (state) => first(state.partitions.rows()).cancelRules.splice(0),
    ],
    [
      "a row belongs to a partition",
      (state) => {
        const name = { hash: 0, scope: 99, key: key("a") };
        state.queueKeys.insert({ ...name, claim: null, sinceWallMs: 0 });
      },
    ],
  ])("%s", (claim, breakRule) => {
    const state = aState();

    breakRule(state);

    expect(() => checkState(state)).toThrow(claim);
  });
});

function moveOnly(state: State): void {
  const mark = first(state.cancelMarks.rows());
  Object.assign(mark, { state: "consumed" });
}

describe("a step that goes backwards is noticed", () => {
  test.each(["revision", "term", "logTime"] as const)("in %s", (position) => {
    const before = { ...positionsOf(aState()), revision: revision(1), term: 2 };
    const after = { ...before, revision: revision(2) };

    expect(() => checkStep(before, after)).not.toThrow();
    expect(() => checkStep(before, { ...after, [position]: -1 })).toThrow();
  });

  test.each(["token", "session", "partition"] as const)("in the counter of %s", (counter) => {
    const before = positionsOf(aState());
    const counters = { ...before.counters, [counter]: 0 };

    expect(() => checkStep(before, { ...before, revision: revision(2), counters })).toThrow();
  });
});
