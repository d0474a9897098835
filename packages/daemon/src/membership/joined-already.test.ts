import { nodeId } from "@rogerd/raft";
import { describe, expect, test } from "vitest";
import { type Log, type LogFields, type LogMessage, silentLog } from "../observe/log.ts";
import { JoinedAlready } from "./joined-already.ts";

const [self, invited, other] = ["1", "2", "3"].map((digit) => nodeId(digit.repeat(32)));
const member = (id: typeof self) => {
  if (id === undefined) throw new Error("there are three ids");
  return { id, name: "n", clientUrl: "ws://h:7401", peerUrl: "ws://h:7501" };
};

type Line = LogFields & { readonly level: string; readonly message: LogMessage };

function started(): { readonly joined: JoinedAlready; readonly lines: Line[] } {
  const lines: Line[] = [];
  const at = (level: string) => (fields: LogFields, message: LogMessage) => {
    lines.push({ ...fields, level, message });
  };
  const log: Log = { ...silentLog, info: at("info"), warn: at("warn") };
  const joined = new JoinedAlready({
    log,
    self: { id: member(self).id, name: "n2" },
    clusterId: "c".repeat(32),
    dataDir: "/data/n2",
    join: "h:7501",
    invitedId: member(invited).id,
  });
  return { joined, lines };
}

describe("a node that belongs to a cluster and is started with --join", () => {
  test("says that it is not read", () => {
    const { lines } = started();

    expect(lines).toEqual([
      {
        level: "info",
        message: "join is not read: the directory belongs to a cluster",
        node: "n2",
        cluster: "c".repeat(32),
        directory: "/data/n2",
        join: "h:7501",
      },
    ]);
  });

  test("says nothing more where its secret, used or not, is one of this cluster", () => {
    const { joined, lines } = started();

    joined.configured({ members: [member(self)], removed: [member(invited).id] });
    joined.configured({ members: [member(self), member(invited)], removed: [] });

    expect(lines).toHaveLength(1);
  });

  test("knows nothing before it has the entry that let it in", () => {
    const { joined, lines } = started();

    joined.configured({ members: [], removed: [] });
    joined.configured({ members: [member(other)], removed: [] });

    expect(lines).toHaveLength(1);
  });

  test("warns once where its secret is of another cluster", () => {
    const { joined, lines } = started();

    joined.configured({ members: [member(self)], removed: [member(other).id] });
    joined.configured({ members: [member(self)], removed: [member(other).id] });

    expect(lines.slice(1)).toMatchObject([
      {
        level: "warn",
        message: "the join secret is of another cluster",
        says: expect.stringMatching(/goes on in cluster c{32}.*an empty --data-dir/),
      },
    ]);
  });
});
