import { describe, test } from "vitest";
import { aTemporaryFolder, identity, openOn } from "../../test/storage/situations.ts";
import { incarnation } from "../core/ids.ts";
import { MemoryDisk } from "./memory-disk.ts";
import { MemoryStorage } from "./memory-storage.ts";
import { NodeDisk } from "./node-disk.ts";
import { storageContract } from "./storage-contract.ts";
import { openLogStorage } from "./wal/open-log-storage.ts";

storageContract(
  { describe, test },
  {
    name: "memory",
    open: async () => {
      let storage = MemoryStorage.empty();
      const restart = async (): Promise<MemoryStorage> => {
        storage = storage.reopen();
        return storage;
      };
      return { storage, restart, end: () => storage.close() };
    },
  },
);

for (const segmentBytes of [8192, 1024 * 1024]) {
  storageContract(
    { describe, test },
    {
      name: `WAL with segments of ${segmentBytes} bytes on a memory disk`,
      open: async () => {
        const disk = new MemoryDisk();
        let run = 1;
        const open = (): ReturnType<typeof openOn> =>
          openOn(disk, {
            incarnation: incarnation(run),
            limits: { segmentBytes, reserveBytes: 4096 },
          });
        const restart = (): ReturnType<typeof openOn> => {
          disk.crash({ keep: "nothing" });
          run += 1;
          return open();
        };
        return { storage: await open(), restart, end: async () => undefined };
      },
    },
  );
}

storageContract(
  { describe, test },
  {
    name: "WAL on the real disk",
    open: async () => {
      const disk = new NodeDisk();
      const directory = `${await aTemporaryFolder()}/group-0/wal`;
      const limits = { segmentBytes: 8192, reserveBytes: 4096 };
      const parts = { disk, directory, identity, incarnation: incarnation(1), limits };
      let storage = await openLogStorage(parts);
      const restart = async (): ReturnType<typeof openLogStorage> => {
        await storage.close();
        storage = await openLogStorage(parts);
        return storage;
      };
      return { storage, restart, end: () => storage.close() };
    },
  },
);
