// node-log.ts — pino on stderr: one JSON object a line, or, on a terminal, lines for people.
// Never through a worker thread: what a dying process said last must be written.
import pino from "pino";
import type { LogLevel } from "../settings/settings.ts";
import type { ProcessLog } from "./surroundings.ts";

const stderr = 2;
/** They have no business in a log; should one stray into a field, this is the last door. */
const secrets = ["credential", "peerSecret", "*.credential", "*.peerSecret", "authorization"];

export async function openNodeLog(of: {
  readonly node: string;
  readonly level: LogLevel;
}): Promise<ProcessLog> {
  const destination = process.stderr.isTTY ? await readable() : json();
  const log = pino(
    {
      level: of.level,
      // Every line of the daemon names its node already.
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: secrets, censor: "(hidden)" },
    },
    destination.stream,
  );
  return {
    log,
    remark: (fields, message) => log.warn({ node: of.node, ...fields }, message),
    flush: destination.flush,
  };
}

interface LogDestination {
  readonly stream: pino.DestinationStream;
  readonly flush: () => void;
}

/** Asynchronous, so that a slow reader of the log does not hold up the loop. */
function json(): LogDestination {
  const stream = pino.destination({ fd: stderr, sync: false });
  // Nobody reads the log any more: that is no reason to die.
  stream.on("error", () => undefined);
  return { stream, flush: () => stream.flushSync() };
}

async function readable(): Promise<LogDestination> {
  const { default: pretty } = await import("pino-pretty");
  const stream = pretty({
    destination: stderr,
    sync: true,
    colorize: process.stderr.hasColors(),
    translateTime: "SYS:HH:MM:ss.l",
    ignore: "node",
    messageFormat: "{node}  {msg}",
    singleLine: true,
  });
  stream.on("error", () => undefined);
  return { stream, flush: () => undefined };
}
