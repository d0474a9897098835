import { type Configuration, logIndex, type MembershipOutcome, nodeId, term } from "@rogerd/raft";
import { describe, expect, test } from "vitest";
import { silentLog } from "../observe/log.ts";
import { invitedId } from "./invitation.ts";
import { JoinDesk } from "./join-desk.ts";
import type { JoinAnswer } from "./join-frames.ts";

const platform = {
  digest: (bytes: Uint8Array) => new Uint8Array(32).fill(bytes.byteLength),
  isSameSecret: ({ given, expected }: { readonly given: string; readonly expected: string }) =>
    given === expected,
};
const [leader, newcomer] = ["1", "2"].map((digit) => nodeId(digit.repeat(32)));
const clusterId = "c".repeat(32);
const secret = "an invitation";
const invited = invitedId(secret, platform);

function configurationWith(learner: ReturnType<typeof nodeId>): Configuration {
  const member = (id: typeof learner, name: string) => {
    return { id, name, clientUrl: `ws://${name}:7401`, peerUrl: `ws://${name}:7501` };
  };
  if (leader === undefined) throw new Error("somebody leads");
  const members = [member(leader, "n1"), member(learner, "n2")];
  return { voters: [leader], votersOutgoing: [], learners: [learner], members, removed: [] };
}

/** The desk of a leader whose change of the membership comes to this. */
function answerWhere(outcome: MembershipOutcome, learner = invited): Promise<JoinAnswer> {
  if (leader === undefined || newcomer === undefined) throw new Error("there are two nodes");
  const last = logIndex(9);
  const status = {
    nodeId: leader,
    role: "leader",
    term: term(3),
    leaderId: leader,
    lastIndex: last,
    persistedIndex: last,
    commitIndex: last,
    appliedIndex: last,
    snapshotIndex: logIndex(0),
    configuration: configurationWith(learner),
    hasAppliedOwnTerm: true,
    isDiskStalled: false,
    isDiskNearlyFull: false,
    followers: [],
  } as const;
  const node = { status: () => status, changeMembership: () => Promise.resolve(outcome) };
  const desk = new JoinDesk({ platform, log: silentLog, node, clusterId, peerSecret: undefined });
  return desk.answer({ secret, nodeId: newcomer, name: "n2", credential: "" });
}

describe("a node that knows the secret of an invitation", () => {
  test("has joined once its place is committed", async () => {
    const index = logIndex(10);

    expect(await answerWhere({ kind: "changed", index })).toEqual({ kind: "joined", clusterId });
  });

  test("is told to ask again where nobody can tell whether that will come about", async () => {
    const sentence = "leadership moved before it was through";
    const lost = { kind: "indeterminate", cause: "leadership-lost" } as const;

    expect(await answerWhere(lost)).toEqual({ kind: "later", sentence });
    expect(await answerWhere({ kind: "not-leader", leaderId: undefined })).toEqual({
      kind: "later",
      sentence,
    });
  });

  test("has joined when it asks again and the place that it took is committed", async () => {
    const used = { kind: "refused", reason: "not-a-member" } as const;

    expect(await answerWhere(used, newcomer)).toEqual({ kind: "joined", clusterId });
  });

  test("is told to ask again while another change is under way", async () => {
    const busy = { kind: "refused", reason: "change-under-way" } as const;

    expect(await answerWhere(busy)).toMatchObject({ kind: "later" });
  });
});
