// endpoints.ts — where rogerctl looks for the cluster: `host:port`, `ws://host:port`, or a list of them.
// Never resolves a name and never connects.

export const defaultEndpoints: string = "127.0.0.1:7401,127.0.0.1:7402,127.0.0.1:7403";

/** `host:port`, the form in which an endpoint is compared and shown. IPv6 in brackets. */
export type Endpoint = string;

export type ParsedEndpoints =
  | { readonly kind: "endpoints"; readonly endpoints: readonly Endpoint[] }
  | { readonly kind: "invalid"; readonly reason: string };

export function parseEndpoints(list: string): ParsedEndpoints {
  const endpoints: Endpoint[] = [];
  for (const piece of list.split(",").map((text) => text.trim())) {
    if (piece === "") continue;
    const endpoint = parseEndpoint(piece);
    if (endpoint === undefined)
      return { kind: "invalid", reason: `"${piece}" is not host:port or ws://host:port` };
    if (!endpoints.includes(endpoint)) endpoints.push(endpoint);
  }
  if (endpoints.length === 0)
    return { kind: "invalid", reason: "the list is empty; it takes host:port,host:port" };
  return { kind: "endpoints", endpoints };
}

/** Also for what daemons advertise. A path is ignored; user names, queries and other schemes are not endpoints. */
export function parseEndpoint(text: string): Endpoint | undefined {
  const spelled = /^[a-z+.-]+:\/\//i.test(text) ? text : `ws://${text}`;
  if (!URL.canParse(spelled)) return undefined;
  const url = new URL(spelled);
  if (url.protocol !== "ws:" && url.protocol !== "http:") return undefined;
  if (url.username !== "" || url.search !== "" || url.hash !== "") return undefined;
  const port = portAsWritten(text, url);
  return url.hostname === "" || port === "" || port === "0" ? undefined : `${url.hostname}:${port}`;
}

/** A URL forgets port 80; here it has to be written, and then it counts. */
function portAsWritten(text: string, url: URL): string {
  if (url.port !== "") return url.port;
  return /:80(\/|$)/.test(text) ? "80" : "";
}

export function httpUrl(endpoint: Endpoint, path: string): string {
  return `http://${endpoint}${path}`;
}
