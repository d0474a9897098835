// failure.ts — why a daemon ends, as an exit code and a sentence that says what to do (DESIGN §3).
// Whatever is not known here is a bug, and says so.
import { DamagedSnapshotError } from "@rogerd/global-state";
import {
  addCommand,
  DamagedDataError,
  DiskError,
  DiskStalledError,
  FolderTakenError,
  ForeignClusterError,
  ForgottenLogError,
  SnapshotMissingError,
  WriteFailedError,
} from "@rogerd/raft";
import { ListenError } from "./network.ts";
import { UnreadableEntryError } from "./state/command-codec.ts";

export interface Failure {
  /** 1 bug, 65 data damaged, 69 port or folder taken, 74 disk write failed, 78 settings. */
  readonly exitCode: 1 | 65 | 69 | 74 | 78;
  /** What happened and what to do. */
  readonly sentence: string;
}

/** What only the operator can put right: exit 78. */
export class SettingsError extends Error {
  override readonly name = "SettingsError";
}

/** The cluster has removed this node (§4): exit 78. */
export class RemovedNodeError extends Error {
  override readonly name = "RemovedNodeError";

  constructor(removed: {
    readonly name: string;
    readonly clusterId: string;
    readonly dataDir: string;
    readonly peerUrl: string;
    readonly clientUrl: string;
  }) {
    const { clusterId, dataDir, name } = removed;
    super(
      `${name} was removed from cluster ${clusterId} for good, and what it holds is of no more use. ` +
        `To let this machine in as a new node, move ${dataDir} away and run: ${addCommand(removed)}`,
    );
  }
}

export function failureOf(error: unknown, at: { readonly dataDir: string }): Failure {
  if (error instanceof RemovedNodeError) return { exitCode: 78, sentence: error.message };
  if (error instanceof SettingsError) return { exitCode: 78, sentence: error.message };
  if (error instanceof ForeignClusterError) return { exitCode: 78, sentence: error.message };
  if (error instanceof ListenError) {
    return {
      exitCode: 69,
      sentence: `${error.message}: end the program that has the port, or choose another.`,
    };
  }
  if (error instanceof FolderTakenError) {
    return {
      exitCode: 69,
      sentence: `${error.message}: end that process, or start with another --data-dir.`,
    };
  }
  if (error instanceof SnapshotMissingError) {
    return { exitCode: 65, sentence: `${error.message} ${snapshotRemedy(at.dataDir)}` };
  }
  if (error instanceof ForgottenLogError) {
    const remedy = `Replace the disk if it can't be trusted; the other nodes have what it held; run: rogerd recover ${at.dataDir} --rejoin`;
    return { exitCode: 65, sentence: `${error.message} ${remedy}` };
  }
  return diskFailureOf(error) ?? bug(error);
}

function snapshotRemedy(dataDir: string): string {
  return (
    `Put it back into ${dataDir}/group-0/snapshots (or where your --persister keeps them) and start again. ` +
    `If it is lost and other voters run, they have what it held: rogerd recover ${dataDir} --rejoin. ` +
    `If this node is the only voter: rogerd recover ${dataDir} --accept-tail-loss, which says what can be kept, and asks.`
  );
}

function diskFailureOf(error: unknown): Failure | undefined {
  if (
    error instanceof DamagedDataError ||
    error instanceof UnreadableEntryError ||
    error instanceof DamagedSnapshotError
  ) {
    return { exitCode: 65, sentence: error.message };
  }
  if (error instanceof WriteFailedError || error instanceof DiskStalledError) {
    return { exitCode: 74, sentence: error.message };
  }
  if (error instanceof DiskError) {
    return {
      exitCode: 74,
      sentence: `${error.message}: repair or free the disk, see that the data directory may be written, then start again.`,
    };
  }
  return undefined;
}

function bug(error: unknown): Failure {
  const what = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return {
    exitCode: 1,
    sentence: `This is a bug in rogerd; please report it with the log. ${what}`,
  };
}
