import { describe, test } from "vitest";
import { aTemporaryFolder } from "../../test/storage/situations.ts";
import { diskContract } from "./disk-contract.ts";
import { MemoryDisk } from "./memory-disk.ts";
import { NodeDisk } from "./node-disk.ts";

diskContract(
  { describe, test },
  {
    name: "memory",
    open: async () => {
      const disk = new MemoryDisk();
      await disk.makeDirectory("/a/b");
      return { disk, directory: "/a/b" };
    },
  },
);

diskContract(
  { describe, test },
  {
    name: "node",
    open: async () => ({ disk: new NodeDisk(), directory: await aTemporaryFolder() }),
  },
);
