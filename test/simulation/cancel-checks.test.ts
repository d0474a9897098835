import type { Outcome, Result, StateEvent, Submission, Write } from "@rogerd/global-state";
import { parseCommand, revision } from "@rogerd/global-state";
import { describe, expect, test } from "vitest";
import { CancelChecks } from "./cancel-checks.ts";
import { Findings } from "./violation.ts";

interface Told {
  readonly asked?: { readonly command: string; readonly args: object; readonly result: Result };
  readonly starts?: string;
  readonly at: number;
}

function writeOf(command: string, args: object): Write {
  const parsed = parseCommand(command, "keys", { ...args });
  if (parsed.kind !== "write") throw new Error(JSON.stringify(parsed));
  return parsed.write;
}

/** Each is an entry. */
function judged(...entries: readonly Told[]): string | undefined {
  const findings = new Findings();
  const checks = new CancelChecks({ findings });
  for (const [at, { asked, starts, at: logTime }] of entries.entries()) {
    const here = revision(at + 1);
    const submissions: Submission[] = [];
    const outcomes: Outcome[] = [];
    if (asked !== undefined) {
      submissions.push({ origin: { kind: "none" }, write: writeOf(asked.command, asked.args) });
      outcomes.push({ kind: "result", revision: here, n: 0, result: asked.result });
    }
    const events = starts === undefined ? [] : [started(starts, at + 1)];
    checks.sees({ entry: { revision: here, submissions }, outcomes, events, logTime });
  }
  return findings.first?.property;
}

function started(job: string, token: number): StateEvent {
  return {
    ...{ revision: token, n: 0, partition: "keys", cause: "test", by: null, at: 0, logTimeMs: 0 },
    ...{ type: "job.started", name: job, was: null },
    item: { jobId: job, session: 1, queue: "q", since: 0, token },
  };
}

const marks = { command: "cancel.mark", args: { jobIds: ["j"], ttlMs: 1_000 } };
const marked: Told = { asked: { ...marks, result: { status: "marked", jobs: [] } }, at: 0 };

describe("who is cancelled begins nothing (I6)", () => {
  test("while the mark's time lasts", () => {
    expect(judged(marked, { starts: "j", at: 999 })).toMatch("I6");
    expect(judged(marked, { starts: "j", at: 1_000 })).toBeUndefined();
    expect(judged(marked, { starts: "other", at: 1 })).toBeUndefined();
  });

  test("unless it was cleared", () => {
    const clears = { command: "cancel.clear", args: { jobIds: ["j"] } };
    const cleared: Told = { asked: { ...clears, result: { status: "ok" } }, at: 1 };

    expect(judged(marked, cleared, { starts: "j", at: 2 })).toBeUndefined();
  });
});
