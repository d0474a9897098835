// origin.ts — under which number a write counts as the same call (SEMANTICS §6): the sequence number of
// the session that its caller speaks for, a request id, or none. A number without a session is
// refused here: it would be executed again on a retry.
import type { Origin, SessionId, Write } from "@rogerd/global-state";
import type { Request } from "@rogerd/protocol";

export type OriginVerdict =
  | { readonly kind: "origin"; readonly origin: Origin }
  | { readonly kind: "invalid"; readonly path: string; readonly reason: string };

export interface Numbered {
  readonly request: Pick<Request, "seq" | "requestId">;
  readonly write: Write;
  /** The session that the caller speaks for. */
  readonly session: SessionId | undefined;
  /** Of the frame; absent: the client needs every answer. */
  readonly floor: number | undefined;
}

const none: OriginVerdict = { kind: "origin", origin: { kind: "none" } };

export function originOf({ request, write, session, floor }: Numbered): OriginVerdict {
  // Its openId is its own number: a repeated open finds the same session.
  if (write.name === "session.open") return none;
  if (request.seq === undefined) return withoutSequence(request.requestId, write);
  if (request.requestId !== undefined) {
    return { kind: "invalid", path: "requestId", reason: "is for writes without a session" };
  }
  if (session === undefined) {
    const reason = "this connection speaks for no session: session.open comes first";
    return { kind: "invalid", path: "seq", reason };
  }
  const origin: Origin = { kind: "session", session, sequence: request.seq, floor: floor ?? 0 };
  return { kind: "origin", origin };
}

function withoutSequence(requestId: string | undefined, write: Write): OriginVerdict {
  if (write.name === "session.close") {
    return { kind: "invalid", path: "seq", reason: "a session is closed by one of its own calls" };
  }
  return requestId === undefined
    ? none
    : { kind: "origin", origin: { kind: "request", requestId } };
}
