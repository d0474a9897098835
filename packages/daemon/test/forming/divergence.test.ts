import { describe, expect, test } from "vitest";
import { type Station, stations, until } from "../daemons.ts";

describe("a node whose state differs from the majority's (DESIGN §5)", () => {
  test("stops serving, installs the majority's snapshot, and serves again", async () => {
    await using cluster = await stations(3, (settings) => ({
      ...settings,
      stateHashEveryEntries: 4,
    }));
    const n3 = cluster.station("n3");
    n3.change = (platform) => ({
      ...platform,
      // Its state is not what the others have, until it is found out: every hash is another.
      digest: (bytes) => {
        const digest = platform.digest(bytes);
        const isFoundOut = n3.said("state differs from the majority").length > 0;
        return isFoundOut ? digest : digest.map((byte) => byte ^ 0xff);
      },
    });
    await cluster.startAll();
    await until("formed", () => cluster.isSettled());

    for (let at = 0; at < 12; at += 1) await pauseAt(leaderOf(cluster.all), `queue-${at}`);
    await until("n3 notices", () => n3.said("state differs from the majority").length > 0);
    await until("n3 has their snapshot", () => n3.said("snapshot installed").length > 0);
    await until("n3 is ready", () => n3.isServing);

    const others = [cluster.station("n1"), cluster.station("n2")];
    expect(others.flatMap((each) => each.said("state differs from the majority"))).toEqual([]);
    expect(others.flatMap((each) => each.said("no majority agrees on the state"))).toEqual([]);
  });
});

function leaderOf(all: readonly Station[]): Station {
  const leader = all.find((each) => each.daemon.status().raft?.role === "leader");
  if (leader === undefined) throw new Error("nobody leads");
  return leader;
}

async function pauseAt(station: Station, queue: string): Promise<void> {
  const { host, port } = station.daemon.endpoints().client;
  for (const [command, args] of [
    ["partition.start", {}],
    ["roger.queuePause", { queue }],
  ] as const) {
    await fetch(`http://${host}:${port}/v1/command`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ partition: "acme", command, args }),
    });
  }
}
