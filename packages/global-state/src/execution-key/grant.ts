// grant.ts — the only place that makes a holder, and the only one that draws a token (SEMANTICS §2,
// V14): one counter for the group, one more for each grant, never reset, whatever is removed.
import type { FencingToken, JobId } from "../ids.ts";
import { fencingToken } from "../ids.ts";
import { after, never } from "../log-time.ts";
import { partitionNumbered } from "../partition/partitions.ts";
import type { Session } from "../session/session.ts";
import type { Moment, State } from "../state.ts";
import type { ExecutionKey } from "./execution-key.ts";
import type { Holder } from "./holders.ts";

/** Also of a run that holds no key: its token tells it from the job's earlier ones. */
export function drawToken(state: State): FencingToken {
  state.counters.token += 1;
  return fencingToken(state.counters.token);
}

/** A holder without a name, as Roger's forms make it. The caller has seen that there is room. */
export function grantOwnerless(state: State, moment: Moment): Holder {
  return {
    owner: null,
    session: null,
    token: drawToken(state),
    sinceWallMs: moment.wallMs,
    heldUntil: never,
  };
}

/** The caller has seen that there is room, and looks after what follows (settle.ts). */
export function grantTo(
  state: State,
  moment: Moment,
  grant: {
    readonly row: ExecutionKey;
    readonly owner: JobId;
    readonly session: Session;
    readonly maxHoldMs: number | undefined;
  },
): Holder {
  const { row, owner, session, maxHoldMs } = grant;
  const { token, sinceWallMs } = grantOwnerless(state, moment);
  const heldUntil = maxHoldMs === undefined ? never : after(moment.logTime, maxHoldMs);
  const holder = { owner, session: session.key, token, sinceWallMs, heldUntil };
  row.holders.add(holder);
  state.sessions.willShowOtherwise(session);
  session.holds.set(token, row);
  partitionNumbered(state, row.scope).holds.set(token, row);
  return holder;
}
