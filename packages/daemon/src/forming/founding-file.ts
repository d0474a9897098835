// founding-file.ts — founding.json: what the first founder is about to write, noted before it does
// (DESIGN §4, forming). A founding that is cut short goes on with the same cluster id and the same
// configuration. While the file is there nobody else knows of the cluster: it goes before that.
import {
  type Configuration,
  DamagedDataError,
  type DataFolder,
  DiskError,
  isNodeId,
  type Member,
} from "@rogerd/raft";

export interface FoundingNote {
  readonly clusterId: string;
  readonly configuration: Configuration;
}

const format = 1;
const bytesMax = 1024 * 1024;

/** Durable when it resolves: written aside, synced, renamed, folder synced. */
export async function writeFoundingNote(folder: DataFolder, note: FoundingNote): Promise<void> {
  const { disk, directory } = folder;
  const aside = `${pathOf(folder)}.tmp`;
  await removeIfThere(folder, aside);
  const file = await disk.create(aside);
  const text = JSON.stringify({ format, ...note }, undefined, 2);
  await file.write({ at: 0, buffers: [new TextEncoder().encode(text)] });
  await file.syncData();
  await file.close();
  await disk.rename({ from: aside, to: pathOf(folder) });
  await disk.syncDirectory(directory);
}

/** Undefined where there is none. Rejects with DamagedDataError. */
export async function readFoundingNote(folder: DataFolder): Promise<FoundingNote | undefined> {
  const text = await readIfThere(folder);
  if (text === undefined) return undefined;
  const note = parse(text);
  if (note !== undefined) return note;
  throw new DamagedDataError(
    `${pathOf(folder)} can't be read. It belongs to a founding that was cut short before anybody was told of ` +
      "it, so nothing acknowledged is lost: empty this data directory and start the founders again.",
  );
}

/** Entry 1 is on disk. When this resolves, others may be told. */
export async function removeFoundingNote(folder: DataFolder): Promise<void> {
  await removeIfThere(folder, pathOf(folder));
  await folder.disk.syncDirectory(folder.directory);
}

function pathOf({ directory }: DataFolder): string {
  return `${directory}/founding.json`;
}

async function removeIfThere({ disk }: DataFolder, path: string): Promise<void> {
  try {
    await disk.remove(path);
  } catch (error) {
    if (!(error instanceof DiskError && error.code === "not-found")) throw error;
  }
}

async function readIfThere(folder: DataFolder): Promise<string | undefined> {
  try {
    const file = await folder.disk.open(pathOf(folder));
    const bytes = await file.read({ at: 0, bytes: bytesMax });
    await file.close();
    return new TextDecoder().decode(bytes);
  } catch (error) {
    if (error instanceof DiskError && error.code === "not-found") return undefined;
    throw error;
  }
}

function parse(text: string): FoundingNote | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  if (!isRecord(value) || value["format"] !== format) return undefined;
  const { clusterId, configuration } = value;
  if (typeof clusterId !== "string" || !/^[0-9a-f]{32}$/.test(clusterId)) return undefined;
  const members = isRecord(configuration) ? membersOf(configuration["members"]) : undefined;
  if (members === undefined || members.length === 0) return undefined;
  const voters = members.map((member) => member.id);
  return {
    clusterId,
    configuration: { voters, votersOutgoing: [], learners: [], members, removed: [] },
  };
}

/** A first configuration: all members vote, sorted by id. */
function membersOf(value: unknown): readonly Member[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const members: Member[] = [];
  for (const each of value) {
    const member = memberOf(each);
    if (member === undefined) return undefined;
    members.push(member);
  }
  return members;
}

function memberOf(value: unknown): Member | undefined {
  if (!isRecord(value)) return undefined;
  const { id, name, clientUrl, peerUrl } = value;
  if (!isNodeId(id) || typeof name !== "string") return undefined;
  if (typeof clientUrl !== "string" || typeof peerUrl !== "string") return undefined;
  return { id, name, clientUrl, peerUrl };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
