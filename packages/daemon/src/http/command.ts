// command.ts — POST /v1/command: one command without a WebSocket, for curl and scripts. It goes the way
// of all requests; here its answer becomes a status. It speaks for no session: who must not be
// executed twice sends a requestId.
import type { Answer } from "@rogerd/protocol";
import { errorObject } from "@rogerd/protocol";
import type { HttpRequest, HttpResponse } from "../network.ts";
import type { Caller } from "../request/caller.ts";
import type { RequestRouter } from "../request/route-request.ts";
import { isJson } from "./json-body.ts";
import { parseCommandBody } from "./parse-command-body.ts";
import { badRequestReply, errorReply, jsonReply, leaderReply } from "./reply.ts";

export const commandPath = "/v1/command";

export interface CommandParts {
  readonly router: Pick<RequestRouter, "receive">;
  readonly bounds: { readonly httpBodyBytesMax: number };
}

export async function command(request: HttpRequest, parts: CommandParts): Promise<HttpResponse> {
  if (!isJson(request.headers["content-type"])) {
    const message = "a command comes as content-type: application/json";
    return badRequestReply(415, { path: "content-type", message });
  }
  const { httpBodyBytesMax } = parts.bounds;
  const bytes = await request.readBody(httpBodyBytesMax);
  if (bytes === undefined) {
    const message = `the body is longer than ${httpBodyBytesMax} bytes`;
    return errorReply(errorObject("payload_too_large", message));
  }
  const parsed = parseCommandBody(bytes);
  if (parsed.kind === "invalid") return badRequestReply(400, parsed);
  const requests = [parsed.request];
  const answer = await new Promise<Answer>((resolve) => {
    const caller = oneCall(resolve);
    parts.router.receive({ caller, requests, floor: undefined, bytesEach: bytes.length });
  });
  return replyTo(answer);
}

/** The client may be gone by the time of the answer: HTTP drops it then. */
export function oneCall(resolve: (answer: Answer) => void): Caller {
  return {
    session: undefined,
    isListening: true,
    callsInFlight: 0,
    watcher: undefined,
    answer: resolve,
    speakFor: () => undefined,
    hearPushes: () => undefined,
  };
}

function replyTo(answer: Answer): HttpResponse {
  if ("error" in answer) {
    const { error } = answer;
    const { leader } = error;
    return leader
      ? leaderReply(error, { clientUrl: leader.clientUrl, path: commandPath })
      : errorReply(error);
  }
  const { revision, n, result } = answer;
  return jsonReply(200, { revision, n, result });
}
