// keepalives.ts — `session.keepalive`, which is in no log (SEMANTICS §5): those of a turn share one round
// to a quorum that begins after they arrived, and are confirmed only when it has ended. They pass where
// ordinary calls are `overloaded`: load must not end sessions. They have a bound of their own.
import { isOpenIdText, openId, type SessionId } from "@rogerd/global-state";
import { type Answer, type ErrorObject, errorObject, type Request } from "@rogerd/protocol";
import { assert } from "@rogerd/raft";
import type { Bounds } from "../listener/bounds.ts";
import type { Leases } from "../session/leases.ts";
import type { Caller } from "./caller.ts";
import { elsewhereError, leaderHint } from "./redirect.ts";
import type { CurrentState, OuterPlatform, Proposer } from "./surroundings.ts";
import { unreachable } from "./unreachable.ts";

export interface KeepaliveParts {
  readonly node: Proposer;
  readonly state: CurrentState;
  readonly platform: Pick<OuterPlatform, "afterTurn">;
  readonly leases: Pick<Leases, "asks" | "confirm">;
  readonly bounds: Pick<Bounds, "retryAfterMs" | "keepalivesMax" | "keepalivesTotalMax">;
}

/** Whose session: the one its connection speaks for, or the one whose secret it shows. */
type Whose =
  | { readonly kind: "spoken-for"; readonly session: SessionId }
  | { readonly kind: "secret"; readonly openId: string };

interface Waiting {
  readonly caller: Caller;
  readonly id: number;
  readonly whose: Whose;
  /** To be called when it is known what becomes of it. */
  readonly settled: () => void;
}

export const keepaliveCommand = "session.keepalive";

export class Keepalives {
  readonly #parts: KeepaliveParts;
  /** Of this turn. */
  #gathered: Waiting[] = [];
  /** Not yet answered, the gathered ones among them. */
  readonly #waitingOf = new Map<Caller, number>();
  #waiting = 0;

  constructor(parts: KeepaliveParts) {
    this.#parts = parts;
  }

  /** Into the round of this turn; or the error that is its answer. */
  take(request: Request, caller: Caller): ErrorObject | undefined {
    const whose = whoseOf(request, caller);
    if ("path" in whose) {
      const { path, reason } = whose;
      return errorObject("invalid_argument", `${path}: ${reason}`, { path });
    }
    const { bounds, leases, platform } = this.#parts;
    const waiting = this.#waitingOf.get(caller) ?? 0;
    if (waiting >= bounds.keepalivesMax || this.#waiting >= bounds.keepalivesTotalMax) {
      const { retryAfterMs } = bounds;
      return errorObject("overloaded", "too many keepalives wait already", { retryAfterMs });
    }
    this.#waitingOf.set(caller, waiting + 1);
    this.#waiting += 1;
    const session = this.#sessionOf(whose);
    const settled = session === undefined ? () => undefined : leases.asks(session);
    this.#gathered.push({ caller, id: request.id, whose, settled });
    if (this.#gathered.length === 1) platform.afterTurn(() => void this.#endTurn());
    return undefined;
  }

  async #endTurn(): Promise<void> {
    const gathered = this.#gathered;
    this.#gathered = [];
    const { node } = this.#parts;
    const { role, term } = node.status();
    if (role !== "leader") return this.#refuse(gathered, this.#elsewhere());
    const outcome = await node.read();
    if (outcome.kind === "not-leader") return this.#refuse(gathered, this.#elsewhere());
    if (outcome.kind === "unavailable" || this.#parts.state.notServing !== undefined) {
      return this.#refuse(gathered, this.#unavailable());
    }
    for (const waiting of gathered) this.#confirm(waiting, term);
  }

  #sessionOf(whose: Whose): SessionId | undefined {
    if (whose.kind === "spoken-for") return whose.session;
    return this.#parts.state.current.sessionOf(openId(whose.openId));
  }

  #confirm(waiting: Waiting, term: number): void {
    const { leases, state } = this.#parts;
    const { id } = waiting;
    const session = this.#sessionOf(waiting.whose);
    if (session === undefined) {
      const error = errorObject("session_expired", "no session that lives has this openId");
      return this.#answer(waiting, { id, error });
    }
    const confirmation = leases.confirm({ session, term });
    switch (confirmation.kind) {
      case "kept": {
        const { leaseMs } = confirmation;
        const { revision } = state.current;
        const result = { status: "kept", session, leaseMs } as const;
        return this.#answer(waiting, { id, revision, n: 0, result });
      }
      case "ended": {
        const error = errorObject("session_expired", `session ${session} has ended`);
        return this.#answer(waiting, { id, error });
      }
      case "undecided":
        return this.#answer(waiting, { id, error: this.#unavailable() });
      default:
        return unreachable(confirmation);
    }
  }

  #refuse(gathered: readonly Waiting[], error: ErrorObject): void {
    for (const waiting of gathered) this.#answer(waiting, { id: waiting.id, error });
  }

  #answer({ caller, settled }: Waiting, answer: Answer): void {
    const waiting = this.#waitingOf.get(caller) ?? 0;
    assert(waiting > 0, "a keepalive is answered once");
    if (waiting === 1) this.#waitingOf.delete(caller);
    else this.#waitingOf.set(caller, waiting - 1);
    this.#waiting -= 1;
    settled();
    if (caller.isListening) caller.answer(answer);
  }

  #elsewhere(): ErrorObject {
    const leader = leaderHint(this.#parts.node.status());
    return elsewhereError({ leader, retryAfterMs: this.#parts.bounds.retryAfterMs });
  }

  #unavailable(): ErrorObject {
    const message =
      this.#parts.state.notServing ?? "nobody here can say now that the session lives";
    const { retryAfterMs } = this.#parts.bounds;
    return errorObject("unavailable", message, { retryAfterMs });
  }
}

function whoseOf(
  { args, partition, seq, requestId, revisionMin }: Request,
  { session }: Caller,
): Whose | { readonly path: string; readonly reason: string } {
  if (partition !== undefined) {
    return { path: "partition", reason: "is of no use: a session is of the whole group" };
  }
  const numbered = Object.entries({ seq, requestId, revisionMin });
  for (const [path, value] of numbered) {
    if (value !== undefined)
      return { path, reason: "is of no use: nothing is kept of a keepalive" };
  }
  const { openId: secret, ...others } = args;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) return { path: unknown, reason: "is unknown" };
  if (typeof secret === "string" && isOpenIdText(secret)) return { kind: "secret", openId: secret };
  if (secret !== undefined) {
    return { path: "openId", reason: "must be 32 hex digits in lower case" };
  }
  if (session !== undefined) return { kind: "spoken-for", session };
  return { path: "openId", reason: "is missing: this connection speaks for no session" };
}
