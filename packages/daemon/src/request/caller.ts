// caller.ts — whoever asked: a WebSocket connection, or one HTTP request. Requests are decided without
// knowing which. A caller may be gone when its answer comes: then the answer is dropped, and what
// was proposed stands all the same.
import type { SessionId } from "@rogerd/global-state";
import type { Answer } from "@rogerd/protocol";
import type { Watcher } from "../watch/watches.ts";

export interface Caller {
  /** The session this caller speaks for (SEMANTICS §6). */
  readonly session: SessionId | undefined;
  /** False: nobody would read an answer any more. */
  readonly isListening: boolean;
  /** Counted by admission.ts alone. */
  callsInFlight: number;
  /** Where a watch that it asks for is told; undefined: nothing can be told there. */
  readonly watcher: Watcher | undefined;
  answer(answer: Answer): void;
  /** `session.open` was answered to this caller: from now on it speaks for that session. */
  speakFor(session: SessionId): void;
  /** `session.sync` was answered to this caller: what happens to its session from now on is told it. */
  hearPushes(): void;
}
