// json-body.ts — the body of a POST that is a JSON object, or the reply that says why it is none.
import { errorObject, jsonProblem, requestBounds } from "@rogerd/protocol";
import type { HttpRequest, HttpResponse } from "../network.ts";
import { badRequestReply, errorReply } from "./reply.ts";

export type ReadBody =
  | { readonly kind: "object"; readonly value: Readonly<Record<string, unknown>> }
  | { readonly kind: "refused"; readonly reply: HttpResponse };

export async function readJsonBody(
  request: HttpRequest,
  { httpBodyBytesMax }: { readonly httpBodyBytesMax: number },
): Promise<ReadBody> {
  if (!isJson(request.headers["content-type"])) {
    const message = "the body comes as content-type: application/json";
    return { kind: "refused", reply: badRequestReply(415, { path: "content-type", message }) };
  }
  const bytes = await request.readBody(httpBodyBytesMax);
  if (bytes === undefined) {
    const message = `the body is longer than ${httpBodyBytesMax} bytes`;
    return { kind: "refused", reply: errorReply(errorObject("payload_too_large", message)) };
  }
  const parsed = parseJsonBytes(bytes);
  if (parsed.kind === "value" && isMap(parsed.value))
    return { kind: "object", value: parsed.value };
  const what = parsed.kind === "value" ? "must be a JSON object" : parsed.what;
  const reply = badRequestReply(400, { path: "body", message: `body ${what}` });
  return { kind: "refused", reply };
}

export function isJson(contentType: string | undefined): boolean {
  return /^application\/json\s*(;|$)/i.test(contentType ?? "");
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

export type ParsedJson =
  | { readonly kind: "value"; readonly value: unknown }
  /** As the end of a sentence that begins with "body". */
  | { readonly kind: "wrong"; readonly what: string };

/** Its structure is bounded before the parser sees it. */
export function parseJsonBytes(bytes: Uint8Array): ParsedJson {
  if (bytes.length === 0) return { kind: "wrong", what: "is empty: send a JSON object" };
  const problem = jsonProblem(bytes, requestBounds);
  if (problem !== undefined) return { kind: "wrong", what: `is wrong: ${problem}` };
  try {
    const value: unknown = JSON.parse(utf8.decode(bytes));
    return { kind: "value", value };
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof TypeError)) throw error;
    const why = error instanceof SyntaxError ? error.message : "it is not UTF-8";
    return { kind: "wrong", what: `is not JSON: ${why}` };
  }
}

export function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
