// surroundings.ts — the slice of the world that the commands of rogerd need: streams, signals, a question,
// text files, child processes, ports. node-surroundings.ts is the real one. Decides nothing.
import type { RecoveryReport } from "@rogerd/raft";
import type { Daemon, DaemonParts } from "../daemon.ts";
import type { Log, LogFields } from "../observe/log.ts";
import type { Surroundings as HttpSurroundings } from "../rogerctl/surroundings.ts";
import type { ReadText } from "../settings/load-settings.ts";
import type { LogLevel } from "../settings/settings.ts";

/** A log that can also say what the command line alone knows. */
export interface ProcessLog {
  readonly log: Log;
  readonly remark: (fields: LogFields, message: string) => void;
  /** Writes what still waits. Nothing may be logged after it. */
  readonly flush: () => void;
}

export interface StopWish {
  /** At the first wish: a signal, or the closed channel to the process that started this one. */
  readonly stop: (cause: string) => void;
  /** At a second signal, just before the process ends by it. */
  readonly endAtOnce: () => void;
}

export interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
}

/** One `rogerd serve` that this process has started. */
export interface NodeProcess {
  /** Undefined: it could not be started. */
  readonly pid: number | undefined;
  readonly ended: Promise<Ended>;
  readonly stop: () => void;
  readonly kill: () => void;
}

export interface FolderRecovery {
  readonly directory: string;
  readonly way: "rejoin" | "accept-tail-loss" | "force-new-cluster";
}

export interface Surroundings {
  readonly out: (text: string) => void;
  readonly say: (line: string) => void;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly version: string;
  readonly nodeVersion: string;
  readonly readText: (path: string) => Promise<ReadText>;
  readonly isFolder: (path: string) => Promise<boolean>;
  /** The file that is where a folder is to be, at `path` or above it; undefined if there is none. */
  readonly fileInTheWay: (path: string) => Promise<string | undefined>;
  /** Makes the folder, too. A text: why it can't be written. */
  readonly writeText: (path: string, text: string) => Promise<string | undefined>;
  readonly joined: (folder: string, name: string) => string;
  readonly sleep: (durationMs: number) => Promise<void>;
  readonly exchange: HttpSurroundings["exchange"];
  readonly confirm: (question: string) => Promise<"yes" | "no" | "no-terminal">;
  readonly onStopWish: (wish: StopWish) => void;
  readonly openLog: (of: {
    readonly node: string;
    readonly level: LogLevel;
  }) => Promise<ProcessLog>;
  /** In this process, on the platform that Node gives. */
  readonly startDaemon: (parts: Omit<DaemonParts, "platform">) => Promise<Daemon>;
  /** A data folder in words. */
  readonly inspectFolder: (directory: string) => AsyncIterable<string>;
  readonly recoverFolder: (asked: FolderRecovery) => Promise<RecoveryReport>;
  /** What it would give up that only the folder knows; changes nothing, and refuses what it would refuse. */
  readonly foreseeRecovery: (asked: FolderRecovery) => Promise<RecoveryReport>;
  readonly startNode: (args: readonly string[]) => NodeProcess;
  /** On loopback. */
  readonly isPortFree: (port: number) => Promise<boolean>;
}
