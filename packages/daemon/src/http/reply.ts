// reply.ts — the forms of an HTTP answer: text for probes, JSON for everything else, and errors always as
// the error object that WebSocket clients see. Which status belongs to which error is decided here.
import { type ErrorCode, type ErrorObject, errorObject } from "@rogerd/protocol";
import type { HttpResponse } from "../network.ts";

const statusOfError = {
  not_started: 409,
  not_leader: 503,
  unavailable: 503,
  indeterminate: 504,
  session_expired: 409,
  unauthenticated: 401,
  forbidden: 403,
  quota_exceeded: 409,
  invalid_argument: 400,
  payload_too_large: 413,
  overloaded: 429,
  compacted: 409,
  overflow: 503,
  version_mismatch: 400,
  deadline_exceeded: 504,
} as const satisfies Record<ErrorCode, number>;

/** Answers here are about this moment. */
const headersAlways = { "cache-control": "no-store" };

export function textReply(status: number, lines: readonly string[]): HttpResponse {
  const headers = { ...headersAlways, "content-type": "text/plain; charset=utf-8" };
  return { status, headers, body: `${lines.join("\n")}\n` };
}

export function jsonReply(status: number, value: unknown): HttpResponse {
  const headers = { ...headersAlways, "content-type": "application/json" };
  return { status, headers, body: `${JSON.stringify(value)}\n` };
}

export function errorReply(error: ErrorObject): HttpResponse {
  const reply = jsonReply(statusOfError[error.code], { error });
  if (error.retryAfterMs === undefined) return reply;
  const seconds = String(Math.ceil(error.retryAfterMs / 1000));
  return withHeaders(reply, { "retry-after": seconds });
}

/** For what HTTP itself has a status for, and our errors don't. */
export function badRequestReply(
  status: 400 | 404 | 405 | 415,
  wrong: { readonly path: string; readonly message: string },
): HttpResponse {
  const { path, message } = wrong;
  return jsonReply(status, { error: errorObject("invalid_argument", message, { path }) });
}

/** The request goes to the leader as it is: same method, same path, same body. */
export function leaderReply(
  error: ErrorObject,
  { clientUrl, path }: { readonly clientUrl: string; readonly path: string },
): HttpResponse {
  const location = `${clientUrl.replace(/^ws/, "http").replace(/\/+$/, "")}${path}`;
  return withHeaders(jsonReply(307, { error }), { location });
}

export function withHeaders(
  reply: HttpResponse,
  headers: Readonly<Record<string, string>>,
): HttpResponse {
  return { ...reply, headers: { ...reply.headers, ...headers } };
}
