// daemon.ts — surface only, for now.
import type { RaftStatus } from "@rogerd/raft";
import type { Log } from "./observe/log.ts";
import type { Platform } from "./platform.ts";
import type { Endpoint, Settings } from "./settings/settings.ts";

/** Why a daemon ends, for the process that runs it (DESIGN §3). */
export interface Failure {
  /** 1 bug, 65 data damaged, 69 port or folder taken, 74 disk write failed, 78 settings. */
  readonly exitCode: 1 | 65 | 69 | 74 | 78;
  /** What happened and what to do. */
  readonly sentence: string;
}

/** The rejection of `startDaemon`; `onFailed` was told the same. */
export class DaemonFailedError extends Error {
  override readonly name = "DaemonFailedError";
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.sentence);
    this.failure = failure;
  }
}

export interface DaemonParts {
  readonly settings: Settings;
  readonly platform: Platform;
  readonly log: Log;
  /** Told at most once, before or after the start; the daemon does nothing more, the process must end. */
  readonly onFailed: (failure: Failure) => void;
}

export interface DaemonStatus {
  readonly phase: "forming" | "starting" | "serving" | "stopping" | "stopped" | "failed";
  readonly name: string;
  readonly nodeId: string;
  /** Undefined until the directory belongs to a cluster. */
  readonly clusterId: string | undefined;
  /** Undefined until the log is open. */
  readonly raft: RaftStatus | undefined;
}

export interface Daemon {
  /** Resolves when the cluster is formed and the client port is open. Stays pending if the daemon
   *  is stopped or fails before. */
  readonly serving: Promise<void>;
  /** As bound; `client` is undefined until serving. */
  endpoints(): { readonly client: Endpoint | undefined; readonly peer: Endpoint };
  status(): DaemonStatus;
  /** In order: hands leadership over, finishes what is in flight, closes. Also while forming. */
  stop(): Promise<void>;
}

/** Resolves once the folder is ours and the peer port is open; forming goes on (see `serving`).
 *  Rejects with DaemonFailedError, after `onFailed` was told. */
export function startDaemon(_parts: DaemonParts): Promise<Daemon> {
  throw new Error("under construction");
}
