import { incarnation, nodeId } from "@rogerd/raft";
import { describe, expect, test } from "vitest";
import { type Knowledge, objectionTo } from "./handshake.ts";
import type { PeerHello } from "./peer-hello.ts";

const known: Knowledge = {
  nodeId: nodeId("a".repeat(32)),
  clusterId: "1".repeat(32),
  secret: "s3cret",
  isSameSecret: ({ given, expected }) => given === expected,
  newestIncarnation: () => incarnation(4),
  isRemoved: () => false,
};

const hello: PeerHello = {
  protocol: 1,
  clusterId: "1".repeat(32),
  nodeId: nodeId("b".repeat(32)),
  name: "n2",
  incarnation: incarnation(4),
  peerUrl: "ws://127.0.0.1:7502",
  clientUrl: "ws://127.0.0.1:7402",
  founders: [],
  memberIds: [],
  credential: "s3cret",
};

function codeFor(change: Partial<PeerHello>, knowledge: Partial<Knowledge> = {}): string {
  return objectionTo({ ...hello, ...change }, { ...known, ...knowledge })?.code ?? "welcome";
}

describe("the peer handshake", () => {
  test("a peer of our cluster with our secret is welcome", () => {
    expect(codeFor({})).toBe("welcome");
  });

  test("a peer with another secret, or none, is refused", () => {
    expect([codeFor({ credential: "guess" }), codeFor({ credential: "" })]).toEqual([
      "credential",
      "credential",
    ]);
  });

  test("without a secret of ours anybody may", () => {
    expect(codeFor({ credential: "anything" }, { secret: undefined })).toBe("welcome");
  });

  test("a peer of another cluster is refused, one without a cluster is left to the caller", () => {
    expect(codeFor({ clusterId: "2".repeat(32) })).toBe("cluster");
    expect(codeFor({ clusterId: undefined })).toBe("welcome");
    expect(codeFor({}, { clusterId: undefined })).toBe("welcome");
  });

  test("an older run of a node is refused, a newer one is welcome", () => {
    expect(codeFor({ incarnation: incarnation(3) })).toBe("incarnation");
    expect(codeFor({ incarnation: incarnation(5) })).toBe("welcome");
  });

  test("a peer that was removed is refused, whatever run it is", () => {
    const isRemoved: Knowledge["isRemoved"] = (id) => id === hello.nodeId;

    expect(codeFor({}, { isRemoved })).toBe("removed");
    expect(codeFor({ incarnation: incarnation(1) }, { isRemoved })).toBe("removed");
  });

  test("a peer that has our own id is refused: a copied directory, or ourselves", () => {
    expect(codeFor({ nodeId: known.nodeId })).toBe("same-node");
  });

  test("who does not know the secret learns nothing but that", () => {
    const stranger = {
      credential: "guess",
      clusterId: "2".repeat(32),
      incarnation: incarnation(1),
    };

    const objection = objectionTo({ ...hello, ...stranger }, known);

    expect(objection?.code).toBe("credential");
    expect(objection?.sentence).not.toContain(known.clusterId);
  });

  test("another protocol version is told before anything else", () => {
    expect(codeFor({ protocol: 2, credential: "guess" })).toBe("version");
  });
});
