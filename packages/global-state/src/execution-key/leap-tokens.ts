// leap-tokens.ts — `admin.leapTokens`: a cluster that goes on from what one node of a lost one had does not
// know which tokens were given after that. Its own go past all of them, so that they only grow (SEMANTICS §3).
import { assert } from "../assert.ts";
import type { Decision } from "../decision.ts";
import { tokenLeap } from "../import/import.ts";
import type { State } from "../state.ts";

export function leapTokens(state: State): Decision {
  const { counters } = state;
  assert(Number.isSafeInteger(counters.token + tokenLeap), "nobody recovers millions of times");
  counters.token += tokenLeap;
  return { status: "ok" };
}
