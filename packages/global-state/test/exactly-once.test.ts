// I7 and V18: a call changes state at most once, whoever repeats it and when; its answer is the same.
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { defaultLimits, type Outcome, type Submission } from "../src/index.ts";
import { crowdedScripts } from "./crowded-script.ts";
import { play, scripts } from "./script.ts";
import { bodyOf, encodeAll, restored, World } from "./world.ts";

interface Numbered {
  readonly answeredAt: number;
  readonly submission: Submission;
  readonly outcome: Outcome;
}

/** Answered, and not of those that are not kept. */
function isKept(outcome: Outcome): boolean {
  if (outcome.kind === "result") return true;
  return ["not_started", "quota_exceeded"].includes(outcome.refusal.code);
}

/** A number of a session is known as long as that lives and its floor lets it; a request id, for its time. */
function mayBeRepeated({ answeredAt, submission }: Numbered, now: number): boolean {
  return submission.origin.kind === "session" || now < answeredAt + defaultLimits.requestTtlMs;
}

const anyScripts = fc.oneof(scripts({ min: 10, max: 60 }), crowdedScripts({ min: 10, max: 60 }));

test("a repeated call gets the identical answer and has no second effect (property)", () => {
  fc.assert(
    fc.property(anyScripts, fc.infiniteStream(fc.nat(9)), (script, dice) => {
      const once = new World();
      const often = new World();
      once.checksInvariants = false;
      often.checksInvariants = false;
      const answered: Numbered[] = [];
      const roll = (): number => dice.next().value ?? 0;
      for (const step of script) {
        const plain = play(once, step);
        const now = once.state.logTime;
        const known = answered.filter((each) => mayBeRepeated(each, now));
        const again = known.filter(() => roll() === 0).slice(0, 5);
        const retries = again.map(({ submission }) => submission);
        if (roll() === 0) often.state = restored(undefined, encodeAll(often.state).chunks);
        const outcomes = play(often, { ...step, submissions: [...step.submissions, ...retries] });

        expect(outcomes.slice(0, plain.length)).toEqual(plain);
        for (const [at, { outcome }] of again.entries()) {
          const repeated = outcomes[plain.length + at];
          if (repeated === undefined) throw new Error("one call, one outcome");
          if (!isGone(repeated)) expect(repeated).toEqual(outcome);
        }
        expect(often.hash()).toBe(once.hash());
        for (const [at, submission] of step.submissions.entries()) {
          const outcome = plain[at];
          if (outcome === undefined || outcome.revision !== once.state.revision) continue;
          if (submission.origin.kind === "none" || !isKept(outcome)) continue;
          answered.push({ submission, outcome, answeredAt: now });
        }
      }
    }),
    { numRuns: 50 },
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
