// crowded-script.ts — random histories in which almost every call does something: a few jobs, keys and queues of two
// started partitions, four clients whose sessions are open from the first step on, and no number that
// comes twice. For property tests only; script.ts has the histories in which numbers and sessions go astray.
import * as fc from "fast-check";
import { jobId, type Origin, partitionId, type Submission, type Write } from "../src/index.ts";
import { type Step, scripts } from "./script.ts";
import { claiming } from "./script-of-claims.ts";
import { jobbing } from "./script-of-jobs.ts";
import { inSession, openWrite, raiseLevel } from "./world.ts";

const partition = fc.constantFrom("acme", "other").map(partitionId);
const job = fc.nat(6).map((at) => jobId(`job-${at}`));
const clients = [1, 2, 3, 4];

const cancelling: fc.Arbitrary<Write> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .record({
        id: partition,
        jobIds: fc.array(job, { minLength: 1, maxLength: 3 }),
        ttlMs: fc.constantFrom(undefined, 1_000, 5_000, 20_000),
      })
      .map(({ id, jobIds, ttlMs }) => {
        const args = { jobIds, by: "ann", reason: "", ttlMs };
        return { name: "cancel.mark", partition: id, args } as const;
      }),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(partition, job)
      .map(([id, jobId]) => ({ name: "roger.cancelJob", partition: id, args: { jobId } }) as const),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(partition, job).map(([id, one]) => {
      const args = { jobId: one, remove: true } as const;
      return { name: "roger.isCancelled", partition: id, args } as const;
    }),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(partition, job)
      .map(
        ([id, one]) => ({ name: "cancel.clear", partition: id, args: { jobIds: [one] } }) as const,
      ),
  },
);

/** Whoever finishes and withdraws is often the one whose job it is: there are few. */
const crowding: fc.Arbitrary<Write> = fc.oneof(
  { weight: 10, arbitrary: jobbing(partition) },
  { weight: 4, arbitrary: cancelling },
  { weight: 1, arbitrary: claiming(partition) },
);

const waitMs = fc.oneof(
  { weight: 4, arbitrary: fc.constant(0) },
  { weight: 2, arbitrary: fc.nat(400) },
  { weight: 1, arbitrary: fc.nat(6_000) },
);

interface Drawn {
  readonly waitMs: number;
  readonly calls: readonly { readonly write: Write; readonly session: number }[];
  /** Of another kind of script: with the commands of Roger, limits, ends of sessions. */
  readonly stray: readonly Submission[];
}

const strays = scripts({ min: 1, max: 1 }).map(
  (steps) => steps.at(-1)?.submissions.slice(0, 2) ?? [],
);

const drawn: fc.Arbitrary<Drawn> = fc.record({
  waitMs,
  calls: fc.array(fc.record({ write: crowding, session: fc.constantFrom(...clients) }), {
    maxLength: 4,
    size: "max",
  }),
  stray: fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: strays }),
});

/** The first step opens everything. */
export function crowdedScripts(length: {
  readonly min: number;
  readonly max: number;
}): fc.Arbitrary<readonly Step[]> {
  const { min: minLength, max: maxLength } = length;
  return fc.array(drawn, { minLength, maxLength, size: "max" }).map((steps) => {
    let sequence = 1_000;
    const numbered = steps.map(({ calls, stray, waitMs: wait }): Step => {
      const submissions = calls.map(({ session, write }): Submission => {
        sequence += 1;
        return { origin: inSession(session, sequence), write };
      });
      return { waitMs: wait, isNewTerm: false, submissions: [...submissions, ...stray] };
    });
    return [opening, ...numbered];
  });
}

const none: Origin = { kind: "none" };

const opening: Step = {
  waitMs: 0,
  isNewTerm: false,
  submissions: [
    { origin: none, write: raiseLevel },
    ...["acme", "other"].map((id): Submission => {
      const write: Write = { name: "partition.start", partition: partitionId(id), args: {} };
      return { origin: none, write };
    }),
    ...clients.map((id): Submission => ({ origin: none, write: openWrite(id) })),
  ],
};
