// tick.ts — take out what is due, so many per entry, earliest first (SEMANTICS §5).
// What has not been taken out is still in force, however late it is.
import { unreachable } from "./assert.ts";
import { removeMark } from "./cancel/marks.ts";
import { removeRule } from "./cancel/rules.ts";
import { sweep } from "./execution-key/set-rules.ts";
import { takeTurn, takeWork } from "./execution-key/settle.ts";
import { timeOut } from "./execution-key/time-out.ts";
import { forgetFinished } from "./job/finished-jobs.ts";
import { takeDueInDropped } from "./partition/due-in-dropped.ts";
import { emptyDropped } from "./partition/empty-partition.ts";
import { removeEndedPause } from "./pause/pauses.ts";
import { goOnStopping } from "./pause/stop-jobs.ts";
import { removeEnded } from "./queue-key/queue-keys.ts";
import { emptySession } from "./session/end-session.ts";
import { forgetRequest } from "./session/requests.ts";
import type { Due, Moment, State } from "./state.ts";

export function takeOutDue(state: State, moment: Moment): void {
  const leave = emptyDropped(state, moment);
  const mayGoOn = (): boolean => moment.work.left > leave;
  for (let taken = 0; taken < state.limits.dueMax && mayGoOn(); taken++) {
    const due = state.deadlines.first();
    if (due === undefined || due.expiresAt > state.logTime) return;
    takeWork(moment);
    if (!takeDueInDropped(state, moment, { due, mayGoOn })) takeOut(state, moment, due);
  }
}

function takeOut(state: State, moment: Moment, due: Due): void {
  switch (due.kind) {
    case "cancelMark":
      return removeMark(state, due);
    case "cancelRule":
      return removeRule(state, due);
    case "pause":
      return removeEndedPause(state, due);
    case "stopping":
      return goOnStopping(state, moment, due);
    case "queueKey":
      return removeEnded(state, due);
    case "request":
      return forgetRequest(state, due);
    case "waiter":
      return timeOut(state, moment, due);
    case "executionKey":
      return takeTurn(state, moment, due);
    case "session":
      return emptySession(state, moment, due);
    case "finishedJob":
      return forgetFinished(state, due);
    case "limitRules":
      return sweep(state, moment, due);
    default:
      return unreachable(due);
  }
}
