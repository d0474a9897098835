// log.ts — the vocabulary of log lines: a fixed message and fields. The interface is the part of
// pino that we use, so that a pino logger satisfies it as it is. No text is built from values: a
// line is searched by its message, a value by its field.

/** Facts of a line. `node`, `term` and `index` mean the same in every line. */
export type LogFields = Readonly<Record<string, unknown>>;

export interface Log {
  debug(fields: LogFields, message: LogMessage): void;
  info(fields: LogFields, message: LogMessage): void;
  warn(fields: LogFields, message: LogMessage): void;
  error(fields: LogFields, message: LogMessage): void;
  fatal(fields: LogFields, message: LogMessage): void;
}

/** Every message of the daemon, once. What the Raft driver notes comes in its own fixed words. */
export type LogMessage =
  | `raft: ${string}`
  | "daemon starting"
  | "daemon ready"
  | "daemon stopping"
  | "daemon stopped"
  | "daemon failed"
  | "anybody may connect: no credentials are set"
  | "founders differ from those this directory was formed with"
  | "waiting for founders"
  | "founder met"
  | "cluster founded"
  | "cluster bound"
  | "waiting to be let in"
  | "join is not read: the directory belongs to a cluster"
  | "the join secret is of another cluster"
  | "node joined"
  | "first founder came back without its data"
  | "peer connected"
  | "peer disconnected"
  | "peer refused"
  | "refused by peer"
  | "peer frame refused"
  | "role changed"
  | "configuration changed"
  | "feature level raised"
  | "snapshot stored"
  | "snapshot installed"
  | "state hash taken"
  | "state hash skipped"
  | "state differs from the majority"
  | "no majority agrees on the state"
  | "leadership handed over"
  | "leadership not handed over"
  | "client connected"
  | "client disconnected"
  | "client refused"
  | "client frame refused"
  | "slow client cut off"
  | "session expired"
  | "request failed";

/** For those who want none: tests, and a daemon inside another program. */
export const silentLog: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  fatal: () => undefined,
};
