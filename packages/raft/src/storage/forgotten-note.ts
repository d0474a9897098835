// forgotten-note.ts — forgotten.json beside the log: it has lost what this node had acknowledged, as only a
// leader could tell that still knew of it (core/forgotten-log.ts). What is left reads as a whole log. A later
// start would vote with it, and let be overwritten what others count on (E4, E7): so while the note is there
// the log is not opened. It goes with the log, which `recover` sets aside; nothing here removes it.
import { type ForgottenLog, ForgottenLogError } from "../core/forgotten-log.ts";
import { logIndex, term } from "../core/ids.ts";
import { isCount, isObject, parseJson, textBytes } from "./configuration-codec.ts";
import { dataFolderOf } from "./damage.ts";
import type { Disk } from "./disk.ts";
import { readFileIfThere, replaceFile } from "./small-file.ts";
import { DamagedDataError } from "./storage.ts";

const format = 1;
export const forgottenName = "forgotten.json";

interface LogFolder {
  readonly disk: Disk;
  readonly directory: string;
}

/** Durable when it resolves. */
export async function writeForgottenNote(
  folder: LogFolder & { readonly forgotten: ForgottenLog },
): Promise<void> {
  const { directory, disk, forgotten } = folder;
  const { acknowledged, lastIndex, term } = forgotten;
  const text = JSON.stringify({ format, term, acknowledged, lastIndex }, undefined, 2);
  await replaceFile({ disk, directory, name: forgottenName, content: textBytes(`${text}\n`) });
}

/** Undefined: nothing is known to be lost. Rejects with DamagedDataError where the note is there and does not read. */
export async function readForgottenNote({
  directory,
  disk,
}: LogFolder): Promise<ForgottenLog | undefined> {
  const path = `${directory}/${forgottenName}`;
  const bytes = await readFileIfThere(disk, path);
  if (bytes === undefined) return undefined;
  const note = parse(bytes);
  if (note !== undefined) return note;
  throw new DamagedDataError(
    `${path} is there: the disk of this node has lost writes that were synced. What they were it does not say any more. They were acknowledged, so the node does not start. The other nodes have what it held; run: rogerd recover ${dataFolderOf(directory)} --rejoin`,
  );
}

/** Rejects with ForgottenLogError, the same again, where it was found before. */
export async function refuseForgotten(folder: LogFolder): Promise<void> {
  const found = await readForgottenNote(folder);
  if (found !== undefined) throw new ForgottenLogError(found);
}

function parse(bytes: Uint8Array): ForgottenLog | undefined {
  const plain = parseJson(bytes);
  if (!isObject(plain) || plain["format"] !== format) return undefined;
  const { acknowledged, lastIndex } = plain;
  if (!isCount(plain["term"]) || !isCount(acknowledged) || !isCount(lastIndex)) return undefined;
  return {
    term: term(plain["term"]),
    acknowledged: logIndex(acknowledged),
    lastIndex: logIndex(lastIndex),
  };
}
