// requests.ts — remembering the answers of those without a session, and forgetting them in time.
import { after } from "../log-time.ts";
import type { Outcome } from "../result.ts";
import type { Moment, State } from "../state.ts";
import { answerSize } from "./answer-size.ts";
import { newRememberedRequest, type RememberedRequest, requestName } from "./remembered-request.ts";

export function rememberedAnswer(state: State, requestId: string): Outcome | undefined {
  return state.requests.find(requestName(requestId))?.outcome;
}

/** Whether an answer of at most `bytes` can be remembered; one that can't is not executed. */
export function hasRoomForRequest(state: State, bytes: number): boolean {
  if (state.requests.count >= state.limits.requestsMax) return false;
  return state.requestsBytes + bytes <= state.limits.requestsBytesMax;
}

export function rememberRequest(
  state: State,
  moment: Moment,
  answered: { readonly requestId: string; readonly outcome: Outcome },
): void {
  const { requestId, outcome } = answered;
  const expiresAt = after(moment.logTime, state.limits.requestTtlMs);
  const row = newRememberedRequest({ requestId, outcome, expiresAt });
  state.requests.insert(row);
  state.deadlines.add(row);
  state.requestsBytes += answerSize(outcome);
}

export function forgetRequest(state: State, row: RememberedRequest): void {
  state.deadlines.remove(row);
  state.requests.remove(row);
  state.requestsBytes -= answerSize(row.outcome);
}
