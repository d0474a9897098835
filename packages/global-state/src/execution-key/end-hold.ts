// end-hold.ts — a holder goes. What follows for those who wait is settled by the caller (settle.ts). Whoever
// loses a key without having given it back may go on for a while without knowing: for so long as his
// session asked for, nobody else gets the key (SEMANTICS §4.11). A run and its hold end together.
import { assert } from "../assert.ts";
import { removeRun } from "../job/runs.ts";
import { tellFenced } from "../job/tell-session.ts";
import { after } from "../log-time.ts";
import { partitionNumbered } from "../partition/partitions.ts";
import { sessionName } from "../session/session.ts";
import type { Moment, State } from "../state.ts";
import type { ExecutionKey } from "./execution-key.ts";
import type { Holder } from "./holders.ts";

export type HoldEnd =
  /** Given back by its owner, by a call or by the goodbye of his session. */
  | "released"
  /** Its session fell silent. */
  | "expired"
  /** By Roger's form 9, which ends every holder, or by a release from elsewhere. */
  | "removed"
  | "held_too_long"
  /** Of a run: by a start of its job in another session. */
  | "taken_over"
  /** With its partition; who held was told when that was dropped (tell-dropped.ts). */
  | "dropped";

const delays: Record<HoldEnd, boolean> = {
  released: false,
  expired: true,
  removed: false,
  held_too_long: true,
  taken_over: true,
  dropped: false,
};

/** Not of what its own session has ended, nor of what ended with it or was told before. */
export function isTold(
  cause: HoldEnd,
): cause is Exclude<HoldEnd, "released" | "expired" | "dropped"> {
  return cause !== "released" && cause !== "expired" && cause !== "dropped";
}

export function endHold(
  state: State,
  moment: Moment,
  end: { readonly row: ExecutionKey; readonly holder: Holder; readonly cause: HoldEnd },
): void {
  const { row, holder, cause } = end;
  state.executionKeys.touch(row);
  row.holders.remove(holder);
  if (holder.session === null) return;
  const session = state.sessions.find(sessionName(holder.session));
  assert(session !== undefined, "a holder has a session (I4)");
  state.sessions.willShowOtherwise(session);
  session.holds.delete(holder.token);
  const partition = partitionNumbered(state, row.scope);
  partition.holds.delete(holder.token);
  if (delays[cause] && session.keyDelayMs > 0) {
    const until = after(moment.logTime, session.keyDelayMs);
    if (until > row.delayedUntil) row.delayedUntil = until;
  }
  const run = session.runs.get(holder.token);
  if (run !== undefined) {
    removeRun(state, run);
    return tellFenced(state, moment, { run, cause });
  }
  if (!isTold(cause)) return;
  assert(cause !== "taken_over", "a run is taken over, not a hold");
  const { token } = holder;
  const of = { session: session.key, partition: partition.key, key: row.key };
  moment.notices.push({ kind: "holdEnded", ...of, token, cause });
}
