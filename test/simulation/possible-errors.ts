// possible-errors.ts — the codes with which a call may fail under faults, and no other: what only a wrong call, or a wrong
// product, can bring about is a finding.
import type { ClientErrorCode } from "@rogerd/client";

export const possibleErrors: ReadonlySet<ClientErrorCode> = new Set([
  "unavailable",
  "indeterminate",
  "session_expired",
  "overloaded",
  "deadline_exceeded",
  "closed",
]);
