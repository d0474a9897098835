// pushes.ts — what entries did to sessions is told on their push connections (SEMANTICS §4.9): after each entry
// that is applied here, in order. Who is told what is decided by the state; who hears it by sessions.ts. A
// push is a hint: nothing is kept for those who do not listen, and nobody is waited for.
import type { Notice } from "@rogerd/global-state";
import type { Push } from "@rogerd/protocol";
import type { CurrentState } from "../request/surroundings.ts";
import { unreachable } from "../request/unreachable.ts";
import type { ReplicatedState } from "../state/replicated-state.ts";
import type { Sessions } from "./sessions.ts";

export interface PushesParts {
  readonly state: CurrentState & Pick<ReplicatedState, "listen">;
  readonly sessions: Pick<Sessions, "listenerOf" | "listeners">;
}

export class Pushes {
  readonly #parts: PushesParts;

  constructor(parts: PushesParts) {
    this.#parts = parts;
  }

  /** From now on, for as long as the state lives. */
  start(): void {
    this.#parts.state.listen({
      appliedOne: () => this.#tellAll(),
      restored: () => this.#loseAll(),
    });
  }

  #tellAll(): void {
    const { state, sessions } = this.#parts;
    const { notices, revision } = state.current;
    let n = 0;
    for (const notice of notices) {
      sessions.listenerOf(notice.session)?.told(pushOf(notice, { revision, n }));
      n += 1;
    }
  }

  /** Nobody knows what happened in between: who wants to know syncs again, on a connection of its own. */
  #loseAll(): void {
    for (const listener of this.#parts.sessions.listeners()) listener.missed();
  }
}

function pushOf(notice: Notice, at: { readonly revision: number; readonly n: number }): Push {
  switch (notice.kind) {
    case "waitEnded": {
      const { sequence: seq, ticket, ending } = notice;
      return { kind: "waitEnded", ...at, seq, ticket, ending };
    }
    case "holdEnded": {
      const { session: _, ...ended } = notice;
      return { ...ended, ...at };
    }
    case "runFenced": {
      const { session: _, ...fenced } = notice;
      return { ...fenced, ...at };
    }
    case "runToStop": {
      const { session: _, ...told } = notice;
      return { ...told, ...at };
    }
    default:
      return unreachable(notice);
  }
}
