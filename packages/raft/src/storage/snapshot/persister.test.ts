import { describe, test } from "vitest";
import { aTemporaryFolder } from "../../../test/storage/situations.ts";
import { MemoryDisk } from "../memory-disk.ts";
import { NodeDisk } from "../node-disk.ts";
import { persisterContract } from "../persister-contract.ts";
import { FilesystemPersister } from "./filesystem-persister.ts";
import { NullPersister } from "./null-persister.ts";

persisterContract(
  { describe, test },
  {
    name: "null",
    open: async () => ({ persister: new NullPersister(), reopen: async () => new NullPersister() }),
  },
);

persisterContract(
  { describe, test },
  {
    name: "filesystem, on a memory disk that loses its power",
    open: async () => {
      const disk = new MemoryDisk();
      const make = (): FilesystemPersister =>
        new FilesystemPersister({ disk, directory: "/data/group-0/snapshots" });
      return {
        persister: make(),
        reopen: async () => {
          disk.crash({ keep: "nothing" });
          return make();
        },
      };
    },
  },
);

persisterContract(
  { describe, test },
  {
    name: "filesystem, on the real disk",
    open: async () => {
      const place = {
        disk: new NodeDisk(),
        directory: `${await aTemporaryFolder()}/group-0/snapshots`,
      };
      return {
        persister: new FilesystemPersister(place),
        reopen: async () => new FilesystemPersister(place),
      };
    },
  },
);
