import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { daemonVersion } from "./version.ts";

test("the daemon says the version of its package", async () => {
  const text = await readFile(new URL("../package.json", import.meta.url), "utf8");

  expect(JSON.parse(text)).toMatchObject({ version: daemonVersion });
});
