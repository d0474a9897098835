// browser-guard.ts — no web page pauses a queue behind the operator's back (DESIGN §3). A browser says
// where a request comes from (`Origin`) and whom it thinks it talks to (`Host`); both are checked for
// requests and for upgrades alike. Pure over the headers; it knows nothing of credentials.
import type { Settings } from "../settings/settings.ts";

export interface BrowserRules {
  /** As browsers send them: scheme, host and port, in lower case. */
  readonly origins: ReadonlySet<string>;
  /** Names without port, in lower case. */
  readonly hosts: ReadonlySet<string>;
}

export type BrowserHeaders = Readonly<Record<string, string | undefined>>;

export function browserRules(
  settings: Pick<Settings, "allowOrigins" | "allowHosts" | "listenClient" | "advertiseClient">,
): BrowserRules {
  // The name we tell clients to use is a name we answer to.
  const advertised = settings.advertiseClient ?? "";
  const names = ["localhost", settings.listenClient.host, advertised, ...settings.allowHosts];
  return {
    origins: new Set(settings.allowOrigins.map((origin) => origin.toLowerCase())),
    hosts: new Set(names.map((name) => withoutPort(name).toLowerCase())),
  };
}

/** Why this request is refused with 403; undefined: go on. */
export function browserProblem(rules: BrowserRules, headers: BrowserHeaders): string | undefined {
  const origin = headers["origin"];
  if (origin !== undefined && !rules.origins.has(origin.toLowerCase())) {
    return `origin ${origin} may not use this port: list it with --allow-origin`;
  }
  const host = headers["host"];
  if (host === undefined) return "a request must name its host";
  // A page can make its own name point here; it can't do that with an address.
  const name = withoutPort(host).toLowerCase();
  if (isAddress(name) || rules.hosts.has(name)) return undefined;
  return `host ${host} is not known here: use an address, or list the name with --allow-host`;
}

/** `host:port`, `[v6]:port`, or without port. Brackets stay. */
function withoutPort(host: string): string {
  return host.replace(/:\d+$/, "");
}

function isAddress(name: string): boolean {
  return isIpv4(name) || isIpv6(name);
}

function isIpv4(name: string): boolean {
  const parts = name.split(".");
  return parts.length === 4 && parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) <= 255);
}

/** Only addresses may stand in brackets; a URL parser decides whether this is one. */
function isIpv6(name: string): boolean {
  return /^\[[0-9a-f:.]+\]$/.test(name) && URL.canParse(`http://${name}/`);
}
