// parse-command-body.ts — the body of POST /v1/command: bytes become a request, or a sentence that says
// what is wrong and where. Whether the command exists is decided where all requests are.
import { isCount, nameLengthMax, type Request } from "@rogerd/protocol";
import { isMap, parseJsonBytes } from "./json-body.ts";

export type ParsedBody =
  | { readonly kind: "request"; readonly request: Request }
  | { readonly kind: "invalid"; readonly path: string; readonly message: string };

const known: readonly string[] = ["partition", "command", "args", "requestId", "revisionMin"];
/** A name that nobody knows is shown, not repeated: it may be as long as the body. */
const shownLengthMax = 64;

export function parseCommandBody(bytes: Uint8Array): ParsedBody {
  const parsed = parseJsonBytes(bytes);
  if (parsed.kind === "wrong") return invalid("body", parsed.what);
  const { value } = parsed;
  if (!isMap(value)) return invalid("body", "must be a JSON object");
  const stranger = Object.keys(value).find((name) => !known.includes(name));
  if (stranger !== undefined) {
    return invalid(
      stranger.slice(0, shownLengthMax),
      `is unknown here: a command has ${known.join(", ")}`,
    );
  }
  const { partition, command, args = {}, requestId, revisionMin } = value;
  if (typeof command !== "string" || command.length > nameLengthMax) {
    return invalid("command", "must be a short text");
  }
  if (!isMap(args)) return invalid("args", "must be a JSON object");
  if (partition !== undefined && typeof partition !== "string") {
    return invalid("partition", "must be a text");
  }
  if (requestId !== undefined && typeof requestId !== "string") {
    return invalid("requestId", "must be a text");
  }
  if (revisionMin !== undefined && !isCount(revisionMin)) {
    return invalid("revisionMin", "must be a whole number");
  }
  const request = {
    id: 0,
    command,
    args,
    ...(partition === undefined ? {} : { partition }),
    ...(requestId === undefined ? {} : { requestId }),
    ...(revisionMin === undefined ? {} : { revisionMin }),
  };
  return { kind: "request", request };
}

function invalid(path: string, what: string): ParsedBody & { kind: "invalid" } {
  return { kind: "invalid", path, message: `${path} ${what}` };
}
