// quickstart.e2e.test.ts — the program of the README is the example, and the examples run.
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { TestCluster } from "../processes/test-cluster.ts";
import { projectRoot } from "../project-root.ts";

const run = promisify(execFile);

test("the program in the README is examples/quickstart.ts", async () => {
  const readme = await readFile(join(projectRoot, "README.md"), "utf8");
  const program = await readFile(join(projectRoot, "examples", "quickstart.ts"), "utf8");

  expect(readme).toContain(`\`\`\`ts\n${program}\`\`\``);
});

test("examples/quickstart.ts takes a key, frees it, cancels a job and pauses a queue", async () => {
  await using cluster = await TestCluster.start({ nodes: 3 });
  const env = { ...process.env, ROGERD_ENDPOINTS: cluster.endpoints.join(",") };

  const { stdout } = await run(
    process.execPath,
    [join(projectRoot, "examples", "dist", "quickstart.js")],
    { env },
  );

  expect(stdout.split("\n")).toEqual([
    "queue key invoice/42: queued",
    "execution key customer/7: ours",
    "job-1 cancelled: true",
    "paused: newsletter",
    "",
  ]);
});

test("examples/raw-json-client.js, written from docs/protocol.md alone, does a key, a job, a cancel and a watch", async () => {
  await using cluster = await TestCluster.start({ nodes: 3 });
  const env = { ...process.env, ROGERD_ENDPOINTS: cluster.endpoints.join(",") };

  const { stdout } = await run(
    process.execPath,
    [join(projectRoot, "examples", "raw-json-client.js")],
    { env },
  );

  expect(stdout.split("\n")).toEqual([
    "execution key customer/7: ours",
    "asked again: the same answer",
    "job-1: marked",
    "because: the customer changed his mind",
    "job-1 starts: cancelled",
    "job-2 starts: started with a token: true",
    "job-2 ends: finished",
    "seen: executionKey.taken customer/7, executionKey.freed customer/7, cancel.marked job-1, executionKey.taken customer/8, job.started job-2, executionKey.freed customer/8, job.finished job-2",
    "",
  ]);
});
