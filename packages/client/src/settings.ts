// settings.ts — what the client goes by: what its user chose (connect-options.ts), and the defaults.
import { frameBytesMax, pingIntervalMs, subprotocols } from "@rogerd/protocol";
import { defaultBackOff } from "./back-off.ts";
import { type ConnectOptions, checkConnectOptions } from "./connect-options.ts";
import type { LinkSettings } from "./leader-link.ts";

export interface ClientSettings {
  readonly endpoints: readonly string[];
  readonly clusterId: string | undefined;
  readonly name: string;
  readonly timeoutMs: number;
  readonly until: "session" | "node";
  readonly session: "own" | "none";
  readonly sessionTtlMs: number | undefined;
  readonly keyDelayMs: number | undefined;
  /** Undefined: no thread keeps the session. */
  readonly maxStallMs: number | undefined;
  readonly callsOpenMax: number;
  readonly link: LinkSettings;
}

/** Said in `hello`, for the daemon's log. */
const clientName = "@rogerd/client 0.1.0";
/** Long against a dial on the same continent, short against an election. */
const staggerMs = 250;
const maxStallMsDefault = 60_000;

export function settingsOf(options: ConnectOptions): ClientSettings {
  checkConnectOptions(options);
  const { endpoints, clusterId, credential, sessionTtlMs, keyDelayMs } = options;
  const { name = "rogerd-client", callsOpenMax = 16_384, encoding = "msgpack" } = options;
  const { keepalives = "loop", maxStallMs = maxStallMsDefault, session = "own" } = options;
  return {
    endpoints,
    clusterId,
    name,
    timeoutMs: options.timeoutMs ?? 30_000,
    until: session === "none" ? "node" : (options.until ?? "session"),
    session,
    sessionTtlMs,
    keyDelayMs,
    maxStallMs: keepalives === "thread" ? maxStallMs : undefined,
    callsOpenMax,
    link: {
      subprotocol: subprotocols[encoding],
      credential,
      clientName,
      pingIntervalMs: options.pingIntervalMs ?? pingIntervalMs,
      frameBytesMax,
      staggerMs,
      backOff: options.backOff ?? defaultBackOff,
    },
  };
}
