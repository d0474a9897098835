// I7 and V18: a call changes state at most once, whoever repeats it and when; its answer is the same.
import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { Outcome, Submission } from "../src/index.ts";
import { play, type Step, scripts } from "./script.ts";
import { answerOf, bodyOf, reads, World } from "./world.ts";

interface Numbered {
  readonly submission: Submission;
  readonly outcome: Outcome;
}

/** Answered, and not of those that are not kept. */
function isKept(outcome: Outcome): boolean {
  if (outcome.kind === "result") return true;
  return ["not_started", "quota_exceeded"].includes(outcome.refusal.code);
}

function everything(world: World): readonly unknown[] {
  const kinds = [
    ...(["cancelMarks", "queueKeys", "executionKeys", "pauses"] as const),
    ...(["cancelRules", "runs", "finishedJobs"] as const),
  ];
  return kinds.map((kind) => answerOf(world.state.read(reads.list(kind, { limit: 1_000 }))));
}

/** Answers of sessions that may still be asked for: what the floor or an end has passed is not. */
function withSessions(steps: readonly Step[]): readonly Step[] {
  return steps.map((step) => ({
    ...step,
    submissions: step.submissions.filter(({ origin }) => origin.kind !== "request"),
  }));
}

test("a repeated call gets the identical answer and has no second effect (property)", () => {
  fc.assert(
    fc.property(scripts({ min: 10, max: 60 }), fc.infiniteStream(fc.nat(9)), (script, dice) => {
      const once = new World();
      const often = new World();
      once.checksInvariants = false;
      const answered: Numbered[] = [];
      const roll = (): number => dice.next().value ?? 0;
      for (const step of withSessions(script)) {
        const plain = play(once, step);
        const again = answered.filter(() => roll() === 0).slice(0, 5);
        const retries = again.map(({ submission }) => submission);
        const outcomes = play(often, { ...step, submissions: [...step.submissions, ...retries] });

        expect(outcomes.slice(0, plain.length)).toEqual(plain);
        for (const [at, { outcome }] of again.entries()) {
          const repeated = outcomes[plain.length + at];
          if (repeated === undefined) throw new Error("one call, one outcome");
          if (!isGone(repeated)) expect(repeated).toEqual(outcome);
        }
        for (const [at, submission] of step.submissions.entries()) {
          const outcome = plain[at];
          const isSession = submission.origin.kind === "session";
          if (isSession && outcome && isKept(outcome)) answered.push({ submission, outcome });
        }
      }
      expect(everything(often)).toEqual(everything(once));
    }),
    { numRuns: 60 },
  );
});

/** The session has ended, or the floor has passed the number: not executed again, and says so. */
function isGone(outcome: Outcome): boolean {
  const body = bodyOf(outcome);
  if (!("code" in body)) return false;
  return (
    body.code === "session_expired" || (body.code === "invalid_argument" && body.path === "seq")
  );
}
