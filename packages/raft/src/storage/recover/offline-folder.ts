// offline-folder.ts — what all ways of `rogerd recover` share (E4.4): each is chosen by an operator, works
// offline with the lock held, and deletes nothing: what no longer counts is set aside in the data
// folder. Which way helps, and what it gives up, is not decided here.
import type { Member } from "../../core/configuration.ts";
import type { Damage } from "../damage.ts";
import { type DataFolder, type NodeRecord, readIdentity } from "../data-folder.ts";
import { DiskError } from "../disk.ts";
import { lockFolder, type ProcessFacts } from "../folder-lock.ts";
import { KeptEntries } from "../kept-entries.ts";
import { finishNewCluster } from "../new-cluster-switch.ts";
import { isFolder, readFileIfThere, replaceFile } from "../small-file.ts";
import { DamagedDataError } from "../storage.ts";
import type { LogReader } from "../wal/log-reader.ts";

/** What was done, or what would be, in sentences for the operator. */
export interface RecoveryReport {
  readonly lines: readonly string[];
}

/** It would not help, or is not allowed here; `message` says why and what to do instead. */
export class RecoveryRefusedError extends Error {
  override readonly name: string = "RecoveryRefusedError";
}

/** There is no damage here that this recovery is for. */
export class NothingToRecoverError extends RecoveryRefusedError {
  override readonly name: string = "NothingToRecoverError";
}

export type OfflineFolder = DataFolder & { readonly process: ProcessFacts };

/** Whatever a recovery before this one began is finished first. */
export async function locked(
  folder: OfflineFolder,
  action: () => Promise<RecoveryReport>,
): Promise<RecoveryReport> {
  if (!(await isFolder(folder))) {
    throw new RecoveryRefusedError(`${folder.directory}: there is no such folder.`);
  }
  const lock = await lockFolder(folder);
  try {
    const clusterId = (await identityIfReadable(folder))?.clusterId ?? undefined;
    if (clusterId !== undefined) await finishNewCluster({ ...folder, clusterId });
    return await action();
  } finally {
    await lock.release();
  }
}

export async function identityIfReadable(folder: DataFolder): Promise<NodeRecord | undefined> {
  try {
    return await readIdentity(folder);
  } catch (error) {
    if (error instanceof DamagedDataError) return undefined;
    throw error;
  }
}

/** A copy of node.json goes with what is set aside, so that it can be put back. */
export async function keepIdentityIn(folder: DataFolder, kept: string): Promise<void> {
  const name = "node.json";
  const content = await readFileIfThere(folder.disk, `${folder.directory}/${name}`);
  if (content === undefined) return;
  await replaceFile({ disk: folder.disk, directory: kept, name, content });
}

export interface LogToDamage {
  readonly damage: Damage | undefined;
  readonly entries: KeptEntries;
}

/** Reads the log to its end or to the first damage; a log that is not there is damage too. */
export async function readToDamage(reader: LogReader, wal: string): Promise<LogToDamage> {
  const entries = new KeptEntries();
  try {
    for await (const event of reader.events()) {
      if (event.kind === "damage") return { damage: event.damage, entries };
      if (event.kind === "batch") for (const each of event.records) entries.apply(each);
    }
  } catch (error) {
    if (!(error instanceof DiskError) || error.code !== "not-found") throw error;
    const what = "there is no log";
    return { damage: { what, file: wal, remedy: "rejoin" }, entries };
  }
  return { damage: undefined, entries };
}

/** `ws://10.0.0.1:7501` as commands take it. */
function addressOf(url: string): string {
  return url.replace(/^wss?:\/\//, "");
}

/** What lets a node in under its old name and addresses. */
export function addCommand(
  member: Pick<Member, "name" | "peerUrl" | "clientUrl"> | undefined,
): string {
  const { clientUrl, name, peerUrl } = member ?? unknownMember;
  return `rogerctl member add ${name} --peer ${addressOf(peerUrl)} --client ${addressOf(clientUrl)}`;
}

const unknownMember = { name: "NAME", peerUrl: "HOST:PORT", clientUrl: "HOST:PORT" } as const;
