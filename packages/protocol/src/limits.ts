// limits.ts — sizes and counts of the client protocol in one place, asserted against each other.

/** SEMANTICS §2: one request. */
export const requestBytesMax: number = 1024 * 1024;
/** One WebSocket frame: a turn's worth of requests. The largest request fits with room to spare. */
export const frameBytesMax: number = 4 * 1024 * 1024;
export const requestsPerFrameMax: number = 4096;
/** Maps and arrays inside each other in one frame; the deepest frame of ours has seven. */
export const frameDepthMax: number = 16;
/**
 * Lists and maps in one client frame: `job.finishAndStart` takes five, and no other that comes in numbers takes
 * more. A parser takes its time for each.
 */
export const frameContainersMax: number = 6 * requestsPerFrameMax;
/** Keys of maps in one client frame: the same request and its arguments have 22. */
export const frameKeysMax: number = 24 * requestsPerFrameMax;
/** The same where one request comes alone: a hundred rules in `executionKey.setRules`. */
export const requestContainersMax: number = 128;
export const requestKeysMax: number = 512;
/** Names of commands, partitions, nodes, ids: longer ones are refused before anybody looks at them. */
export const nameLengthMax: number = 1024;
/** Nodes of a cluster that a daemon names. */
export const membersMax: number = 64;
export const credentialLengthMax: number = 4096;
/** Calls in flight on one connection; past it: `overloaded`. */
export const callsInFlightMax: number = 4096;
/** Answers waiting in the daemon for a slow reader before the connection is cut. */
export const outboxBytesMax: number = 16 * 1024 * 1024;
export const handshakeTimeoutMs: number = 5_000;
/** Half-open sockets are found by ping: no answer for two intervals, and the socket is ended. */
export const pingIntervalMs: number = 5_000;
export const connectionsMax: number = 4_096;

/** What a session may ask for (SEMANTICS §2); a test holds that daemons take that, and no more. */
export const sessionTtlBounds: { readonly min: number; readonly max: number } = {
  min: 5_000,
  max: 600_000,
};
export const keyDelayBounds: { readonly min: number; readonly max: number } = {
  min: 1,
  max: 600_000,
};

export const protocolVersion: number = 1;
export const subprotocols = { msgpack: "rogerd.v1.msgpack", json: "rogerd.v1.json" } as const;

/** WebSocket close codes of our own. */
export const closeCodes = {
  malformedFrame: 4400,
  unauthenticated: 4401,
  handshakeTimeout: 4408,
  versionMismatch: 4409,
  otherCluster: 4410,
  slowReader: 4413,
  /** A newer connection speaks for the session of this one. */
  superseded: 4420,
  tooManyConnections: 4429,
  goingAway: 1001,
} as const;

if (requestBytesMax * 2 > frameBytesMax)
  throw new Error("the largest request must fit into a frame");
