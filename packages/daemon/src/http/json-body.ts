// json-body.ts — the body of a POST that is a JSON object, or the reply that says why it is none.
import { errorObject } from "@rogerd/protocol";
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
  const value = parse(bytes);
  if (value !== undefined) return { kind: "object", value };
  const reply = badRequestReply(400, { path: "body", message: "body must be a JSON object" });
  return { kind: "refused", reply };
}

export function isJson(contentType: string | undefined): boolean {
  return /^application\/json\s*(;|$)/i.test(contentType ?? "");
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

function parse(bytes: Uint8Array): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(utf8.decode(bytes));
    return isMap(value) ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return undefined;
    throw error;
  }
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
