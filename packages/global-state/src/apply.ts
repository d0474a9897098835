// apply.ts — (state, entry) → one outcome for each call in it. Each call is executed at most once,
// whoever repeats it (SEMANTICS §6; thesis §6.3). Synchronous, deterministic, and never throws for
// what a client sent: an entry that breaks an assertion here was made by a bug.
import { assert, unreachable } from "./assert.ts";
import type { LogEntry, Origin, Submission, Write } from "./command.ts";
import {
  type Decision,
  invalidArgument,
  isRefusal,
  overloaded,
  sessionExpired,
} from "./decision.ts";
import { execute } from "./execute.ts";
import { isImporting } from "./import/import.ts";
import { checkStep, positionsOf } from "./invariants.ts";
import { advance } from "./log-time.ts";
import { nameProblem } from "./names.ts";
import type { Notice } from "./notice.ts";
import { isTooEarly } from "./partition/start-partition.ts";
import type { Outcome } from "./result.ts";
import { answerSizeMax } from "./session/answer-size.ts";
import { dropAnswers, keepAnswer, keptAnswer } from "./session/answered.ts";
import { hasRoomForRequest, rememberedAnswer, rememberRequest } from "./session/requests.ts";
import { type Session, sessionName } from "./session/session.ts";
import { forgetEndings } from "./session/wait-ending.ts";
import type { Moment, State } from "./state.ts";
import { takeOutDue } from "./tick.ts";

type SessionOrigin = Extract<Origin, { kind: "session" }>;
type RequestOrigin = Extract<Origin, { kind: "request" }>;

export function apply(state: State, entry: LogEntry): readonly Outcome[] {
  assert(entry.revision > state.revision, "entries are applied in order, each once");
  assert(Number.isSafeInteger(entry.wallMs), "wall time is a whole number");
  const before = positionsOf(state);
  const notices: Notice[] = [];
  state.revision = entry.revision;
  state.term = entry.term;
  state.logTime = advance({ last: state.logTime, now: entry.logTime });
  const moment: Moment = {
    revision: entry.revision,
    term: entry.term,
    logTime: state.logTime,
    wallMs: Math.max(0, entry.wallMs),
    work: { left: state.limits.workMax },
    notices,
  };
  state.changes.begin();
  takeOutDue(state, moment);
  state.changes.doneBy(state, moment, { cause: "time", origin: { kind: "none" } });
  const outcomes = entry.submissions.map((submission, n) => {
    const outcome = submit(state, moment, { submission, n });
    const { origin, write } = submission;
    const cause = write.name === "admin.release" ? "force" : write.name;
    state.changes.doneBy(state, moment, { cause, origin });
    return outcome;
  });
  state.notices = notices;
  checkStep(before, positionsOf(state));
  return outcomes;
}

function submit(
  state: State,
  moment: Moment,
  call: { readonly submission: Submission; readonly n: number },
): Outcome {
  const { n } = call;
  const { origin, write } = call.submission;
  if (write.name === "partition.start" && isImporting(state)) {
    return outcomeOf(moment, n, overloaded); // its name may be among what is to come: ask again
  }
  switch (origin.kind) {
    case "session":
      return submitInSession(state, moment, { origin, write, n });
    case "request":
      return submitRequest(state, moment, { origin, write, n });
    case "none":
      if (isTooEarly(state, write)) return outcomeOf(moment, n, overloaded);
      return outcomeOf(moment, n, execute(state, moment, { write, asking: undefined }));
    default:
      return unreachable(origin);
  }
}

/**
 * The order of the questions matters: the floor moves first, so that a call that its client has
 * given up is not executed even if it arrives in the same entry; a known number gets its answer even
 * when there is no room for new ones.
 */
function submitInSession(
  state: State,
  moment: Moment,
  call: { readonly origin: SessionOrigin; readonly write: Write; readonly n: number },
): Outcome {
  const { origin, write, n } = call;
  const session = state.sessions.find(sessionName(origin.session));
  if (session === undefined || session.ending !== "no") {
    return outcomeOf(moment, n, sessionExpired(origin.session));
  }
  const { sequence } = origin;
  const problem = numberProblem(origin);
  if (problem !== undefined) return outcomeOf(moment, n, problem);
  raiseFloor(state, { session, to: origin.floor });
  if (sequence < session.floor) return outcomeOf(moment, n, belowFloor);
  const known = keptAnswer(state.answerPages, { session, sequence });
  if (known !== undefined) return known;
  if (isTooEarly(state, write)) return outcomeOf(moment, n, overloaded);
  if (!hasRoom(state, { session, sequence, write })) return outcomeOf(moment, n, overloaded);
  const asking = { session, sequence };
  const outcome = outcomeOf(moment, n, execute(state, moment, { write, asking }));
  const isOver = session.ending !== "no";
  if (!isOver) keepAnswer(state, { session, sequence, outcome });
  return outcome;
}

const belowFloor: Decision = invalidArgument({
  path: "seq",
  reason: "below the floor: its answer was given up",
});

function numberProblem(origin: SessionOrigin): Decision | undefined {
  const reason = "not a whole number from 0";
  if (!isNumberOfCall(origin.sequence)) return invalidArgument({ path: "seq", reason });
  if (!isNumberOfCall(origin.floor)) return invalidArgument({ path: "floor", reason });
  return undefined;
}

function isNumberOfCall(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

function raiseFloor(state: State, raise: { readonly session: Session; readonly to: number }): void {
  const { session, to } = raise;
  if (to <= session.floor) return;
  const { answersMax } = state.limits;
  dropAnswers(state, { session, before: to, answersMax });
  forgetEndings(state, { session, before: to });
  state.sessions.touch(session);
  session.floor = to;
}

/**
 * A goodbye always has room: it keeps no answer, and it frees. Where all sessions together keep as much
 * as they may, each still has its small share: a few that give nothing up must not stop the others.
 */
function hasRoom(
  state: State,
  call: { readonly session: Session; readonly sequence: number; readonly write: Write },
): boolean {
  const { session, sequence, write } = call;
  if (write.name === "session.close") return true;
  if (sequence >= session.floor + state.limits.answersMax) return false;
  const { answersBytesMax, answersBytesShare, answersBytesTotalMax } = state.limits;
  const bytes = answerSizeMax(write);
  if (session.answersBytes + bytes > answersBytesMax) return false;
  if (state.answersBytes + bytes <= answersBytesTotalMax) return true;
  return session.answersBytes + bytes <= answersBytesShare;
}

function submitRequest(
  state: State,
  moment: Moment,
  call: { readonly origin: RequestOrigin; readonly write: Write; readonly n: number },
): Outcome {
  const { write, n } = call;
  const { requestId } = call.origin;
  if (nameProblem(requestId) !== undefined) return outcomeOf(moment, n, noName);
  const known = rememberedAnswer(state, requestId);
  if (known !== undefined) return known;
  if (isTooEarly(state, write)) return outcomeOf(moment, n, overloaded);
  const hasRoomForAnswer = hasRoomForRequest(state, answerSizeMax(write));
  if (!hasRoomForAnswer) return outcomeOf(moment, n, overloaded);
  const outcome = outcomeOf(moment, n, execute(state, moment, { write, asking: undefined }));
  rememberRequest(state, moment, { requestId, outcome });
  return outcome;
}

const noName: Decision = invalidArgument({ path: "requestId", reason: "not a name" });

function outcomeOf(moment: Moment, n: number, decision: Decision): Outcome {
  const { revision } = moment;
  if (isRefusal(decision)) return { kind: "refusal", revision, n, refusal: decision };
  return { kind: "result", revision, n, result: decision };
}
