import { EMPTY_CONFIGURATION, logIndex, nodeId, type RaftStatus, term } from "@rogerd/raft";
import { describe, expect, test } from "vitest";
import { healthOf, type Vitals } from "./health.ts";

const id = nodeId("a".repeat(32));
const raft: RaftStatus = {
  nodeId: id,
  role: "follower",
  term: term(3),
  leaderId: id,
  lastIndex: logIndex(50_000),
  persistedIndex: logIndex(50_000),
  commitIndex: logIndex(50_000),
  appliedIndex: logIndex(49_990),
  snapshotIndex: logIndex(0),
  configuration: EMPTY_CONFIGURATION,
  hasAppliedOwnTerm: false,
  isDiskStalled: false,
  isDiskNearlyFull: false,
  followers: [],
};
const well: Vitals = { raft, notServing: undefined, isStopping: false };

function failing(change: Partial<Vitals>): readonly string[] {
  const { checks } = healthOf({ ...well, ...change });
  return checks.filter(({ failure }) => failure !== undefined).map(({ name }) => name);
}

describe("is a node ready?", () => {
  test("a follower that knows its leader and has nearly caught up is", () => {
    expect(healthOf(well).isReady).toBe(true);
  });

  test("each thing that is wrong has a check of its own, which says so", () => {
    expect(failing({ raft: { ...raft, leaderId: undefined } })).toEqual(["leader"]);
    expect(failing({ raft: { ...raft, appliedIndex: logIndex(10) } })).toEqual(["applied"]);
    expect(failing({ raft: { ...raft, isDiskStalled: true } })).toEqual(["disk"]);
    expect(failing({ notServing: "it differs" })).toEqual(["state"]);
    expect(failing({ isStopping: true })).toEqual(["running"]);
  });
});
