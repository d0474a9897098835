import { incarnation, nodeId } from "@rogerd/raft";
import { describe, expect, test } from "vitest";
import { type Log, type LogMessage, silentLog } from "../observe/log.ts";
import type { PeerHello } from "../peers/peer-hello.ts";
import { BoundFounder } from "./bound-founder.ts";

const founders = ["n1", "n2"].map((name, at) => ({ name, host: "h", port: 7501 + at }));

function aFounder(hasEntries: boolean): { founder: BoundFounder; told: LogMessage[] } {
  const told: LogMessage[] = [];
  const keep = (_fields: unknown, message: LogMessage): void => void told.push(message);
  const log: Log = { ...silentLog, error: keep, warn: keep };
  const founder = new BoundFounder({
    log,
    name: "n2",
    clusterId: "c".repeat(32),
    dataDir: "/data/n2",
    founders,
    hasEntries: () => hasEntries,
  });
  return { founder, told };
}

function unbound(name: string): PeerHello {
  return {
    protocol: 1,
    clusterId: undefined,
    nodeId: nodeId("a".repeat(32)),
    name,
    incarnation: incarnation(1),
    peerUrl: "ws://p",
    clientUrl: "ws://c",
    founders,
    memberIds: [],
    credential: "",
  };
}

const lost = "first founder came back without its data";

describe("what a bound founder tells its operator", () => {
  test("the first founder without a cluster, while we have no entry: it lost its data, said once", () => {
    const { founder, told } = aFounder(false);

    founder.metUnbound(unbound("n1"));
    founder.metUnbound(unbound("n1"));

    expect(told).toEqual([lost]);
  });

  test("nothing once there is an entry, and nothing of other founders", () => {
    const [withEntries, without] = [aFounder(true), aFounder(false)];

    withEntries.founder.metUnbound(unbound("n1"));
    without.founder.metUnbound(unbound("n2"));

    expect([...withEntries.told, ...without.told]).toEqual([]);
  });

  test("a list that differs from the members is a warning, once", () => {
    const { founder, told } = aFounder(true);
    const members = ["n1", "n2", "n3"].map((name) => ({
      id: nodeId((name[1] ?? "0").repeat(32)),
      name,
      clientUrl: "ws://c",
      peerUrl: "ws://p",
    }));

    founder.configured({ members: [] });
    founder.configured({ members: members.slice(0, 2) });
    founder.configured({ members });
    founder.configured({ members });

    expect(told).toEqual(["founders differ from those this directory was formed with"]);
  });
});
