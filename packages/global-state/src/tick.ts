// tick.ts — take out what is due, so many per entry, earliest first (SEMANTICS §5).
// What has not been taken out is still in force, however late it is.
import { unreachable } from "./assert.ts";
import { removeMark } from "./cancel/marks.ts";
import { removeRule } from "./cancel/rules.ts";
import { removeEndedPause } from "./pause/pauses.ts";
import { removeEnded } from "./queue-key/queue-keys.ts";
import { forgetRequest } from "./session/requests.ts";
import type { Due, State } from "./state.ts";

export function takeOutDue(state: State): void {
  for (let taken = 0; taken < state.limits.dueMax; taken++) {
    const due = state.deadlines.first();
    if (due === undefined || due.expiresAt > state.logTime) return;
    takeOut(state, due);
  }
}

function takeOut(state: State, due: Due): void {
  switch (due.kind) {
    case "cancelMark":
      return removeMark(state, due);
    case "cancelRule":
      return removeRule(state, due);
    case "pause":
      return removeEndedPause(state, due);
    case "queueKey":
      return removeEnded(state, due);
    case "request":
      return forgetRequest(state, due);
    default:
      return unreachable(due);
  }
}
