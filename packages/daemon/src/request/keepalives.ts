// keepalives.ts — `session.keepalive`, which is in no log (SEMANTICS §5): those of a turn share one round
// to a quorum that begins after they arrived, and are confirmed only when it has ended. A thousand sessions
// say theirs in as many turns, so those that come while the last round is young share the next one. They
// pass where ordinary calls are `overloaded`: load must not end sessions. They have a bound of their own.
import { isOpenIdText, openId, type SessionId, sessionId } from "@rogerd/global-state";
import { type Answer, type ErrorObject, errorObject, type Request } from "@rogerd/protocol";
import { assert } from "@rogerd/raft";
import type { Bounds } from "../listener/bounds.ts";
import type { Keepers } from "../session/keepers.ts";
import type { Leases } from "../session/leases.ts";
import type { Caller } from "./caller.ts";
import { elsewhereError } from "./redirect.ts";
import type { CurrentState, OuterPlatform, Proposer } from "./surroundings.ts";
import { unreachable } from "./unreachable.ts";

export interface KeepaliveParts {
  readonly node: Proposer;
  readonly state: CurrentState;
  readonly platform: Pick<OuterPlatform, "afterTurn" | "setTimer">;
  readonly leases: Pick<Leases, "asks" | "confirm">;
  readonly keepers: Pick<Keepers, "shows" | "keeps">;
  readonly bounds: Pick<
    Bounds,
    "retryAfterMs" | "keepalivesMax" | "keepalivesTotalMax" | "keepersMax"
  >;
}

/** Whose session: the one its connection speaks for, or the one whose secret it shows. */
type Whose =
  | { readonly kind: "spoken-for"; readonly session: SessionId }
  | { readonly kind: "secret"; readonly session: SessionId; readonly openId: string };

interface Waiting {
  readonly caller: Caller;
  readonly id: number;
  readonly whose: Whose;
  /** To be called when it is known what becomes of it. */
  readonly settled: () => void;
}

export const keepaliveCommand = "session.keepalive";

/** Rounds begin at least so far apart: little beside a lease of seconds, and much cheaper than a round for each. */
const roundsApartMs = 100;

export class Keepalives {
  readonly #parts: KeepaliveParts;
  /** For the next round. */
  #gathered: Waiting[] = [];
  /** The last round is young: the next one begins when this is over. */
  #isRoundYoung = false;
  /** Not yet answered, the gathered ones among them. */
  readonly #waitingOf = new Map<Caller, number>();
  #waiting = 0;

  constructor(parts: KeepaliveParts) {
    this.#parts = parts;
  }

  /** Into the next round; or the error that is its answer. */
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
    if (whose.kind === "secret") this.#parts.keepers.shows(caller);
    this.#waitingOf.set(caller, waiting + 1);
    this.#waiting += 1;
    // Who can't show the secret delays no end.
    const settled = this.#isRight(whose) ? leases.asks(whose.session) : () => undefined;
    this.#gathered.push({ caller, id: request.id, whose, settled });
    const isFirst = this.#gathered.length === 1;
    if (isFirst && !this.#isRoundYoung) platform.afterTurn(() => void this.#beginRound());
    return undefined;
  }

  async #beginRound(): Promise<void> {
    const gathered = this.#gathered;
    this.#gathered = [];
    const { node, platform } = this.#parts;
    const { role, term } = node.status();
    if (role !== "leader") return this.#refuse(gathered, this.#elsewhere());
    this.#isRoundYoung = true;
    platform.setTimer(roundsApartMs, () => {
      this.#isRoundYoung = false;
      if (this.#gathered.length > 0) void this.#beginRound();
    });
    const outcome = await node.read();
    if (outcome.kind === "not-leader") return this.#refuse(gathered, this.#elsewhere());
    if (outcome.kind === "unavailable" || this.#parts.state.notServing !== undefined) {
      return this.#refuse(gathered, this.#unavailable());
    }
    for (const waiting of gathered) this.#confirm(waiting, term);
  }

  #isRight(whose: Whose): boolean {
    if (whose.kind === "spoken-for") return true;
    return this.#parts.state.current.sessionOf(openId(whose.openId)) === whose.session;
  }

  /** What is wrong with who asks; looked at when the state is as new as the round. */
  #objection({ caller, whose }: Waiting): ErrorObject | undefined {
    const { bounds, keepers, state } = this.#parts;
    const { session } = whose;
    if (whose.kind === "spoken-for" || state.current.session(session) === undefined) {
      return undefined;
    }
    if (!this.#isRight(whose)) {
      return errorObject("unauthenticated", `this is not the openId of session ${session}`);
    }
    if (!caller.isListening || keepers.keeps(caller, session)) return undefined;
    const { keepersMax, retryAfterMs } = bounds;
    const message = `${keepersMax} connections keep session ${session} alive already`;
    return errorObject("overloaded", message, { retryAfterMs });
  }

  #confirm(waiting: Waiting, term: number): void {
    const { leases, state } = this.#parts;
    const { id } = waiting;
    const { session } = waiting.whose;
    const objection = this.#objection(waiting);
    if (objection !== undefined) return this.#answer(waiting, { id, error: objection });
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
    const { bounds, node } = this.#parts;
    return elsewhereError({ status: node.status(), retryAfterMs: bounds.retryAfterMs });
  }

  #unavailable(): ErrorObject {
    const message =
      this.#parts.state.notServing ?? "nobody here can say now that the session lives";
    const { retryAfterMs } = this.#parts.bounds;
    return errorObject("unavailable", message, { retryAfterMs });
  }
}

interface Wrong {
  readonly path: string;
  readonly reason: string;
}

function whoseOf(request: Request, caller: Caller): Whose | Wrong {
  const { args, partition, seq, requestId, revisionMin } = request;
  if (partition !== undefined) {
    return { path: "partition", reason: "is of no use: a session is of the whole group" };
  }
  const numbered = Object.entries({ seq, requestId, revisionMin });
  for (const [path, value] of numbered) {
    if (value !== undefined)
      return { path, reason: "is of no use: nothing is kept of a keepalive" };
  }
  const { openId: secret, session, ...others } = args;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) return { path: unknown, reason: "is unknown" };
  if (secret !== undefined || session !== undefined) return secretOf({ secret, session }, caller);
  if (caller.session !== undefined) return { kind: "spoken-for", session: caller.session };
  return { path: "openId", reason: "is missing: this connection speaks for no session" };
}

function secretOf(
  { secret, session }: { readonly secret: unknown; readonly session: unknown },
  caller: Caller,
): Whose | Wrong {
  if (typeof session !== "number" || !Number.isSafeInteger(session) || session < 1) {
    return { path: "session", reason: "must be the number of a session" };
  }
  if (typeof secret !== "string" || !isOpenIdText(secret)) {
    return { path: "openId", reason: "must be 32 hex digits in lower case" };
  }
  if (caller.session !== undefined) {
    const reason = `is of no use: this connection speaks for session ${caller.session}`;
    return { path: "openId", reason };
  }
  if (caller.watcher === undefined) {
    return { path: "command", reason: "needs a WebSocket, of its own" };
  }
  return { kind: "secret", session: sessionId(session), openId: secret };
}
