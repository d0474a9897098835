// end-session.ts — what the end of a session takes with it, whether it said goodbye or fell silent:
// the record and the answers kept for its retries. Sessions hold nothing else yet.
import type { State } from "../state.ts";
import { dropAnswers } from "./answered.ts";
import type { Session } from "./session.ts";

export function endSession(state: State, session: Session): void {
  const { answersMax } = state.limits;
  dropAnswers(state, { session, before: Number.MAX_SAFE_INTEGER, answersMax });
  state.sessions.remove(session);
  state.sessionsByOpenId.delete(session.openId);
}
