// parse-command-body.ts — the body of POST /v1/command: bytes become a request, or a sentence that says
// what is wrong and where. Whether the command exists is decided where all requests are.
import type { Request } from "@rogerd/protocol";

export type ParsedBody =
  | { readonly kind: "request"; readonly request: Request }
  | { readonly kind: "invalid"; readonly path: string; readonly message: string };

const known: readonly string[] = ["partition", "command", "args", "requestId"];
const utf8 = new TextDecoder("utf-8", { fatal: true });

export function parseCommandBody(bytes: Uint8Array): ParsedBody {
  const parsed = parseJson(bytes);
  if (parsed.kind === "invalid") return parsed;
  const { value } = parsed;
  if (!isMap(value)) return invalid("body", "must be a JSON object");
  const stranger = Object.keys(value).find((name) => !known.includes(name));
  if (stranger !== undefined) {
    return invalid(stranger, `is unknown here: a command has ${known.join(", ")}`);
  }
  const { partition, command, args = {}, requestId } = value;
  if (typeof command !== "string") return invalid("command", "must be a text");
  if (!isMap(args)) return invalid("args", "must be a JSON object");
  if (partition !== undefined && typeof partition !== "string") {
    return invalid("partition", "must be a text");
  }
  if (requestId !== undefined && typeof requestId !== "string") {
    return invalid("requestId", "must be a text");
  }
  const request = {
    id: 0,
    command,
    args,
    ...(partition === undefined ? {} : { partition }),
    ...(requestId === undefined ? {} : { requestId }),
  };
  return { kind: "request", request };
}

function parseJson(
  bytes: Uint8Array,
): { readonly kind: "value"; readonly value: unknown } | (ParsedBody & { kind: "invalid" }) {
  if (bytes.length === 0) return invalid("body", "is empty: send a JSON object");
  try {
    const value: unknown = JSON.parse(utf8.decode(bytes));
    return { kind: "value", value };
  } catch (error) {
    const why = error instanceof SyntaxError ? error.message : "it is not UTF-8";
    return invalid("body", `is not JSON: ${why}`);
  }
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function invalid(path: string, what: string): ParsedBody & { kind: "invalid" } {
  return { kind: "invalid", path, message: `${path} ${what}` };
}
