// open-session.ts — `session.open`: a client gets its identity. Its openId is its number: a repeated
// open finds the same session while it lives, and makes a new one after that (SEMANTICS §3).
import { type Decision, quotaExceeded } from "../decision.ts";
import type { OpenId } from "../ids.ts";
import { sessionId } from "../ids.ts";
import type { State } from "../state.ts";
import { newSession, type Session } from "./session.ts";

export interface Opening {
  readonly openId: OpenId;
  readonly name: string;
  readonly ttlMs: number | undefined;
  readonly keyDelayMs?: number;
}

export function openSession(state: State, opening: Opening): Decision {
  const found = state.sessionsByOpenId.get(opening.openId);
  if (found !== undefined) return opened(found);
  const current = state.sessions.count;
  if (current >= state.limits.sessionsMax) return quotaExceeded({ limit: "sessions", current });
  state.counters.session += 1;
  const session = newSession({
    id: sessionId(state.counters.session),
    openId: opening.openId,
    label: opening.name,
    ttlMs: opening.ttlMs ?? state.limits.sessionTtlMs.default,
    floor: 0,
    keyDelayMs: opening.keyDelayMs ?? 0,
    ending: "no",
  });
  state.sessions.insert(session);
  state.sessionsByOpenId.set(session.openId, session);
  return opened(session);
}

function opened(session: Session): Decision {
  return { status: "opened", session: session.key, ttlMs: session.ttlMs };
}
