// ground.ts — what a daemon stands on before it knows its cluster: the data directory, locked; who we
// are, synced before anybody is told; both ports, open. All of it or nothing.

import { frameBytesMax } from "@rogerd/protocol";
import {
  type DataFolder,
  DiskError,
  type FolderLock,
  lockFolder,
  type NodeRecord,
  nodeId,
  startIdentity,
} from "@rogerd/raft";
import { SettingsError } from "./failure.ts";
import { peerLimits } from "./peers/peer-limits.ts";
import { PeerPort } from "./peers/peer-port.ts";
import type { Platform } from "./platform.ts";
import { ReservedPort } from "./reserved-port.ts";
import type { Endpoint, Settings } from "./settings/settings.ts";

export interface Ground {
  readonly folder: DataFolder;
  readonly record: NodeRecord;
  readonly peerPort: PeerPort;
  readonly clientPort: ReservedPort;
  /** What we tell others about where we are. */
  readonly urls: { readonly clientUrl: string; readonly peerUrl: string };
  /** Ports first, the lock last. */
  release(): Promise<void>;
}

/** Rejects with ListenError, FolderTakenError, DamagedDataError, DiskError, SettingsError; then nothing is held. */
export async function takeGround(parts: {
  readonly settings: Settings;
  readonly platform: Platform;
}): Promise<Ground> {
  const { settings, platform } = parts;
  const folder: DataFolder = { disk: platform.disk, directory: settings.dataDir };
  await makeDataFolder(folder);
  const lock = await lockFolder({ ...folder, process: platform.process });
  const taken: Taken = { lock, peerPort: undefined, clientPort: undefined };
  try {
    const record = await startIdentity({
      ...folder,
      newNodeId: () => nodeId(hexOf(platform.randomBytes(16))),
    });
    taken.clientPort = await ReservedPort.open({
      network: platform.network,
      endpoint: settings.listenClient,
      frameBytesMax,
    });
    taken.peerPort = await PeerPort.open({
      platform,
      limits: peerLimits,
      endpoint: settings.listenPeer,
    });
    const { peerPort, clientPort } = taken;
    const urls = {
      clientUrl: urlOf(settings.advertiseClient, settings.listenClient.host, clientPort.endpoint),
      peerUrl: urlOf(settings.advertisePeer, settings.listenPeer.host, peerPort.endpoint),
    };
    return { folder, record, peerPort, clientPort, urls, release: () => release(taken) };
  } catch (error) {
    await release(taken);
    throw error;
  }
}

/** A folder that can't be there is a setting; one that is there and fails is a disk. */
async function makeDataFolder({ disk, directory }: DataFolder): Promise<void> {
  try {
    await disk.makeDirectory(directory);
  } catch (error) {
    const isRefused = error instanceof DiskError && refusals.has(error.code);
    if (!isRefused) throw error;
    throw new SettingsError(
      `--data-dir: it can't be made: ${error.message}. Name a folder that can be made, and that this user may write.`,
    );
  }
}

const refusals: ReadonlySet<string> = new Set(["not-found", "not-permitted"]);

interface Taken {
  readonly lock: FolderLock;
  peerPort: PeerPort | undefined;
  clientPort: ReservedPort | undefined;
}

async function release(taken: Taken): Promise<void> {
  await taken.clientPort?.close();
  await taken.peerPort?.close();
  await taken.lock.release();
}

/** The host as it was set (a name may mean another address elsewhere), the port as it was bound. */
function urlOf(advertised: string | undefined, host: string, bound: Endpoint): string {
  if (advertised !== undefined) return `ws://${advertised}`;
  return `ws://${host.includes(":") ? `[${host}]` : host}:${bound.port}`;
}

export function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
