// only-in-session.ts — the refusal of those who would run a job without a session to live by.
import { invalidArgument } from "../decision.ts";
import type { Refusal } from "../result.ts";

export const onlyInSession: Refusal = invalidArgument({
  path: "session",
  reason: "a job runs in a session: session.open comes first",
});
