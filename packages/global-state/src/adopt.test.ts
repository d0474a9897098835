// What a snapshot claims about runs and waits is looked at when it is restored: one that lies is damaged.
import { describe, expect, test } from "vitest";
import { jobWrites } from "../test/jobs.ts";
import { inSession, openWrite, raiseLevel, sha256, smallLimits, start } from "../test/world.ts";
import { apply } from "./apply.ts";
import type { Submission } from "./command.ts";
import type { Waiter } from "./execution-key/waiter.ts";
import { fencingToken, jobId, logTimeMs, revision, sessionId } from "./ids.ts";
import { newFinishedJob } from "./job/finished-job.ts";
import { newRun, type Run } from "./job/run.ts";
import { DamagedSnapshotError } from "./snapshot/damaged-snapshot.ts";
import { StateEpoch } from "./snapshot/epoch.ts";
import { StateRestoration } from "./snapshot/restoration.ts";
import { emptyState, type State } from "./state.ts";

/** Two jobs that run under keys, one that waits, one without a key. */
function aState(): State {
  const state = emptyState(smallLimits({}));
  const none = { kind: "none" } as const;
  const submissions: Submission[] = [
    { origin: none, write: start },
    { origin: none, write: raiseLevel },
    { origin: none, write: openWrite(1) },
    { origin: inSession(1, 1), write: jobWrites.start("job-1", { key: "k" }) },
    { origin: inSession(1, 2), write: jobWrites.start("job-2", { key: "k" }) },
    { origin: inSession(1, 3), write: jobWrites.start("job-3", { key: "l" }) },
    { origin: inSession(1, 4), write: jobWrites.start("job-4") },
    { origin: inSession(1, 5), write: jobWrites.start("job-5", { key: "k" }) },
  ];
  apply(state, {
    revision: revision(1),
    term: 1,
    logTime: logTimeMs(5),
    wallMs: 7,
    submissions,
  });
  return state;
}

function restore(state: State): State {
  const epoch = new StateEpoch({ state, digest: sha256, purpose: "snapshot" });
  while (epoch.encodeSlice(1_000) === "more");
  const restoration = new StateRestoration({ limits: smallLimits({}), digest: sha256 });
  for (const chunk of epoch.chunks()) restoration.add(chunk);
  return restoration.finish().state;
}

function run(state: State, id: string): Run {
  for (const row of state.runs.rows()) if (row.key === id) return row;
  throw new Error("it runs");
}

function replaceRun(state: State, id: string, other: Partial<Run>): void {
  const row = run(state, id);
  state.runs.remove(row);
  state.runs.insert(newRun({ ...row, ...other }));
}

function waiter(state: State): Waiter {
  for (const row of state.waiters.rows()) return row;
  throw new Error("it waits");
}

describe("a restored state", () => {
  test("has its runs again, known to all that look for them", () => {
    const state = restore(aState());

    expect(state.runs.count).toBe(3);
    for (const session of state.sessions.rows())
      expect([...session.runs.keys()]).toEqual([1, 2, 3]);
  });

  test.each<[string, (state: State) => void]>([
    [
      "a run belongs to no session",
      (state) => replaceRun(state, "job-4", { session: sessionId(9) }),
    ],
    [
      "a run does not hold its key",
      (state) => replaceRun(state, "job-1", { token: fencingToken(2) }),
    ],
    ["a run does not hold its key", (state) => replaceRun(state, "job-1", { key: jobId("job-9") })],
    [
      "a number was never drawn from its counter",
      (state) => replaceRun(state, "job-4", { token: fencingToken(99) }),
    ],
    [
      "a number was never drawn from its counter",
      (state) => replaceRun(state, "job-4", { ticket: 99 }),
    ],
    ["two runs have one token", (state) => replaceRun(state, "job-4", { token: fencingToken(1) })],
    ["a row belongs to no partition", (state) => replaceRun(state, "job-4", { scope: 9 })],
    [
      "a number was never drawn from its counter",
      (state) => {
        waiter(state).arrival = 99;
      },
    ],
    ["a job runs and waits", (state) => replaceRun(state, "job-4", { key: jobId("job-2") })],
    [
      "a row belongs to no partition",
      (state) => {
        const times = { atWallMs: 1, untilWallMs: 2, expiresAt: logTimeMs(9) };
        const job = { scope: 9, key: jobId("job-9"), outcome: "dead", ...times } as const;
        state.finishedJobs.insert(newFinishedJob(job));
      },
    ],
  ])("is not made of bytes that say that %s", (claim, tamper) => {
    const state = aState();
    tamper(state);

    expect(() => restore(state)).toThrow(DamagedSnapshotError);
    expect(() => restore(state)).toThrow(claim);
  });
});
