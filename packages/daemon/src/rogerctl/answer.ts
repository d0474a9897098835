// answer.ts — what an HTTP answer means for the one who asked: the result, the last word, somebody else,
// or "again". Goes by the error's code, and by the status only where the body is not ours.
import { type ErrorObject, errorCodes, errorObject, isErrorCode } from "@rogerd/protocol";
import { parseEndpoint } from "./endpoints.ts";
import type { HttpOutcome } from "./surroundings.ts";
import { objectAt, parseObject, textAt, type WireObject } from "./wire-value.ts";

export type Answer =
  | { readonly kind: "result"; readonly body: WireObject }
  /** Asking again changes nothing. */
  | { readonly kind: "final-error"; readonly error: ErrorObject }
  | { readonly kind: "elsewhere"; readonly url: string }
  /** A rogerd that certainly has not done it. */
  | { readonly kind: "try-again"; readonly reason: string }
  /** It may have been done. */
  | { readonly kind: "open"; readonly reason: string }
  /** Nobody there, or somebody who is not rogerd. */
  | { readonly kind: "nobody"; readonly reason: string };

export function readAnswer(outcome: HttpOutcome, url: string): Answer {
  const who = new URL(url).host;
  if (outcome.kind === "not-sent") return { kind: "nobody", reason: `${who}: ${outcome.reason}` };
  if (outcome.kind === "broken") return { kind: "open", reason: `${who}: ${outcome.reason}` };
  return readResponse(outcome, who);
}

function readResponse(response: Extract<HttpOutcome, { kind: "response" }>, who: string): Answer {
  const { status, location } = response;
  const body = parseObject(response.body);
  if (status === 307 && location !== undefined && isEndpointUrl(location))
    return { kind: "elsewhere", url: location };
  if (status === 200 && body !== undefined) return { kind: "result", body };
  const error = body === undefined ? undefined : readError(body);
  if (error === undefined) return readForeign(status, who);
  if (!errorCodes[error.code].outcomeKnown)
    return { kind: "open", reason: `${who}: ${error.message}` };
  if (error.retryable) return { kind: "try-again", reason: `${who}: ${error.message}` };
  return { kind: "final-error", error };
}

function isEndpointUrl(location: string): boolean {
  return parseEndpoint(location) !== undefined && location.startsWith("http:");
}

/** A proxy in between may answer for a daemon that has the request already. */
function readForeign(status: number, who: string): Answer {
  if (status === 504 || status === 502)
    return { kind: "open", reason: `${who}: HTTP status ${status}` };
  return {
    kind: "nobody",
    reason: `${who} answers with HTTP status ${status}, but not as rogerd does`,
  };
}

function readError(body: WireObject): ErrorObject | undefined {
  const error = objectAt(body, "error");
  const code = error?.["code"];
  if (error === undefined || !isErrorCode(code)) return undefined;
  const path = textAt(error, "path");
  const partition = textAt(error, "partition");
  return {
    ...errorObject(code, textAt(error, "message") ?? code),
    ...(path === undefined ? {} : { path }),
    ...(partition === undefined ? {} : { partition }),
    // `retryable` depends on the route, too: a hand-over without anybody to hand over to is final.
    ...(error["retryable"] === false ? { retryable: false } : {}),
  };
}
