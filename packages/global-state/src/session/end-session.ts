// end-session.ts — what the end of a session takes with it, whether it said goodbye or fell silent: the answers
// kept for its retries, its waits, what it runs and what it holds, which whoever is next gets in the same entry.
// More than one entry may free is left to further ones; the session is over from the first on (SEMANTICS §4.7).
// The queue keys of its jobs stay: they are to be started again.
import { endHold } from "../execution-key/end-hold.ts";
import { holderWith } from "../execution-key/execution-key.ts";
import { settle, takeWork } from "../execution-key/settle.ts";
import { keyOf, leaveLine } from "../execution-key/wait.ts";
import { endRun } from "../job/end-run.ts";
import { notAtAll } from "../log-time.ts";
import type { Moment, State } from "../state.ts";
import { dropAnswers } from "./answered.ts";
import type { Session, SessionEnding } from "./session.ts";
import { forgetEndings } from "./wait-ending.ts";

export function endSession(
  state: State,
  moment: Moment,
  end: { readonly session: Session; readonly how: Exclude<SessionEnding, "no"> },
): void {
  const { session, how } = end;
  const { answersMax } = state.limits;
  dropAnswers(state, { session, before: Number.MAX_SAFE_INTEGER, answersMax });
  forgetEndings(state, { session, before: Number.MAX_SAFE_INTEGER });
  state.sessionsByOpenId.delete(session.openId);
  state.sessions.touch(session);
  session.ending = how;
  emptySession(state, moment, session);
}

/** Waits first, so that nothing it holds is granted to itself; each in the order of the numbers. */
export function emptySession(state: State, moment: Moment, session: Session): void {
  for (const waiter of session.waits.values()) {
    if (moment.work.left === 0) break;
    takeWork(moment);
    const row = keyOf(state, waiter);
    leaveLine(state, { row, waiter, session });
    settle(state, moment, row);
  }
  const cause = session.ending === "expired" ? "expired" : "released";
  for (const [token, row] of session.holds) {
    if (moment.work.left === 0) break;
    takeWork(moment);
    endHold(state, moment, { row, holder: holderWith(row, token), cause });
    settle(state, moment, row);
  }
  // With its hold each run that has a key has ended: what is left has none.
  for (const run of session.runs.values()) {
    if (moment.work.left === 0) break;
    takeWork(moment);
    endRun(state, moment, { run, cause });
  }
  const { waits, holds, runs } = session;
  if (waits.size > 0 || holds.size > 0 || runs.size > 0) return goOnLater(state, session);
  if (session.place >= 0) state.deadlines.remove(session);
  state.sessions.remove(session);
}

function goOnLater(state: State, session: Session): void {
  if (session.place >= 0) return;
  session.expiresAt = notAtAll;
  state.deadlines.add(session);
}
