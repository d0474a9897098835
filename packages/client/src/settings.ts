// settings.ts — what a user may choose, the defaults, and the one place that checks the choices.
import { frameBytesMax, pingIntervalMs, subprotocols } from "@rogerd/protocol";
import { type BackOffBounds, defaultBackOff } from "./back-off.ts";
import { InvalidArgumentError } from "./errors.ts";
import { checkChoice, checkOptions, checkTexts, wrongGiven } from "./given.ts";
import type { LinkSettings } from "./leader-link.ts";
import type { ClientPlatform } from "./platform.ts";

export interface ConnectOptions {
  /** All nodes, as `host:port` or `ws://host:port`: of others only a leader is learned, from these. */
  readonly endpoints: readonly string[];
  /** The cluster to insist on. Default: the one of the first connection (SEMANTICS §6). */
  readonly clusterId?: string;
  readonly credential?: string;
  /** Shown to operators as the session's name, and as who paused or cancelled. */
  readonly name?: string;
  /** How long a call may take with all its retries; also how long `connect` may. Default 30 s. */
  readonly timeoutMs?: number;
  /**
   * `session` (default): connected is who has a session at the leader. `node`: who was taken by any
   * node; calls wait for the session, only stale reads do not. For looking at what is left of a
   * cluster without a majority.
   */
  readonly until?: "session" | "node";
  /**
   * `own` (default): it has a session. `none`: it opens none, so nothing of it is in the log; for who only
   * watches and reads what may be stale. All other calls are refused with `invalid_argument`, and
   * `until` is `node`.
   */
  readonly session?: "own" | "none";
  /** Gives up connecting; rejects with its reason. */
  readonly signal?: AbortSignal;
  /**
   * Time-to-live of the session, 5 s to 10 min: so long it outlives the last keepalive that was
   * confirmed. The client sends them by itself, three in that time. Default: the cluster's, 30 s.
   */
  readonly sessionTtlMs?: number;
  /**
   * Nobody gets an execution key for so long after this session lost it without giving it back, 1 ms to
   * 10 min: for resources that can't compare tokens. Default: at once.
   */
  readonly keyDelayMs?: number;
  /**
   * Who sends keepalives. `loop` (default): the loop that this client runs in; while it is blocked by synchronous
   * work, nobody does. `thread`: a worker thread with a connection of its own, too, so that a long
   * synchronous computation does not lose the session. Needs worker threads: Node has them.
   */
  readonly keepalives?: "loop" | "thread";
  /**
   * With `keepalives: "thread"`: a loop that was blocked for longer than this hangs, and its session is kept no
   * more: it ends at most its time-to-live later. 1 s to 10 min, default 60 s.
   */
  readonly maxStallMs?: number;
  /** Calls made and not settled, at most; more are refused with `overloaded`. Default 16 384. */
  readonly callsOpenMax?: number;
  /** JSON is for looking at the traffic. Default `msgpack`. */
  readonly encoding?: "msgpack" | "json";
  /** After two intervals of silence a connection is given up. Default 5 s. */
  readonly pingIntervalMs?: number;
  readonly backOff?: BackOffBounds;
  /** The world; the default is this machine. Simulators give their own. */
  readonly platform?: ClientPlatform;
}

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
/** What a timer takes at most; about 24 days. */
export const timeoutMsMax: number = 2 ** 31 - 1;

export function settingsOf(options: ConnectOptions): ClientSettings {
  checkKinds(options);
  const { endpoints, clusterId, credential, sessionTtlMs, keyDelayMs } = options;
  const { name = "rogerd-client", callsOpenMax = 16_384, encoding = "msgpack" } = options;
  const session = options.session ?? "own";
  const intervalMs = options.pingIntervalMs ?? pingIntervalMs;
  return {
    endpoints,
    clusterId,
    name,
    timeoutMs: checkedTimeout("timeoutMs", options.timeoutMs ?? 30_000),
    until: session === "none" ? "node" : (options.until ?? "session"),
    session,
    sessionTtlMs,
    keyDelayMs,
    maxStallMs: maxStallOf(options),
    callsOpenMax,
    link: {
      subprotocol: subprotocols[encoding],
      credential,
      clientName,
      pingIntervalMs: checkedTimeout("pingIntervalMs", intervalMs),
      frameBytesMax,
      staggerMs,
      backOff: options.backOff ?? defaultBackOff,
    },
  };
}

/** What would end the first connection, and each one after it, or would never be answered. */
function checkKinds(options: ConnectOptions): void {
  checkOptions(options);
  const { callsOpenMax = 1, clusterId = "", credential = "", endpoints, name = "" } = options;
  if (!Array.isArray(endpoints)) throw wrongGiven("endpoints", "must be a list of texts");
  for (const [at, endpoint] of endpoints.entries()) checkTexts({ [`endpoints[${at}]`]: endpoint });
  checkTexts({ clusterId, credential, name });
  const { encoding = "msgpack", session = "own", until = "session" } = options;
  checkChoice("encoding", encoding, ["msgpack", "json"]);
  checkChoice("session", session, ["own", "none"]);
  checkChoice("until", until, ["session", "node"]);
  if (callsOpenMax >= 1) return;
  throw wrongGiven("callsOpenMax", "must be a number above 0");
}

/** A stall is measured to a quarter of it, and by a clock that a busy machine reads late. */
const maxStallBounds = { leastMs: 1_000, mostMs: 600_000, defaultMs: 60_000 };

function maxStallOf({ keepalives = "loop", maxStallMs }: ConnectOptions): number | undefined {
  const { leastMs, mostMs, defaultMs } = maxStallBounds;
  const stallMs = maxStallMs ?? defaultMs;
  const isWithin = stallMs >= leastMs && stallMs <= mostMs;
  if (keepalives === "thread" && isWithin) return stallMs;
  if (keepalives === "loop" && maxStallMs === undefined) return undefined;
  const path = keepalives === "loop" || keepalives === "thread" ? "maxStallMs" : "keepalives";
  const message =
    path === "keepalives"
      ? `keepalives must be "loop" or "thread"`
      : `maxStallMs must be between ${leastMs} and ${mostMs}, with keepalives: "thread"`;
  throw new InvalidArgumentError({ message, path });
}

export function checkedTimeout(path: string, timeoutMs: number): number {
  if (timeoutMs > 0 && timeoutMs <= timeoutMsMax) return timeoutMs;
  const message = `${path} must be a number of milliseconds above 0, not ${timeoutMs}`;
  throw new InvalidArgumentError({ message, path });
}
