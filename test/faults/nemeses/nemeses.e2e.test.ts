// nemeses.e2e.test.ts — each kind of strike, once, at a small cluster with workers, and healed: it serves again, all votes are
// there, and all nodes end with the same state. A few of each kind; all of them with ROGERD_NEMESES=all.
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { projectRoot } from "../../project-root.ts";
import { canHaveNamespaces, privateNetwork } from "../hosts/namespaces.ts";

const program = join(projectRoot, "test", "dist", "faults", "nemeses", "strike-each.js");
const few = [
  "partition-ring",
  "leader-alone",
  "pause-short",
  "kill-majority",
  "blocked-loop",
  "churn",
  "bit-rot",
  "worker-kill",
];
const minutesMax = 15;

test(
  "a cluster that was struck and healed serves, and its nodes are alike",
  async () => {
    const isIsolated = (await canHaveNamespaces()) === true;
    const [command = "", ...words] = [
      ...(isIsolated ? privateNetwork() : []),
      ...[process.execPath, program, "--hosts", isIsolated ? "namespaces" : "proxies"],
      ...(process.env["ROGERD_NEMESES"] === "all" ? [] : ["--brief", ...few]),
    ];
    const { stdout } = await promisify(execFile)(command, words);
    console.log(stdout);
    expect(stdout).toMatch(/^done: \d+ calls, 3 nodes alike$/m);
  },
  minutesMax * 60_000,
);
