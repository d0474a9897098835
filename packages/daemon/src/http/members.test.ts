import { logIndex, type MembershipOutcome, nodeId } from "@rogerd/raft";
import { describe, expect, test } from "vitest";
import { type APort, aPort, postJson } from "../../test/outer/a-port.ts";
import { anInvitation } from "../../test/outer/fake-node.ts";
import { memberPath } from "./change-member.ts";
import { membersPath } from "./members.ts";

const ids = { n1: nodeId("1".repeat(32)), n2: nodeId("2".repeat(32)) };

const post = (port: APort, path: string, body: unknown) => postJson(port, { path, body });

describe("members", () => {
  test("are told by the leader, with their part in the cluster and how far they are", async () => {
    const port = await aPort();

    const { status, value } = await post(port, membersPath, {});

    const n1 = { id: ids.n1, name: "n1", role: "voter", leads: true, matchIndex: 1 };
    const n2 = { id: ids.n2, name: "n2", role: "learner", leads: false, matchIndex: 0 };
    expect(status).toBe(200);
    expect(value).toMatchObject({
      lastIndex: 1,
      joint: false,
      members: [
        { ...n1, msSinceHeard: 0 },
        { ...n2, msSinceHeard: null },
      ],
    });
  });

  test("are asked of the leader by who asks a follower", async () => {
    const port = await aPort();
    port.node.follow("n2");

    expect(await post(port, membersPath, {})).toMatchObject({
      status: 307,
      location: `http://127.0.0.1:7402${membersPath}`,
    });
  });
});

describe("a change of membership", () => {
  test("add makes an invitation, and tells its secret once", async () => {
    const port = await aPort();
    const body = { name: "n3", peer: "10.0.0.3:7501", client: "10.0.0.3:7401" };

    const answer = await post(port, memberPath("add"), body);

    const { id, secret } = anInvitation;
    const member = {
      id,
      name: "n3",
      clientUrl: "ws://10.0.0.3:7401",
      peerUrl: "ws://10.0.0.3:7501",
    };
    const { status, value } = answer;
    const told = { name: "n3", index: 7, secret, join: "127.0.0.1:7501" };
    expect([status, value]).toEqual([200, { changed: true, ...told }]);
    expect(port.node.changes).toEqual([{ change: { kind: "add-learner", member }, guard: "kept" }]);
  });

  test.each([
    ["promote", { name: "n2" }, { kind: "promote", id: ids.n2 }, "kept"],
    ["remove", { name: "n2", force: true }, { kind: "remove", id: ids.n2 }, "waived"],
    ["remove", { name: ids.n2 }, { kind: "remove", id: ids.n2 }, "kept"],
    [
      "replace",
      { name: "n1", by: "n2" },
      { kind: "replace", id: ids.n1, member: { id: ids.n2, name: "n2" } },
      "kept",
    ],
    [
      "update",
      { name: "n2", peer: "[::1]:9000" },
      {
        kind: "update-address",
        id: ids.n2,
        peerUrl: "ws://[::1]:9000",
        clientUrl: "ws://127.0.0.1:7402",
      },
      "kept",
    ],
  ] as const)("%s is asked of the node: %j", async (action, body, change, guard) => {
    const port = await aPort();

    const { status, value } = await post(port, memberPath(action), body);

    expect([status, value]).toEqual([200, { changed: true, name: body.name, index: 7 }]);
    expect(port.node.changes).toMatchObject([{ change, guard }]);
  });

  test.each([
    ["add", {}, "name"],
    ["add", { name: "a b" }, "name"],
    ["add", { name: "n3", peer: "10.0.0.3:7501" }, "client"],
    ["add", { name: "n3", peer: "10.0.0.3:0", client: "10.0.0.3:7401" }, "peer"],
    ["add", { name: "n3", peer: "10.0.0.3:7501", client: "10.0.0.3:7501" }, "client"],
    ["replace", { name: "n1" }, "by"],
    ["update", { name: "n1" }, "peer"],
    ["update", { name: "n1", client: 7 }, "client"],
    ["remove", { name: "n1", force: "yes" }, "force"],
  ] as const)("%s of %j is asked of nobody: %s is wrong", async (action, body, path) => {
    const port = await aPort();

    expect(await post(port, memberPath(action), body)).toMatchObject({
      status: 400,
      value: { error: { code: "invalid_argument", path } },
    });
    expect(port.node.changes).toEqual([]);
  });

  test("about nobody is a no, and nothing is asked of the node", async () => {
    const port = await aPort();

    for (const [action, body] of [
      ["promote", { name: "n9" }],
      ["replace", { name: "n9", by: "n1" }],
      ["replace", { name: "n1", by: "n9" }],
    ] as const) {
      const message = expect.stringMatching(/^n9: /);
      expect(await post(port, memberPath(action), body)).toMatchObject({
        status: 200,
        value: { changed: false, reason: "not-a-member", message },
      });
    }
    expect(port.node.changes).toEqual([]);
  });

  test("that a replacing node is not ready for is told of that node", async () => {
    const port = await aPort();
    port.node.membershipOutcome = { kind: "refused", reason: "not-caught-up" };

    const { value } = await post(port, memberPath("replace"), { name: "n1", by: "n2" });

    expect(value).toMatchObject({ name: "n1", message: expect.stringMatching(/^n2: /) });
  });

  test.each<[MembershipOutcome, number, object]>([
    [
      { kind: "refused", reason: "not-caught-up" },
      200,
      { changed: false, reason: "not-caught-up" },
    ],
    [{ kind: "refused", reason: "term-not-begun" }, 503, { error: { code: "unavailable" } }],
    [
      { kind: "not-leader", leaderId: ids.n2 },
      503,
      { error: { code: "unavailable", retryable: true } },
    ],
    [
      { kind: "indeterminate", cause: "leadership-lost" },
      504,
      { error: { code: "indeterminate" } },
    ],
    [{ kind: "changed", index: logIndex(9) }, 200, { changed: true, index: 9 }],
  ])("that comes to %j is answered %i", async (outcome, status, value) => {
    const port = await aPort();
    port.node.membershipOutcome = outcome;

    expect(await post(port, memberPath("promote"), { name: "n2" })).toMatchObject({
      status,
      value,
    });
  });

  test("at a follower is sent on to the leader", async () => {
    const port = await aPort();
    port.node.follow("n2");

    expect(await post(port, memberPath("promote"), { name: "n2" })).toMatchObject({
      status: 307,
      location: `http://127.0.0.1:7402${memberPath("promote")}`,
    });
    expect(port.node.changes).toEqual([]);
  });
});
