// failing-output.e2e.test.ts — what rogerctl or rogerd was asked for and can't write is a failure in one sentence,
// not a trace; a reader that has read enough is none.
import { spawn, spawnSync } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { projectRoot } from "../project-root.ts";

const binary = (name: string): string => join(projectRoot, "packages", "daemon", "bin", name);
const rogerctl = [binary("rogerctl.js"), "version", "--endpoints", "127.0.0.1:1"];
const rogerd = [binary("rogerd.js"), "version"];

test.each([
  ["rogerctl", rogerctl, 1],
  ["rogerd", rogerd, 74],
] as const)("%s ends in one sentence when its output can't be written", (name, args, exitCode) => {
  // Opened for reading only: every write to it fails.
  const output = openSync(join(projectRoot, "package.json"), "r");
  const { status, stderr } = spawnSync(process.execPath, args, {
    stdio: ["ignore", output, "pipe"],
    encoding: "utf8",
  });
  closeSync(output);

  expect(status).toBe(exitCode);
  expect(stderr).toMatch(new RegExp(`^${name}: the output can't be written: EBADF[^\\n]*\\n$`));
});

test.each([
  ["rogerctl", rogerctl],
  ["rogerd", rogerd],
] as const)("a reader that goes away ends %s without a word", async (_name, args) => {
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
