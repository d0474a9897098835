// failing-output.e2e.test.ts — what rogerctl was asked for and can't write is a failure in one sentence, not a
// trace; a reader that has read enough is none.
import { spawn, spawnSync } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { projectRoot } from "../project-root.ts";

const args = [
  join(projectRoot, "packages", "daemon", "bin", "rogerctl.js"),
  "version",
  "--endpoints",
  "127.0.0.1:1",
];

test("an output that can't be written ends in one sentence: 1", () => {
  // Opened for reading only: every write to it fails.
  const output = openSync(join(projectRoot, "package.json"), "r");
  const { status, stderr } = spawnSync(process.execPath, args, {
    stdio: ["ignore", output, "pipe"],
    encoding: "utf8",
  });
  closeSync(output);

  expect(status).toBe(1);
  expect(stderr).toMatch(/^rogerctl: the output can't be written: EBADF[^\n]*\n$/);
});

test("a reader that goes away ends it without a word", async () => {
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
  child.stdout.destroy();
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });

  const code = await new Promise((resolve) => {
    child.once("close", resolve);
  });

  expect([code, said]).toEqual([0, ""]);
});
