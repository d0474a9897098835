// form-cluster.ts — from a data directory to a cluster it belongs to (DESIGN §4). What makes a founding
// safe is the order of what is synced: our id before anybody is told of it; the founding note, then
// the binding, then entry 1; then the note goes, and only then anybody is told of the cluster. So
// while there is a note nobody knows, and a founding that was cut short goes on where it was.
// Whoever is told binds itself, synced, before it votes or accepts anything.
import {
  addCommand,
  bindIdentity,
  type DataFolder,
  isAsideName,
  type Member,
  type NodeRecord,
} from "@rogerd/raft";
import { SettingsError } from "../failure.ts";
import { hexOf } from "../ground.ts";
import { Joining, type JoiningParts } from "../membership/joining.ts";
import { Forming, type FormingParts } from "./forming.ts";
import { type FoundingNote, readFoundingNote, writeFoundingNote } from "./founding-file.ts";

/** The cluster that this directory belongs to, or is about to found. */
export type Membership =
  | { readonly kind: "bound"; readonly clusterId: string; readonly record: NodeRecord }
  /** Entry 1 is to be written, then the note goes; until then nobody may be told. */
  | { readonly kind: "founding"; readonly note: FoundingNote; readonly record: NodeRecord };

export interface FormClusterParts extends Omit<FormingParts, "platform" | "self"> {
  readonly platform: FormingParts["platform"] & {
    randomBytes(count: number): Uint8Array;
  };
  readonly folder: DataFolder;
  readonly record: NodeRecord;
  readonly self: Member;
  /** Be let into a cluster that exists, instead of forming one. */
  readonly join: Pick<JoiningParts, "member" | "joinSecret"> | undefined;
  /** Called with what stops the meeting of founders, or the joining, while it lasts. */
  readonly meeting: (forming: Pick<Forming, "stop">) => void;
}

/** Undefined: stopped before there was a cluster. Rejects with SettingsError. */
export async function formCluster(parts: FormClusterParts): Promise<Membership | undefined> {
  const { folder, record } = parts;
  const unfinished = await readFoundingNote(folder);
  if (unfinished !== undefined) return founding(parts, unfinished);
  if (record.clusterId !== null) return { kind: "bound", clusterId: record.clusterId, record };
  if (parts.join !== undefined) return joinCluster(parts, parts.join);
  if (parts.founders.length === 0) await refuseBesideOldData(folder, parts.self);
  const forming = new Forming(parts);
  parts.meeting(forming);
  const formed = await forming.formed;
  if (formed === undefined) return undefined;
  if (formed.kind === "fail") throw new SettingsError(formed.sentence);
  if (formed.kind === "bind") return bind(parts, formed.clusterId);
  const clusterId = hexOf(parts.platform.randomBytes(16));
  const note = { clusterId, configuration: formed.configuration };
  await writeFoundingNote(folder, note);
  return founding(parts, note);
}

/** A folder that `rogerd recover` has emptied belonged to a cluster: alone it would found another one. */
async function refuseBesideOldData({ disk, directory }: DataFolder, self: Member): Promise<void> {
  const aside = (await disk.list(directory)).find(isAsideName);
  if (aside === undefined) return;
  throw new SettingsError(
    `${directory} has held a node of a cluster (${aside}). Alone it would begin a cluster of its own and give out keys that the old one holds: ` +
      `let it in again with \`rogerctl member remove ${self.name}\` and \`${addCommand(self)}\` against that cluster, and start it as that prints, with --join and the secret. ` +
      "To begin anew with nothing all the same, move what was set aside to another place.",
  );
}

/** Only who is let in binds itself: until then it is a node of no cluster, and stays one. */
async function joinCluster(
  parts: FormClusterParts,
  join: Pick<JoiningParts, "member" | "joinSecret">,
): Promise<Membership | undefined> {
  const joining = new Joining({ ...parts, ...join, peerSecret: parts.secret });
  parts.meeting(joining);
  const joined = await joining.joined;
  if (joined === undefined) return undefined;
  if (joined.kind === "refused")
    throw new SettingsError(`${parts.self.name} is not let in: ${joined.sentence}.`);
  return bind(parts, joined.clusterId);
}

/** Synced before anything of this cluster is answered. */
async function bind(
  { folder, record, log }: Pick<FormClusterParts, "folder" | "record" | "log">,
  clusterId: string,
): Promise<Membership> {
  const bound = await bindIdentity({ ...folder, record, clusterId });
  log.info({ cluster: clusterId, node: record.nodeId }, "cluster bound");
  return { kind: "bound", clusterId, record: bound };
}

async function founding(
  { folder, record }: Pick<FormClusterParts, "folder" | "record">,
  note: FoundingNote,
): Promise<Membership> {
  const bound = await bindIdentity({ ...folder, record, clusterId: note.clusterId });
  return { kind: "founding", note, record: bound };
}
