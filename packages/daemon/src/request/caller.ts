// caller.ts — whoever asked: a WebSocket connection, or one HTTP request. Requests are decided without
// knowing which. A caller may be gone when its answer comes: then the answer is dropped, and what
// was proposed stands all the same.
import type { SessionId } from "@rogerd/global-state";
import type { Answer } from "@rogerd/protocol";

export interface Caller {
  /** The session this caller speaks for (SEMANTICS §6). */
  readonly session: SessionId | undefined;
  /** False: nobody would read an answer any more. */
  readonly isListening: boolean;
  /** Counted by admission.ts alone. */
  callsInFlight: number;
  answer(answer: Answer): void;
  /** `session.open` was answered to this caller: from now on it speaks for that session. */
  speakFor(session: SessionId): void;
  /** `session.sync` was answered to this caller: what happens to its session from now on is told it. */
  hearPushes(): void;
}
