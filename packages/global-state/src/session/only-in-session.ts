// only-in-session.ts — the refusals of those who would hold a key or run a job without a session to live by.
import { invalidArgument } from "../decision.ts";
import type { Refusal } from "../result.ts";

const path = "session";

export const runsInSession: Refusal = invalidArgument({
  path,
  reason: "a job runs in a session: session.open comes first",
});

export const heldInSession: Refusal = invalidArgument({
  path,
  reason: "a key is held by a session: session.open comes first",
});
