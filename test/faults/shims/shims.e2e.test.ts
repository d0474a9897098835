// What is preloaded does what it says, to a process that writes, syncs and looks at its clocks; and power that is cut loses
// what was not synced, and nothing else. Where this machine has no compiler, or nothing may be mounted, it is said why.
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { beforeEach, describe, expect, test } from "vitest";
import { projectRoot } from "../../project-root.ts";
import { canHaveNamespaces, privateNetwork } from "../hosts/namespaces.ts";
import { type ClockTrouble, type DiskTrouble, errno, Shims } from "./shims.ts";

const run = promisify(execFile);
const node = "n1";

interface Trouble {
  readonly disk?: DiskTrouble;
  readonly clock?: ClockTrouble;
}

const compiler = await run("cc", ["--version"]).then(
  () => true,
  (problem: Error) => `no compiler: ${problem.message}`,
);
beforeEach(({ skip }) => {
  if (typeof compiler === "string") skip(compiler);
});

/** What a process with this trouble prints. */
async function printedUnder(trouble: Trouble, script: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "rogerd-shims-"));
  try {
    const shims = await Shims.prepare(folder, [node]);
    await shims.disk(node, trouble.disk ?? {});
    await shims.clock(node, trouble.clock ?? {});
    const env = { ...process.env, ...shims.envOf(node, join(folder, "data")), FOLDER: folder };
    const { stdout } = await run(process.execPath, ["--input-type=module", "-e", script], { env });
    return stdout.trim();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Writes and syncs below the data folder and beside it; prints what came of it, `ok` or the code, and how long it took. */
const writes = `
  import { fdatasyncSync, mkdirSync, openSync, writeSync } from "node:fs";
  const { FOLDER } = process.env;
  mkdirSync(FOLDER + "/data");
  const outcome = (path) => {
    const file = openSync(path, "w");
    try {
      writeSync(file, "x");
      fdatasyncSync(file);
      return "ok";
    } catch ({ code, syscall }) {
      return code + " of " + syscall;
    }
  };
  const from = performance.now();
  const [log, other] = [outcome(FOLDER + "/data/log"), outcome(FOLDER + "/other")];
  console.log(JSON.stringify({ log, other, tookMs: performance.now() - from }));
`;

async function written(disk: DiskTrouble): Promise<{ log: string; other: string; tookMs: number }> {
  return JSON.parse(await printedUnder({ disk }, writes));
}

describe("a disk", () => {
  test.each<[string, DiskTrouble, string]>([
    ["that is well takes all", {}, "ok"],
    ["whose writes fail", { writeErrno: errno.EIO }, "EIO of write"],
    ["that is full", { writeErrno: errno.ENOSPC }, "ENOSPC of write"],
    ["whose syncs fail", { syncErrno: errno.EIO }, "EIO of fdatasync"],
    ["whose syncs lie says nothing", { lies: true }, "ok"],
  ])("%s, and no other file suffers", async (_, disk, log) => {
    expect(await written(disk)).toMatchObject({ log, other: "ok" });
  });

  test("that is late takes its time", async () => {
    const { log, tookMs } = await written({ syncLateMs: 300, writeLateMs: 200 });
    expect(log).toBe("ok");
    expect(tookMs).toBeGreaterThanOrEqual(490);
  });
});

describe("a clock", () => {
  test("on the wall that is off is off by so much", async () => {
    const wall = "console.log(Date.now())";
    const hourMs = 3_600_000;
    const shown = Number(await printedUnder({ clock: { wallOffMs: -24 * hourMs } }, wall));
    expect(Math.round((Date.now() - shown) / hourMs)).toBe(24);
  });

  test("that goes slow shows less than passed, and timers wait longer", async () => {
    const script = `
      import { hrtime } from "node:process";
      import { execFileSync } from "node:child_process";
      const really = () => Number(execFileSync("cat", ["/proc/uptime"], { env: {} }).toString().split(" ")[0]);
      const [shown, real] = [hrtime.bigint(), really()];
      setTimeout(() => {
        const passed = Number(hrtime.bigint() - shown) / 1e9;
        console.log((really() - real) / passed);
      }, 1_000);
    `;
    const ratio = Number(await printedUnder({ clock: { rate: 0.5 } }, script));
    // What the machine is late by counts for both; the kernel tells hundredths of a second.
    expect(ratio).toBeGreaterThan(1.9);
  });
});

const permitted = await canHaveNamespaces();

test("power that is cut loses what was not synced, and what was synced is there", async ({
  skip,
}) => {
  if (permitted !== true) skip(permitted);
  const program = join(projectRoot, "test", "dist", "faults", "shims", "trial-of-power.js");
  const { stdout } = await run("env", [...privateNetwork(), process.execPath, program]);
  const says = stdout.trim();
  if (says.startsWith("not possible")) skip(says);
  expect(JSON.parse(says)).toEqual({ synced: "kept", unsynced: "lost", lied: "lost" });
});
