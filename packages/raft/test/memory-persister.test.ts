import { describe, test } from "vitest";
import { persisterContract } from "../src/storage/persister-contract.ts";
import { MemoryPersister } from "./memory-persister.ts";

persisterContract(
  { describe, test },
  {
    name: "memory",
    open: () => {
      const persister = new MemoryPersister();
      return Promise.resolve({ persister, reopen: () => Promise.resolve(persister) });
    },
  },
);
