// session.ts — the client's identity across connections: opened by a random openId that finds the
// same session again while it lives (SEMANTICS §3, §6). `moveSession` is the only door of its state.

import type { Instant } from "./lease.ts";
import type { ClientPlatform } from "./platform.ts";

/** `jeopardy`: nobody has confirmed for long that it lives; it still does, as far as we know. */
export type SessionState = "opening" | "live" | "jeopardy" | "expired" | "closed";

const statesAfter: Readonly<Record<SessionState, readonly SessionState[]>> = {
  opening: ["live", "closed"],
  live: ["jeopardy", "expired", "closed"],
  jeopardy: ["live", "expired", "closed"],
  expired: [],
  closed: [],
};

export class Session {
  /** 128 random bits as 32 hex digits. */
  readonly openId: string;
  sessionState: SessionState = "opening";
  /** Issued by the log; undefined while opening. */
  id: number | undefined;
  /** When `session.open` was first sent for it: it can't have begun earlier. */
  openingSince: Instant | undefined;

  constructor(openId: string) {
    this.openId = openId;
  }
}

export function drawOpenId(platform: ClientPlatform): string {
  const words = [0, 1, 2, 3].map(() => platform.drawSeed().toString(16).padStart(8, "0"));
  return words.join("");
}

/** False when the move is not one that a session makes: it has ended already. */
export function moveSession(session: Session, state: SessionState): boolean {
  if (!statesAfter[session.sessionState].includes(state)) return false;
  session.sessionState = state;
  return true;
}

/** Whether an answer to `session.open` names the session we have. */
export function isStill(session: Session, answered: number): boolean {
  return isAlive(session) && session.id === answered;
}

/** It has begun, and has not ended as far as we know. */
export function isAlive({ sessionState }: Session): boolean {
  return sessionState === "live" || sessionState === "jeopardy";
}
