// grant.ts — the only place that makes a holder, and the only one that draws a token (SEMANTICS §2,
// V14): one counter for the group, one more for each grant, never reset, whatever is removed.
import { fencingToken } from "../ids.ts";
import type { Moment, State } from "../state.ts";
import type { Holder } from "./execution-key.ts";

/** A holder without a name, as Roger's forms make it. The caller has seen that there is room. */
export function grantOwnerless(state: State, moment: Moment): Holder {
  state.counters.token += 1;
  return { owner: null, token: fencingToken(state.counters.token), sinceWallMs: moment.wallMs };
}
