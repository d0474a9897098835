import { DiskError, nodeId, recoverRejoin } from "@rogerd/raft";
import { describe, expect, test } from "vitest";
import { stations, until } from "../daemons.ts";

describe("daemons on real sockets", () => {
  test("a node without founders is a cluster of one, and finds its data again", async () => {
    await using cluster = await stations(1, (settings) => ({ ...settings, founders: [] }));
    const n1 = cluster.station("n1");

    await n1.start();
    await until("n1 leads", () => cluster.leader() === n1);
    const before = n1.daemon.status();
    await n1.stop();
    await n1.start();
    await until("n1 leads again", () => cluster.leader() === n1);

    expect(n1.failure).toBeUndefined();
    expect(n1.daemon.status().clusterId).toBe(before.clusterId);
    expect(n1.daemon.status().raft?.term).toBeGreaterThan(before.raft?.term ?? 0);
  });

  test("a node beside data that was set aside founds nothing alone: it would give out the same keys", async () => {
    await using cluster = await stations(1, (settings) => ({ ...settings, founders: [] }));
    const n1 = cluster.station("n1");
    const { dataDir } = n1.settings;
    await n1.start();
    await until("n1 leads", () => cluster.leader() === n1);
    await n1.kill({ keep: "everything" });
    // Whole, the data of an only voter is not set aside.
    n1.disk.flipBit({ path: `${dataDir}/node.json`, at: 20, bit: 1 });
    const later = { pid: 99, startTimeOf: async () => "now" };
    const folder = { disk: n1.disk, directory: dataDir, process: later };
    await recoverRejoin({ ...folder, newNodeId: nodeId("e".repeat(32)) });

    await n1.start();
    await until("n1 ends", () => n1.failure !== undefined);

    expect(n1.failure).toMatchObject({ exitCode: 78 });
    expect(n1.failure?.sentence).toMatch(
      /set-aside-1.*`rogerctl member add n1 --peer 127[\d.:]+ --client 127[\d.:]+`.*with --join/,
    );
  });

  test("a data directory that can't be made is a wrong setting", async () => {
    await using cluster = await stations(1);
    const n1 = cluster.station("n1");
    const problem = { code: "not-found", path: "/proc/x", message: "ENOENT" } as const;
    n1.disk.watch({
      before: ({ kind }) =>
        kind === "make-directory" ? Promise.reject(new DiskError(problem)) : undefined,
    });

    await n1.start();

    expect(n1.failure).toEqual({
      exitCode: 78,
      sentence:
        "--data-dir: it can't be made: /proc/x: ENOENT. Name a folder that can be made, and that this user may write.",
    });
  });

  test("three founders form one cluster and agree on one leader", async () => {
    await using cluster = await stations(3);

    await cluster.startAll();
    await until("all serve and know the leader", () => cluster.isSettled());

    const leader = cluster.leader()?.daemon.status();
    expect(cluster.clusterIds()).toEqual([leader?.clusterId]);
    expect(leader?.raft?.configuration.members.map((member) => member.name).sort()).toEqual([
      "n1",
      "n2",
      "n3",
    ]);
    expect(cluster.station("n1").said("cluster founded")).toHaveLength(1);
    expect(cluster.station("n2").said("cluster founded")).toEqual([]);
    expect(cluster.station("n3").said("cluster founded")).toEqual([]);
  });

  test("a leader that stops hands over, and comes back as a follower of the same cluster", async () => {
    await using cluster = await stations(3);
    await cluster.startAll();
    await until("all serve and know the leader", () => cluster.isSettled());
    const before = cluster.clusterIds();
    const first = cluster.leader();

    await first?.stop();
    await until("another leads", () => cluster.leader() !== undefined);
    await first?.start();
    await until("all serve and know the leader again", () => cluster.isSettled());

    expect(first?.said("leadership handed over")).toHaveLength(1);
    expect(cluster.leader()).not.toBe(first);
    expect(cluster.clusterIds()).toEqual(before);
  });

  test("a killed leader is replaced, and all stations killed at once find their cluster again", async () => {
    await using cluster = await stations(3);
    await cluster.startAll();
    await until("all serve and know the leader", () => cluster.isSettled());
    const before = cluster.clusterIds();

    const first = cluster.leader();
    await first?.kill({ keep: "nothing" });
    await until("another leads", () => cluster.leader() !== undefined);
    for (const station of cluster.all) await station.kill({ keep: "nothing" });
    await cluster.startAll();
    await until("all serve and know the leader again", () => cluster.isSettled());

    expect(cluster.clusterIds()).toEqual(before);
  });
});
