// trial-of-power.ts — one disk, three files: synced, not synced, and synced by a process whose syncs lie; then its power is cut. A
// program, as it has to be started where mounts are private; prints what is left, or `not possible: ` and why.
import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { PowerSupply } from "./power-supply.ts";
import { Shims } from "./shims.ts";

const node = "n1";
const text = "x".repeat(10_000);

async function write(path: string, how: "synced" | "not synced"): Promise<void> {
  await using file = await open(path, "w");
  await file.write(text);
  if (how === "synced") await file.sync();
}

/** By a process of its own, under the shim. */
async function writeLiedTo(
  path: string,
  trouble: { folder: string; under: string },
): Promise<void> {
  const shims = await Shims.prepare(trouble.folder, [node]);
  await shims.disk(node, { lies: true });
  const script = `const { fsyncSync, openSync, writeSync } = require("node:fs");
    const file = openSync(process.argv[1], "w");
    writeSync(file, "x".repeat(10000));
    fsyncSync(file);`;
  const env = { ...process.env, ...shims.envOf(node, trouble.under) };
  await promisify(execFile)(process.execPath, ["-e", script, path], { env });
}

function isThere(path: string): "kept" | "lost" {
  return existsSync(path) && readFileSync(path, "utf8") === text ? "kept" : "lost";
}

const folder = await mkdtemp(join(tmpdir(), "rogerd-power-"));
try {
  const disk = join(folder, node);
  const supply = await PowerSupply.connect(folder, new Map([[node, disk]])).catch(
    (problem: Error) => `not possible: ${problem.message.split("\n")[0]}`,
  );
  if (typeof supply === "string") console.log(supply);
  else {
    await using power = supply;
    await write(join(disk, "synced"), "synced");
    await write(join(disk, "unsynced"), "not synced");
    await writeLiedTo(join(disk, "lied"), { folder, under: disk });
    await power.cut(node);
    await power.back(node);
    const left = ["synced", "unsynced", "lied"].map((name) => [name, isThere(join(disk, name))]);
    console.log(JSON.stringify(Object.fromEntries(left)));
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
