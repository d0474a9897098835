// decision.ts — what a command comes to: a result, or a refusal that changed nothing. The answers that
// never differ are made once; they are shared, so nobody may write to them.
import type { PartitionId, SessionId } from "./ids.ts";
import type { Refusal, Result } from "./result.ts";

export type Decision = Result | Refusal;

export function isRefusal(decision: Decision): decision is Refusal {
  return "code" in decision;
}

export const ok: Result = { status: "ok" };
export const done: Result = { status: "done" };
export const changed: Result = { status: "changed", changed: true };
export const unchanged: Result = { status: "changed", changed: false };

const present: Result = { status: "member", before: true };
const absent: Result = { status: "member", before: false };

export function member(standing: { readonly wasThere: boolean }): Result {
  return standing.wasThere ? present : absent;
}

export const overloaded: Refusal = { code: "overloaded" };

export function notStarted(partition: PartitionId): Refusal {
  return { code: "not_started", partition };
}

export function sessionExpired(session: SessionId): Refusal {
  return { code: "session_expired", session };
}

export function quotaExceeded(bound: {
  readonly limit: string;
  readonly current: number;
}): Refusal {
  return { code: "quota_exceeded", limit: bound.limit, current: bound.current };
}

export function invalidArgument(problem: {
  readonly path: string;
  readonly reason: string;
}): Refusal {
  return { code: "invalid_argument", path: problem.path, reason: problem.reason };
}
