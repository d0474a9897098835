import { describe, expect, test } from "vitest";
import { logIndex, nodeId, term } from "./ids.ts";
import { checkStep } from "./invariants.ts";
import { isLegalMove } from "./roles.ts";
import type { Positions } from "./state.ts";

const [a, b] = [nodeId("a".repeat(32)), nodeId("b".repeat(32))];

const before: Positions = {
  role: "leader",
  term: term(4),
  votedFor: a,
  leaderId: a,
  baseIndex: logIndex(2),
  snapshotIndex: logIndex(3),
  appliedIndex: logIndex(4),
  commitIndex: logIndex(5),
  persistedIndex: logIndex(6),
  lastIndex: logIndex(7),
};

describe("a step", () => {
  test.each([
    { change: { term: term(3) }, claim: "the term never decreases" },
    { change: { votedFor: b }, claim: "a vote, once given, stands for its term" },
    { change: { votedFor: undefined }, claim: "a vote, once given, stands for its term" },
    { change: { leaderId: b }, claim: "a term has one leader" },
    { change: { commitIndex: logIndex(4) }, claim: "what is committed stays committed" },
    { change: { appliedIndex: logIndex(3) }, claim: "what is applied stays applied" },
    { change: { snapshotIndex: logIndex(2) }, claim: "a newer snapshot is never replaced" },
    { change: { baseIndex: logIndex(1) }, claim: "what was compacted does not come back" },
    { change: { lastIndex: logIndex(6) }, claim: "a leader only appends to its log" },
  ])("keeps: $claim", ({ change, claim }) => {
    expect(() => checkStep(before, { ...before, ...change })).toThrow(claim);
  });

  test("into a later term starts with no vote and no leader", () => {
    const after = { ...before, role: "follower", term: term(5), votedFor: b, leaderId: b } as const;

    expect(() => checkStep(before, after)).not.toThrow();
  });

  test("moves between roles as Figure 3.3 says, with a pre-candidate in between", () => {
    const roles = ["follower", "pre-candidate", "candidate", "leader"] as const;
    const moves = roles.map((from) => roles.filter((to) => isLegalMove({ from, to })).join(" "));

    expect(moves).toEqual([
      "follower pre-candidate candidate",
      "follower pre-candidate candidate",
      "follower pre-candidate leader",
      "follower",
    ]);
  });
});
