// bootstrap.mjs — from a fresh clone to an installed (and, with --build, compiled) workspace.
// Needs nothing but Node and npm: the exact pnpm of package.json is used from PATH if it is there,
// otherwise npm fetches it. Quick when nothing changed.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const windows = process.platform === "win32";
const packageManager = JSON.parse(readFileSync(`${root}package.json`, "utf8")).packageManager.split(
  "+",
)[0];

function run(command, args) {
  const stdio = ["ignore", "inherit", "inherit"];
  const result = spawnSync(command, args, { cwd: root, stdio, shell: windows });
  if (result.error) console.error(`bootstrap: ${command}: ${result.error.message}`);
  if (result.status !== 0) process.exit(result.status ?? 1);
}

function pnpm(...args) {
  const found = spawnSync("pnpm", ["--version"], { cwd: root, encoding: "utf8", shell: windows });
  const isExact = found.status === 0 && `pnpm@${found.stdout.trim()}` === packageManager;
  if (isExact) return run("pnpm", args);
  return run("npm", ["exec", "--yes", `--package=${packageManager}`, "--", "pnpm", ...args]);
}

const stampFile = `${root}node_modules/.bootstrap`;
const stamp = createHash("sha256")
  .update(readFileSync(`${root}pnpm-lock.yaml`))
  .update(process.version)
  .digest("hex");
if (!existsSync(stampFile) || readFileSync(stampFile, "utf8") !== stamp) {
  pnpm("install", "--frozen-lockfile");
  writeFileSync(stampFile, stamp);
}
if (process.argv.includes("--build")) {
  run(process.execPath, [`${root}node_modules/typescript/bin/tsc`, "-b"]);
}
