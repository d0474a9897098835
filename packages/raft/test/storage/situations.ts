// situations.ts — named set-ups for the tests of the storage: identities, records, logs on a disk
// in memory, temporary folders on a real one.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { afterAll } from "vitest";
import { type Configuration, EMPTY_CONFIGURATION } from "../../src/core/configuration.ts";
import { incarnation, logIndex, nodeId, term } from "../../src/core/ids.ts";
import { MemoryDisk } from "../../src/storage/memory-disk.ts";
import type { LogStorage, StorageIdentity, WalRecord } from "../../src/storage/storage.ts";
import { type LogStorageParts, openLogStorage } from "../../src/storage/wal/open-log-storage.ts";

export const directory = "/data/group-0/wal";
export const self = nodeId("a".repeat(32));
export const other = nodeId("b".repeat(32));
export const third = nodeId("d".repeat(32));
export const identity: StorageIdentity = { clusterId: "c".repeat(32), nodeId: self, group: 0 };
export const limits = { segmentBytes: 8192, reserveBytes: 4096 };

export function openOn(
  disk: MemoryDisk,
  changed: Partial<LogStorageParts> = {},
): Promise<LogStorage> {
  const parts = { disk, directory, identity, incarnation: incarnation(1), limits };
  return openLogStorage({ ...parts, ...changed });
}

export async function anEmptyLog(): Promise<{ disk: MemoryDisk; log: LogStorage }> {
  const disk = new MemoryDisk();
  return { disk, log: await openOn(disk) };
}

export function inTerm(of: number, votedFor = self): WalRecord {
  return { kind: "hard-state", hardState: { term: term(of), votedFor } };
}

export function command(index: number, of: { term: number; bytes?: number }): WalRecord {
  const payload = new Uint8Array(of.bytes ?? 20).fill((index % 255) + 1);
  const entry = { index: logIndex(index), term: term(of.term), kind: "command" as const, payload };
  return { kind: "entry", entry };
}

export function cut(from: number): WalRecord {
  return { kind: "truncate", from: logIndex(from) };
}

export function members(index: number, voters: Configuration["voters"]): WalRecord {
  const configuration = membersOf(voters);
  const entry = {
    index: logIndex(index),
    term: term(1),
    kind: "configuration" as const,
    configuration,
  };
  return { kind: "entry", entry };
}

export function membersOf(voters: Configuration["voters"]): Configuration {
  const described = voters.map((id) => ({
    id,
    name: id.slice(0, 2),
    clientUrl: "ws://a",
    peerUrl: "ws://b",
  }));
  return { ...EMPTY_CONFIGURATION, voters, members: described };
}

export function mark(index: number, of: { term: number; log?: "keep" | "discard" }): WalRecord {
  const snapshot = {
    index: logIndex(index),
    term: term(of.term),
    hash: "5a".repeat(32),
    configuration: membersOf([self]),
  };
  return { kind: "snapshot-mark", mark: { snapshot, log: of.log ?? "keep" } };
}

export async function append(
  log: LogStorage,
  records: readonly WalRecord[],
  commitIndex = 0,
): Promise<void> {
  await log.append({ records, commitIndex: logIndex(commitIndex) });
}

/** Segments that hold something, by name. */
export function usedSegments(disk: MemoryDisk, names: readonly string[]): string[] {
  return names
    .filter((name) => name.endsWith(".wal"))
    .map((name) => `${directory}/${name}`)
    .filter((path) => disk.peek(path).some((byte) => byte !== 0));
}

const folders: string[] = [];
afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

/** An empty folder on the real disk, removed after the tests. */
export async function aTemporaryFolder(): Promise<string> {
  const folder = await mkdtemp(`${tmpdir()}/rogerd-storage-`);
  folders.push(folder);
  return folder;
}
