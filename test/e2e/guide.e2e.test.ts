// guide.e2e.test.ts — every program of the guide is one of the examples, word for word, and every example runs.
import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, onTestFailed, test } from "vitest";
import { TestCluster } from "../processes/test-cluster.ts";
import { projectRoot } from "../project-root.ts";

const run = promisify(execFile);
const examples = join(projectRoot, "examples");

/** What each program prints; `insist.ts` and `endpoints.ts` are parts of them, and quickstart.e2e.test.ts has its own. */
const printed: Readonly<Record<string, readonly string[]>> = {
  "unique-job": [
    "job-1: queued",
    "job-2: refused, invoice/42 is queued already",
    "job-1: done",
    "job-3: queued",
  ],
  "lost-answer": ["attempt 2: claimed", "refused: not_started, certainly without effect: true"],
  "fenced-worker": [
    "job-2: written",
    "job-1 could have known: held_too_long",
    "job-1: refused, somebody else has the key",
  ],
  "crashed-worker": [
    "job-6 runs in the first worker",
    "the worker is dead, job-6 is already_running",
    "job-7 has the key now, with a larger token: true",
    "job-6 runs again, with a larger token: true",
  ],
  "cron-leader": [
    "web-1 leads",
    "web-2 leads",
    "nightly-report/NIGHT/02 done: acknowledge",
    "nightly-report/NIGHT/03 done: acknowledge",
    "nightly-report/NIGHT/03 was done before: acknowledge",
    "nightly-report/NIGHT/04 done: acknowledge",
  ],
  "cancel-jobs": [
    "mail-1 is cancelled by ada: wrong list",
    "mail-1: cancelled: acknowledge the message",
    "list-7/1: cancelled: acknowledge the message",
    "mail-1: delivered",
    "list-7/1: delivered",
  ],
  "cancellable-job": [
    "the wrong one works",
    "stopped by ada: wrong list",
    "the wrong one: acknowledge",
    "its mark is acknowledged",
    "delivered again: acknowledge",
    "the right one works",
    "the right one: acknowledge",
    "delivered again: acknowledge",
  ],
  "next-job": [
    "first works",
    "first: acknowledge",
    "urgent works for somebody else",
    "second works",
    "second: acknowledge",
    "third works",
    "third: acknowledge",
  ],
  "paused-queues": ["paused: nothing", "paused: mail", "paused: nothing"],
  "frozen-process": [
    "awake again, and told nothing yet: true",
    "a moment later: lease lost",
    "another session: true",
  ],
};
const partsOfPrograms = ["endpoints", "insist"];
const elsewhere = ["quickstart"];

test("every code block of docs/guide.md stands in the example that is named above it", async () => {
  const guide = await readFile(join(projectRoot, "docs", "guide.md"), "utf8");
  const blocks = blocksOf(guide);

  expect(blocks.length).toBeGreaterThan(0);
  for (const { language, file, text } of blocks) {
    expect(language).toBe("ts");
    expect(await readFile(join(examples, file), "utf8")).toContain(text);
  }
});

test("every example is run by a test", async () => {
  const files = await readdir(examples);
  const programs = files.filter((name) => name.endsWith(".ts")).map((name) => name.slice(0, -3));

  const known = [...Object.keys(printed), ...partsOfPrograms, ...elsewhere, "dashboard"];
  expect(programs.sort()).toEqual(known.sort());
});

describe("the examples, beside a cluster of three", () => {
  let cluster: TestCluster;
  beforeAll(async () => {
    cluster = await TestCluster.start({ nodes: 3 });
  });
  afterAll(() => cluster.close());

  test.each(Object.entries(printed))(
    "examples/%s.ts does what the guide says",
    async (name, lines) => {
      onTestFailed(() => console.error(cluster.logs()));

      const told = await output(name);

      const night = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;
      expect(told.replace(night, "NIGHT").split("\n")).toEqual([...lines, ""]);
    },
  );

  // Last: nobody leads any more.
  test("examples/dashboard.ts shows the pauses while two of three nodes are gone", async () => {
    await cluster.stateHashes();
    const leader = await cluster.leader();
    const [, ...others] = cluster.names.filter((name) => name !== leader);
    await Promise.all([leader, ...others].map((name) => cluster.process(name).kill()));

    expect(await output("dashboard")).toMatch(/^0 queues are paused, as of revision \d+\n$/);
  });

  async function output(name: string): Promise<string> {
    const env = { ...process.env, ROGERD_ENDPOINTS: cluster.endpoints.join(",") };
    const program = join(examples, "dist", `${name}.js`);
    const { stdout, stderr } = await run(process.execPath, [program], { env });
    expect(stderr).not.toContain("Warning");
    return stdout;
  }
});

/** Each with the last example that is linked to before it. */
function blocksOf(
  markdown: string,
): readonly { readonly language: string; readonly file: string; readonly text: string }[] {
  const parts = markdown.split(/^```/m);
  return parts.flatMap((part, at) => {
    if (at % 2 === 0) return [];
    const prose = parts.slice(0, at).join("");
    const [, file = "none"] = [...prose.matchAll(/\]\(\.\.\/examples\/([\w.-]+)\)/g)].at(-1) ?? [];
    const end = part.indexOf("\n");
    return [{ language: part.slice(0, end), file, text: part.slice(end + 1) }];
  });
}
