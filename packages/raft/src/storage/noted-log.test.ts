import { describe, expect, test } from "vitest";
import { inTerm, members, self } from "../../test/storage/situations.ts";
import { logIndex } from "../core/ids.ts";
import { bindIdentity, type NodeRecord, readIdentity, startIdentity } from "./data-folder.ts";
import { MemoryDisk } from "./memory-disk.ts";
import { notedLog } from "./noted-log.ts";
import type { LogStorage } from "./storage.ts";
import { openLogStorage } from "./wal/open-log-storage.ts";

const directory = "/var/data";
const clusterId = "c".repeat(32);
const batch = { records: [inTerm(1), members(1, [self])], commitIndex: logIndex(0) };

async function started(
  disk: MemoryDisk,
): Promise<{ readonly record: NodeRecord; readonly log: LogStorage }> {
  const made = await startIdentity({ disk, directory, newNodeId: () => self });
  const record = await bindIdentity({ disk, directory, record: made, clusterId });
  const storage = await openLogStorage({
    disk,
    directory: `${directory}/group-0/wal`,
    identity: { clusterId, nodeId: record.nodeId, group: 0 },
    incarnation: record.incarnation,
    limits: { segmentBytes: 8_192, reserveBytes: 0 },
    expect: record.hasLog ? "existing" : "any",
  });
  return { record, log: notedLog({ disk, directory, record, storage }) };
}

describe("node.json knows that the log holds something", () => {
  test("not before it does: who never wrote may start again with an empty log", async () => {
    const disk = new MemoryDisk();
    const runs: boolean[] = [];
    for (let run = 0; run < 3; run += 1) {
      const { record, log } = await started(disk);
      runs.push(record.hasLog);
      await log.close();
      disk.crash({ keep: "everything" });
    }

    expect(runs).toEqual([false, false, false]);
  });

  test("before the first append resolves, wherever the power is cut", async () => {
    const disk = new MemoryDisk();
    const { log } = await started(disk);
    let cuts = 0;
    const left: MemoryDisk[] = [];
    disk.watch({
      before: () => {
        cuts += 1;
        left.push(disk.afterCrash({ keep: "nothing" }));
        return undefined;
      },
    });

    await log.append(batch);

    const after = disk.afterCrash({ keep: "nothing" });
    expect((await readIdentity({ disk: after, directory }))?.hasLog).toBe(true);
    expect(cuts).toBeGreaterThan(5);
    // Each of them starts: a log without the note is read as it is, never refused.
    for (const each of left) await (await started(each)).log.close();
  });

  test("and a start that finds nothing in it refuses", async () => {
    const disk = new MemoryDisk();
    const { log } = await started(disk);
    await log.append(batch);
    await log.close();
    const path = `${directory}/group-0/wal/0000000001.wal`;
    disk.damage({ path, at: 0, bytes: new Uint8Array(disk.peek(path).byteLength) });

    await expect(started(disk)).rejects.toThrow(/rogerd recover \/var\/data --rejoin/);
  });
});
