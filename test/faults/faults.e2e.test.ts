// faults.e2e.test.ts — a mix of faults on real processes, drawn anew each time, for a minute: the command says its seed first,
// and on which kind of hosts it was. Long runs are `npm run faults -- --minutes 10`.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { projectRoot } from "../project-root.ts";

const program = join(projectRoot, "test", "dist", "faults", "main.js");

function faults(...args: readonly string[]): {
  readonly code: number | null;
  readonly says: string;
} {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
    encoding: "utf8",
  });
  return { code: status, says: `${stdout}${stderr}` };
}

test("nothing wrong is found in a minute of faults, and the report is written", () => {
  const folder = mkdtempSync(join(tmpdir(), "rogerd-faults-report-"));
  try {
    const { code, says } = faults("--minutes", "0.8", "--workers", "4", "--report", folder);
    console.log(says);
    expect({ code, says }).toMatchObject({ code: 0 });
    expect(says).toContain("nothing wrong was found");
    expect(says).toMatch(
      /the log: [1-9]\d* logs of nodes, [1-9]\d* entries read, [1-9]\d* entries/,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test.each([
  [["--minutes", "0"], "a positive number is wanted, not 0"],
  [["--seed", "xyz"], "a seed has up to 8 hex digits: not xyz"],
  [["--only", "kill-one,meteor"], "meteor is none of"],
  [["--sabotage", "gently"], "gently is none of"],
])("what can't be run is refused: %j", (args, sentence) => {
  const { code, says } = faults(...args);
  expect({ code, says }).toEqual({ code: 2, says: expect.stringContaining(sentence) });
});
