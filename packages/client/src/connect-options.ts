// connect-options.ts — what `connect` may be given: every option with what is right for it, in one table. It is read before
// anything is dialed: a wrong value would be refused under the name that the wire has for it, or end each connection
// until the time is up, and a misspelt option would be silence. Defaults are in settings.ts.
import {
  credentialLengthMax,
  keyDelayBounds,
  nameLengthMax,
  sessionTtlBounds,
} from "@rogerd/protocol";
import type { BackOffBounds } from "./back-off.ts";
import { endpointUrls } from "./endpoints.ts";
import {
  checkChoice,
  checkedTimeout,
  checkLabel,
  checkObject,
  checkSignal,
  checkText,
  checkWhole,
  wrongGiven,
} from "./given.ts";
import type { ClientPlatform } from "./platform.ts";

export interface ConnectOptions {
  /**
   * All nodes, as `host:port`, `ws://host:port` or `wss://host:port`: of others only a leader is learned, from
   * these.
   */
  readonly endpoints: readonly string[];
  /** The cluster to insist on; `rogerctl status` names it. Default: the one of the first connection. */
  readonly clusterId?: string;
  /** One of those that the nodes were given; needed where they were given any. */
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
  /** How long to wait before nodes are tried again. Default: up to 50 ms at first, up to 5 s after more failures. */
  readonly backOff?: BackOffBounds;
  /** The world; the default is this machine. Simulators give their own. */
  readonly platform?: ClientPlatform;
}

/** Throws what is wrong with a value; undefined is an option that was not given. */
type Check = (path: string, given: unknown) => void;

type Checks<Options> = { readonly [Name in keyof Options]-?: Check };

const backOffChecks: Checks<BackOffBounds> = {
  firstMs: checkedTimeout,
  longestMs: checkedTimeout,
};

/** A stall is measured to a quarter of it, and by a clock that a busy machine reads late. */
const maxStallBounds = { min: 1_000, max: 600_000 };
const callsOpenBounds = { min: 1, max: Number.MAX_SAFE_INTEGER };

const checks: Checks<ConnectOptions> = {
  endpoints: (_, given) => void endpointUrls(given),
  clusterId: (path, given) => checkText(path, given, { lengthMax: nameLengthMax }),
  credential: (path, given) => checkText(path, given, { lengthMax: credentialLengthMax }),
  name: checkLabel,
  timeoutMs: checkedTimeout,
  until: (path, given) => checkChoice(path, given, ["session", "node"]),
  session: (path, given) => checkChoice(path, given, ["own", "none"]),
  signal: (_, given) => checkSignal(given),
  sessionTtlMs: (path, given) => checkWhole(path, given, sessionTtlBounds),
  keyDelayMs: (path, given) => checkWhole(path, given, keyDelayBounds),
  keepalives: (path, given) => checkChoice(path, given, ["loop", "thread"]),
  maxStallMs: (path, given) => checkWhole(path, given, maxStallBounds),
  callsOpenMax: (path, given) => checkWhole(path, given, callsOpenBounds),
  encoding: (path, given) => checkChoice(path, given, ["msgpack", "json"]),
  pingIntervalMs: checkedTimeout,
  backOff: (path, given) => {
    const wanted = checkObject(path, given);
    checkEach(wanted, { checks: backOffChecks, required: ["firstMs", "longestMs"], within: path });
  },
  platform: checkObject,
};

export function checkConnectOptions(options: unknown): void {
  const given = checkObject("options", options);
  checkEach(given, { checks, required: ["endpoints"], within: undefined });
  const { keepalives, maxStallMs } = given;
  if (maxStallMs === undefined || keepalives === "thread") return;
  throw wrongGiven("maxStallMs", 'is of no use without keepalives: "thread"');
}

function checkEach(
  given: Readonly<Record<string, unknown>>,
  table: {
    readonly checks: Readonly<Record<string, Check>>;
    readonly required: readonly string[];
    /** The option that these are of, where they are of one. */
    readonly within: string | undefined;
  },
): void {
  const known = Object.keys(table.checks);
  const pathOf = (name: string): string =>
    table.within === undefined ? name : `${table.within}.${name}`;
  for (const name of Object.keys(given)) {
    if (known.includes(name)) continue;
    throw wrongGiven(pathOf(name), `is unknown here: there are ${known.join(", ")}`);
  }
  for (const [name, check] of Object.entries(table.checks)) {
    if (given[name] !== undefined) check(pathOf(name), given[name]);
    else if (table.required.includes(name)) throw wrongGiven(pathOf(name), "is missing");
  }
}
