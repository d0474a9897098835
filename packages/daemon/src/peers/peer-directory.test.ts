import { type Configuration, nodeId } from "@rogerd/raft";
import { describe, expect, test } from "vitest";
import { PeerDirectory } from "./peer-directory.ts";

const [self, b, c] = [nodeId("a".repeat(32)), nodeId("b".repeat(32)), nodeId("c".repeat(32))];

function configurationOf(...ids: readonly ReturnType<typeof nodeId>[]): Configuration {
  const members = ids.map((id) => ({
    id,
    name: `n-${id[0] ?? ""}`,
    clientUrl: "ws://x:1",
    peerUrl: `ws://configured-${id[0] ?? ""}:1`,
  }));
  return { voters: ids, votersOutgoing: [], learners: [], members, removed: [] };
}

function directory(configuration: Configuration): PeerDirectory {
  const made = new PeerDirectory({ self });
  made.configure(configuration);
  return made;
}

describe("where peers are", () => {
  test("the configuration says with whom to be connected; never with ourselves", () => {
    expect([...directory(configurationOf(self, b, c)).peers()]).toEqual([b, c]);
  });

  test("a change of the configuration changes the directory", () => {
    const changing = directory(configurationOf(self, b, c));

    changing.configure(configurationOf(self, b));

    expect([...changing.peers()]).toEqual([b]);
    expect(changing.addressesOf(c)).toEqual([]);
  });

  test("what a connected peer says counts beside it, and no longer than it is connected", () => {
    const told = directory(configurationOf(self, b));
    told.tell({ nodeId: b, name: "n2", peerUrl: "ws://moved:2" });
    told.tell({ nodeId: c, name: "n3", peerUrl: "ws://told:3" });
    const while3 = [told.addressesOf(b), told.addressesOf(c), told.nameOf(c)];
    told.forget(b);
    told.forget(c);

    expect(while3).toEqual([
      ["ws://configured-b:1/v1/peer", "ws://moved:2/v1/peer"],
      ["ws://told:3/v1/peer"],
      "n3",
    ]);
    expect([...told.peers()]).toEqual([b]);
    expect(told.addressesOf(b)).toEqual(["ws://configured-b:1/v1/peer"]);
  });
});
