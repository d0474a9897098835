import { DiskError } from "@rogerd/raft";
import { expect, test } from "vitest";
import { stations, until } from "./daemons.ts";

test("what fails while a daemon stops is its failure, and not an error that nobody catches", async () => {
  await using all = await stations(1, (settings) => ({ ...settings, founders: [] }));
  const n1 = all.station("n1");
  await n1.start();
  await until("n1 leads", () => all.leader() === n1);
  n1.disk.watch({
    before: ({ kind, path }) =>
      kind === "remove" && path.endsWith("/lock")
        ? Promise.reject(new DiskError({ code: "input-output", path, message: "it is gone" }))
        : undefined,
  });

  await n1.stop();

  expect(n1.failure?.exitCode).toBe(74);
});
