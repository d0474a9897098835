// script.ts — random histories over few names, so that calls meet: entries with all commands, sessions
// that end, numbers that come again, terms and waits. For property tests only.
import * as fc from "fast-check";
import {
  jobId,
  key,
  type Origin,
  type Outcome,
  partitionId,
  partitionLimitNames,
  type Submission,
  selector,
  type Write,
} from "../src/index.ts";
import { claiming } from "./script-of-claims.ts";
import { jobbing } from "./script-of-jobs.ts";
import { inSession, openWrite, raiseLevel, startWallMs, type World } from "./world.ts";

export interface Step {
  readonly waitMs: number;
  readonly isNewTerm: boolean;
  readonly submissions: readonly Submission[];
}

const partition = fc.constantFrom("acme", "other").map(partitionId);
const keys = fc.nat(60).map((at) => key(`key-${at}`));
const jobs = fc.nat(60).map((at) => jobId(`job-${at}`));
const queues = fc.constantFrom("*", "mail", "images", "reports").map(selector);

const partitionWrite: fc.Arbitrary<Write> = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.tuple(partition, fc.boolean()).map(
      ([id, isIfAbsent]): Write => ({
        name: "partition.start",
        partition: id,
        args: isIfAbsent ? { ifAbsent: true } : {},
      }),
    ),
  },
  {
    weight: 1,
    arbitrary: partition.map(
      (id) => ({ name: "partition.stop", partition: id, args: {} }) as const,
    ),
  },
  { weight: 8, arbitrary: keyed("roger.isExecuting") },
  { weight: 6, arbitrary: keyed("roger.removeExecuted") },
  { weight: 8, arbitrary: keyed("roger.isQueued") },
  { weight: 6, arbitrary: keyed("roger.removeQueued") },
  {
    weight: 5,
    arbitrary: fc
      .tuple(partition, jobs)
      .map(
        ([id, job]) => ({ name: "roger.cancelJob", partition: id, args: { jobId: job } }) as const,
      ),
  },
  {
    weight: 5,
    arbitrary: fc.tuple(partition, jobs).map(
      ([id, job]) =>
        ({
          name: "roger.isCancelled",
          partition: id,
          args: { jobId: job, remove: true },
        }) as const,
    ),
  },
  { weight: 3, arbitrary: marking() },
  {
    weight: 3,
    arbitrary: fc
      .tuple(partition, queues)
      .map(
        ([id, queue]) => ({ name: "roger.queuePause", partition: id, args: { queue } }) as const,
      ),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(partition, queues)
      .map(
        ([id, queue]) => ({ name: "roger.queueResume", partition: id, args: { queue } }) as const,
      ),
  },
  {
    weight: 3,
    arbitrary: fc.tuple(partition, queues).map(
      ([id, queue]) =>
        ({
          name: "queue.pause",
          partition: id,
          args: { selector: queue, by: "ann", reason: "" },
        }) as const,
    ),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(partition, queues)
      .map(
        ([id, queue]) =>
          ({ name: "queue.resume", partition: id, args: { selector: queue } }) as const,
      ),
  },
);

function keyed(
  name: "roger.isExecuting" | "roger.removeExecuted" | "roger.isQueued" | "roger.removeQueued",
): fc.Arbitrary<Write> {
  return fc.tuple(partition, keys).map(([id, wanted]): Write => {
    if (name === "roger.isExecuting" || name === "roger.isQueued") {
      return { name, partition: id, args: { key: wanted, add: true } };
    }
    return { name, partition: id, args: { key: wanted } };
  });
}

function marking(): fc.Arbitrary<Write> {
  const ids = fc.array(jobs, { minLength: 1, maxLength: 5 });
  const ttlMs = fc.option(fc.integer({ min: 1_000, max: 20_000 }), { nil: undefined });
  return fc.tuple(partition, ids, ttlMs).map(([id, jobIds, ttl]): Write => {
    const args = { jobIds, by: "ann", reason: "", ttlMs: ttl };
    return { name: "cancel.mark", partition: id, args };
  });
}

/** Of the second level, over few jobs and keys. */
const levelTwoWrite: fc.Arbitrary<Write> = fc.oneof(
  { weight: 3, arbitrary: claiming(partition) },
  { weight: 6, arbitrary: jobbing(partition) },
  { weight: 1, arbitrary: timedPausing() },
  { weight: 2, arbitrary: ruling() },
  { weight: 1, arbitrary: setting() },
  {
    weight: 1,
    arbitrary: partition.map(
      (id) => ({ name: "partition.drop", partition: id, args: {} }) as const,
    ),
  },
);

/** Low enough to be met. */
function setting(): fc.Arbitrary<Write> {
  const some = fc.option(fc.nat(6));
  const limits = fc.record(Object.fromEntries(partitionLimitNames.map((name) => [name, some])), {
    requiredKeys: [],
  });
  const defaults = fc.constantFrom({}, { markTtlMs: 2_000 }, { markTtlMs: null });
  return fc.tuple(partition, limits, defaults).map(([id, chosen, others]): Write => {
    const args = { limits: chosen, defaults: others };
    return { name: "partition.update", partition: id, args };
  });
}

/** Ids of rules are those of the first entries, so that some are met. */
function ruling(): fc.Arbitrary<Write> {
  const ttlMs = fc.option(fc.integer({ min: 1_000, max: 20_000 }), { nil: undefined });
  const match = fc.constantFrom(
    { queue: "mail" },
    { jobIdPrefix: "job-1", enqueuedBefore: startWallMs },
    { tag: "t", queue: "images" },
  );
  const ids = fc.array(jobs, { minLength: 1, maxLength: 5 });
  const rule = fc.tuple(fc.integer({ min: 2, max: 20 }), fc.integer({ min: 1, max: 3 }));
  return fc.oneof(
    fc.tuple(partition, match, ttlMs).map(([id, which, ttl]): Write => {
      const args = { ...which, by: "ann", reason: "", ttlMs: ttl };
      return { name: "cancel.addRule", partition: id, args };
    }),
    fc.tuple(partition, rule).map(([id, [entry, at]]): Write => {
      return { name: "cancel.removeRule", partition: id, args: { rule: `${entry}.${at}` } };
    }),
    fc.tuple(partition, ids).map(([id, jobIds]): Write => {
      return { name: "cancel.clear", partition: id, args: { jobIds } };
    }),
  );
}

/** Wall time in these worlds is the start and one more for each entry, whatever the log time. */
function timedPausing(): fc.Arbitrary<Write> {
  const untils = fc.option(
    fc.integer({ min: -10, max: 20_000 }).map((ms) => startWallMs + ms),
    { nil: undefined },
  );
  return fc.tuple(partition, queues, untils, fc.boolean()).map(([id, queue, until, stops]) => {
    const args = {
      selector: queue,
      by: "bob",
      reason: "",
      ...(until === undefined ? {} : { until }),
      ...(stops ? { mode: "stop" as const } : {}),
    };
    return { name: "queue.pause", partition: id, args };
  });
}

/** Sessions are numbered by the log; those that were never opened are among them on purpose. */
const sessionNumber = fc.integer({ min: 1, max: 6 });

const sessionWrite: fc.Arbitrary<Submission> = fc.oneof(
  fc.integer({ min: 1, max: 4 }).map((id) => ({ origin: none(), write: openWrite(id) })),
  fc
    .tuple(sessionNumber, fc.integer({ min: 1, max: 3 }))
    .map(([session, decidedInTerm]): Submission => {
      const args = { session: inSessionId(session), decidedInTerm };
      return { origin: none(), write: { name: "session.expire", args } };
    }),
);

function none(): Origin {
  return { kind: "none" };
}

function inSessionId(session: number): Extract<Origin, { kind: "session" }>["session"] {
  const origin = inSession(session, 0);
  if (origin.kind !== "session") throw new Error("in a session");
  return origin.session;
}

const origin: fc.Arbitrary<Origin> = fc.oneof(
  { weight: 2, arbitrary: fc.constant(none()) },
  {
    weight: 1,
    arbitrary: fc.nat(30).map((at): Origin => ({ kind: "request", requestId: `request-${at}` })),
  },
  {
    weight: 6,
    arbitrary: fc
      .tuple(sessionNumber, fc.nat(150), fc.nat(20))
      .map(([session, sequence, back]) =>
        inSession(session, sequence, Math.max(0, Math.floor(sequence / 2) - back)),
      ),
  },
);

const closing: fc.Arbitrary<Submission> = fc
  .tuple(sessionNumber, fc.nat(150))
  .map(([session, sequence]) => {
    return { origin: inSession(session, sequence), write: { name: "session.close", args: {} } };
  });

const submission = (write: fc.Arbitrary<Write>): fc.Arbitrary<Submission> =>
  fc.oneof(
    { weight: 20, arbitrary: fc.record({ origin, write }) },
    { weight: 3, arbitrary: sessionWrite },
    { weight: 1, arbitrary: closing },
  );

const step = (write: fc.Arbitrary<Write>): fc.Arbitrary<Step> =>
  fc.record({
    waitMs: fc.oneof(fc.constant(0), fc.nat(3_000), fc.constant(300_000)),
    isNewTerm: fc.integer({ min: 0, max: 30 }).map((dice) => dice === 0),
    submissions: fc.array(submission(write), { maxLength: 8 }),
  });

const raising: Step = {
  waitMs: 0,
  isNewTerm: false,
  submissions: [{ origin: none(), write: raiseLevel }],
};

interface ScriptLength {
  readonly min: number;
  readonly max: number;
}

/** Of the first level; or of the second, which is raised in the first step, with the commands of both. */
export function scripts(length: ScriptLength): fc.Arbitrary<readonly Step[]> {
  return fc.oneof(
    stepsOf(partitionWrite, length),
    stepsOf(fc.oneof(partitionWrite, levelTwoWrite), length).map((steps) => [raising, ...steps]),
  );
}

function stepsOf(write: fc.Arbitrary<Write>, length: ScriptLength): fc.Arbitrary<readonly Step[]> {
  return fc.array(step(write), { minLength: length.min, maxLength: length.max, size: "max" });
}

export function play(world: World, next: Step): readonly Outcome[] {
  world.wait(next.waitMs);
  if (next.isNewTerm) world.term += 1;
  return world.apply(next.submissions);
}
