// A node on the real log and the real snapshot files, on a disk that loses what was not synced.
import { describe, expect, test } from "vitest";
import { assert } from "../../src/core/assert.ts";
import { incarnation, nodeId } from "../../src/core/ids.ts";
import { RaftNode } from "../../src/node/raft-node.ts";
import { defaultRaftNodeSettings } from "../../src/node/settings.ts";
import { MemoryDisk } from "../../src/storage/memory-disk.ts";
import { FilesystemPersister } from "../../src/storage/snapshot/filesystem-persister.ts";
import { openLogStorage } from "../../src/storage/wal/open-log-storage.ts";
import { Observed, watch } from "../driver-cluster.ts";
import { ListMachine, payload } from "../list-machine.ts";
import { VirtualNetwork } from "../virtual-network.ts";
import { VirtualPlatform, VirtualProcess, VirtualWorld } from "../virtual-platform.ts";

const identity = { clusterId: "c".repeat(32), nodeId: nodeId("1".repeat(32)), group: 0 };
const settings = { ...defaultRaftNodeSettings, snapshotEveryEntries: 20, trailingEntries: 5 };
const configuration = {
  voters: [identity.nodeId],
  votersOutgoing: [],
  learners: [],
  members: [
    { id: identity.nodeId, name: "n1", clientUrl: "ws://127.0.0.1:1", peerUrl: "ws://127.0.0.1:2" },
  ],
  removed: [],
};

/** One run of the only node, on this disk. */
async function aRun(world: VirtualWorld, disk: MemoryDisk, count: number) {
  const process = new VirtualProcess(world);
  const run = incarnation(count);
  const machine = new ListMachine();
  const observed = new Observed();
  const limits = { segmentBytes: 64 * 1024, reserveBytes: 64 * 1024 };
  const storage = await openLogStorage({
    disk,
    directory: "/data/group-0/wal",
    identity,
    incarnation: run,
    limits,
  });
  const raft = await RaftNode.start<number>({
    identity: { ...identity, incarnation: run },
    settings,
    storage,
    persister: new FilesystemPersister({ disk, directory: "/data/group-0/snapshots" }),
    stateMachine: machine,
    transport: new VirtualNetwork(world).connect({
      nodeId: identity.nodeId,
      incarnation: run,
      process,
    }),
    platform: new VirtualPlatform({ world, process, disk }),
    observer: observed,
  });
  if (count === 1) void raft.bootstrap(configuration);
  await world.runUntil(() => raft.status().hasAppliedOwnTerm, {
    withinMs: 2_000,
    what: "the node leads",
  });
  return { raft, process, machine, observed };
}

describe("a node on the real log", () => {
  test("loses nothing acknowledged over power cuts at any moment, snapshots included", async () => {
    const world = new VirtualWorld(7);
    const disk = new MemoryDisk();
    const acknowledged: string[] = [];
    let stored = 0;
    let number = 0;

    for (let count = 1; count <= 12; count += 1) {
      const { raft, process, machine, observed } = await aRun(world, disk, count);
      const held = new Set(machine.items);
      expect(acknowledged.filter((text) => !held.has(text))).toEqual([]);
      const proposals = Array.from({ length: 15 }, () => {
        number += 1;
        const text = `item ${number}`;
        return { text, outcome: watch(raft.propose(payload(text))) };
      });
      // Virtual time stands still for this disk, so the cut comes after so many of its operations.
      let operations = world.draw() % 200;
      disk.watch({
        before: () => {
          operations -= 1;
          return operations < 0 ? new Promise<void>(() => undefined) : undefined;
        },
      });
      await world.runFor(50);
      for (const { text, outcome } of proposals) {
        if (outcome.outcome?.kind === "applied") acknowledged.push(text);
      }
      stored += observed.stored.length;
      assert(observed.failures.length === 0, "a hung disk is no failure yet");
      process.kill();
      disk.watch({});
      disk.crash({ keep: () => world.draw() % 2 === 0 });
    }

    expect(acknowledged.length).toBeGreaterThan(20);
    expect(stored).toBeGreaterThan(1);
  });
});
