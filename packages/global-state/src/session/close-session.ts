// close-session.ts — `session.close`: the session that asks says goodbye. Its answer can't be kept,
// for what would keep it is gone: asked again, it is `session_expired`, which says the same.
import { type Decision, invalidArgument, ok } from "../decision.ts";
import type { Moment, State } from "../state.ts";
import { endSession } from "./end-session.ts";
import type { Session } from "./session.ts";

export function closeSession(state: State, moment: Moment, asking: Session | undefined): Decision {
  if (asking === undefined) {
    return invalidArgument({ path: "session", reason: "only a session can close itself" });
  }
  endSession(state, moment, { session: asking, how: "closed" });
  return ok;
}
