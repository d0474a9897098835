// What each change makes of a configuration, and what is refused.
import { describe, expect, test } from "vitest";
import { clusterOf, configurationOf, idOf, memberOf } from "../../test/cluster.ts";
import { type Configuration, makeConfiguration, membersMax, removedMax } from "./configuration.ts";
import type { MembershipRefusal } from "./effect.ts";
import type { MembershipChange } from "./input.ts";
import { leftJoint } from "./membership-change.ts";

const names = ["n1", "n2", "n3", "n4"];
/** `n9` was removed once. */
const before = configurationOf({
  voters: ["n1", "n2", "n3"],
  learners: ["n4"],
  removed: ["n9"],
});
const many = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, at) => `n${1_000 + at}`);
const elsewhere = { clientUrl: "ws://n4.example:1", peerUrl: "ws://n4.example:2" };

function settled(change: MembershipChange): Configuration {
  const cluster = clusterOf(names, { configuration: before });
  cluster.change("n1", change);
  cluster.settle();
  return cluster.node("n2").core.status().configuration;
}

function refusal(change: MembershipChange, found = before): MembershipRefusal | undefined {
  const cluster = clusterOf(names, { configuration: found });
  const { lastIndex } = cluster.node("n1").core.positions;
  const answer = cluster.change("n1", change)();
  expect(cluster.node("n1").core.positions.lastIndex).toBe(lastIndex);
  return answer?.kind === "membership-refused" ? answer.reason : undefined;
}

describe("a change of membership", () => {
  test.each<{ says: string; change: MembershipChange; after: Configuration }>([
    {
      says: "adds a learner",
      change: { kind: "add-learner", member: memberOf("n5") },
      after: configurationOf({
        voters: ["n1", "n2", "n3"],
        learners: ["n4", "n5"],
        removed: ["n9"],
      }),
    },
    {
      says: "makes a voter of a learner",
      change: { kind: "promote", id: idOf("n4") },
      after: configurationOf({ voters: names, removed: ["n9"] }),
    },
    {
      says: "removes a voter for good",
      change: { kind: "remove", id: idOf("n3") },
      after: configurationOf({ voters: ["n1", "n2"], learners: ["n4"], removed: ["n3", "n9"] }),
    },
    {
      says: "removes a learner for good",
      change: { kind: "remove", id: idOf("n4") },
      after: configurationOf({ voters: ["n1", "n2", "n3"], removed: ["n4", "n9"] }),
    },
    {
      says: "puts a learner in a voter's place",
      change: { kind: "replace", id: idOf("n3"), member: memberOf("n4") },
      after: configurationOf({ voters: ["n1", "n2", "n4"], removed: ["n3", "n9"] }),
    },
    {
      says: "puts a new learner in a learner's place, under its name if it wants",
      change: {
        kind: "replace",
        id: idOf("n4"),
        member: { ...memberOf("n5"), name: "n4" },
      },
      after: makeConfiguration({
        ...configurationOf({ voters: ["n1", "n2", "n3"], learners: ["n5"] }),
        members: [...["n1", "n2", "n3"].map(memberOf), { ...memberOf("n5"), name: "n4" }],
        removed: [idOf("n4"), idOf("n9")],
      }),
    },
    {
      says: "changes an address and leaves a learner a learner (M14)",
      change: { kind: "update-address", id: idOf("n4"), ...elsewhere },
      after: makeConfiguration({
        ...before,
        members: [...["n1", "n2", "n3"].map(memberOf), { ...memberOf("n4"), ...elsewhere }],
      }),
    },
  ])("$says", ({ change, after }) => {
    expect(settled(change)).toEqual(after);
  });

  test.each<{ change: MembershipChange; reason: MembershipRefusal }>([
    { change: { kind: "add-learner", member: memberOf("n2") }, reason: "already-a-member" },
    { change: { kind: "add-learner", member: memberOf("n9") }, reason: "removed-before" },
    {
      change: { kind: "add-learner", member: { ...memberOf("n5"), name: "n1" } },
      reason: "name-taken",
    },
    {
      change: {
        kind: "add-learner",
        member: { ...memberOf("n5"), peerUrl: memberOf("n1").peerUrl },
      },
      reason: "address-taken",
    },
    {
      change: {
        ...elsewhere,
        kind: "update-address",
        id: idOf("n4"),
        peerUrl: memberOf("n1").peerUrl,
      },
      reason: "address-taken",
    },
    { change: { kind: "promote", id: idOf("n1") }, reason: "not-a-learner" },
    { change: { kind: "promote", id: idOf("n5") }, reason: "not-a-member" },
    { change: { kind: "remove", id: idOf("n5") }, reason: "not-a-member" },
    { change: { kind: "remove", id: idOf("n9") }, reason: "not-a-member" },
    {
      change: { kind: "replace", id: idOf("n3"), member: memberOf("n5") },
      reason: "not-a-learner",
    },
    {
      change: { kind: "replace", id: idOf("n3"), member: memberOf("n2") },
      reason: "not-a-learner",
    },
    {
      change: { kind: "replace", id: idOf("n4"), member: memberOf("n9") },
      reason: "removed-before",
    },
    {
      change: { kind: "replace", id: idOf("n4"), member: memberOf("n4") },
      reason: "already-a-member",
    },
    { change: { kind: "replace", id: idOf("n5"), member: memberOf("n4") }, reason: "not-a-member" },
    { change: { kind: "update-address", ...memberOf("n4") }, reason: "unchanged" },
    { change: { kind: "update-address", ...memberOf("n5") }, reason: "not-a-member" },
  ])("that does not fit is refused, and changes nothing: $change.kind, $reason", (asked) => {
    expect(refusal(asked.change)).toBe(asked.reason);
  });

  test("that leaves no voter is refused", () => {
    const alone = configurationOf({ voters: ["n1"] });

    expect(refusal({ kind: "remove", id: idOf("n1") }, alone)).toBe("last-voter");
  });

  test("that makes more members than a configuration has room for is refused", () => {
    const voters = ["n1", "n2", "n3"];
    const full = configurationOf({ voters, learners: many(membersMax - voters.length) });

    expect(refusal({ kind: "add-learner", member: memberOf("n5") }, full)).toBe("too-many-members");
  });

  test.each<{ change: MembershipChange }>([
    { change: { kind: "remove", id: idOf("n3") } },
    { change: { kind: "remove", id: idOf("n4") } },
    { change: { kind: "replace", id: idOf("n3"), member: memberOf("n4") } },
    { change: { kind: "replace", id: idOf("n4"), member: memberOf("n5") } },
  ])("that removes more than can be remembered is refused: $change.kind", ({ change }) => {
    const full = makeConfiguration({ ...before, removed: many(removedMax).map(idOf) });

    expect(refusal(change, full)).toBe("too-many-removed");
  });

  test("is refused by who does not lead", () => {
    const cluster = clusterOf(names, { configuration: before });

    const answer = cluster.change("n2", { kind: "promote", id: idOf("n4") });

    expect(answer()).toMatchObject({ kind: "membership-refused", reason: "not-leader" });
  });

  test("is refused while leadership is on its way to another", () => {
    const cluster = clusterOf(names, { configuration: before });
    cluster.transfer("n1", "n2");

    const answer = cluster.change("n1", { kind: "promote", id: idOf("n4") });

    expect(answer()).toMatchObject({ kind: "membership-refused", reason: "transferring" });
  });
});

describe("leaving a joint configuration", () => {
  test("buries who was only in the outgoing half, and nobody else", () => {
    const joint = configurationOf({
      voters: ["n2", "n3", "n4"],
      votersOutgoing: ["n1", "n2", "n3"],
      learners: ["n5"],
      removed: ["n9"],
    });

    expect(leftJoint(joint)).toEqual(
      configurationOf({
        voters: ["n2", "n3", "n4"],
        learners: ["n5"],
        removed: ["n1", "n9"],
      }),
    );
  });
});
