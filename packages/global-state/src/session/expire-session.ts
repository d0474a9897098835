// expire-session.ts — `session.expire`: it fell silent (SEMANTICS §5). The only way a crash frees
// anything. Decided by a leader outside the log, so it counts in the term of that leader only: one
// that was appended in a later term was decided by somebody who may have known too little (RAFT L6).
import { changed, type Decision, unchanged } from "../decision.ts";
import type { SessionId } from "../ids.ts";
import type { Moment, State } from "../state.ts";
import { endSession } from "./end-session.ts";
import { sessionName } from "./session.ts";

export function expireSession(
  state: State,
  moment: Moment,
  expiry: { readonly session: SessionId; readonly decidedInTerm: number },
): Decision {
  if (expiry.decidedInTerm !== moment.term) return unchanged;
  const session = state.sessions.find(sessionName(expiry.session));
  if (session === undefined || session.ending !== "no") return unchanged;
  endSession(state, moment, { session, how: "expired" });
  return changed;
}
