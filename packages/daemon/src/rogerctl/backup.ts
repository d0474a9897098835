// backup.ts — `backup FILE`: the state of the cluster at one revision, into a file. Done means: it is whole on
// disk under its name, it was read back from there, and it makes a state that can be restored.
import { type BackupHeader, headerLine, readHeader } from "../backup/backup-file.ts";
import type { ReadBackup } from "../backup/read-backup.ts";
import { backupCounts, countsInWords } from "./backup-counts.ts";
import { fileArgumentProblem } from "./backup-file-argument.ts";
import { callCluster } from "./call.ts";
import { type CommandForm, firstArgument } from "./command-form.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import { callersOf, explain, type Invocation, unreadable, usageError } from "./invocation.ts";
import { consent } from "./member-change.ts";
import {
  createFile,
  digestOf,
  fileProblem,
  type NewFile,
  newSum,
  readFileBytes,
  whatIsAt,
} from "./node-backup-files.ts";
import { counted, print } from "./print.ts";
import { objectAt, textAt, type WireObject } from "./wire-value.ts";

const preparingMs = 100;
/** A node that began a backup can go away before its end: another one begins again. */
const beginningsMax = 3;
const betweenBeginningsMs = 500;
const giveUpMs = 1_000;

export const backupCommand: CommandForm = {
  words: ["backup"],
  argument: { form: "<file>", description: "where to; nothing is there before all of it is" },
  summary: "write the state of the cluster at one revision into a file, while the cluster works",
  options: [{ flags: "--yes", description: "overwrite the file, if there is one, without asking" }],
  examples: [
    "rogerctl backup rogerd.backup",
    "rogerctl backup /var/backups/rogerd.backup --yes -o json",
    "head -n 1 rogerd.backup",
  ],
  scope: "cluster",
  run: async (invocation, given) => {
    const path = firstArgument(given);
    const wrong = fileArgumentProblem(invocation, { word: "backup", path });
    if (wrong !== undefined) return usageError(invocation, wrong);
    try {
      const refusal = await mayWrite(invocation, { path, isMeant: given.options.has("yes") });
      return refusal ?? (await backUp(invocation, path));
    } catch (error) {
      const problem = fileProblem(error, { path, missing: "its folder is not there" });
      if (problem === undefined) throw error;
      invocation.surroundings.say(`rogerctl: no backup was made: ${problem}`);
      return exitCodes.failed;
    }
  },
};

async function mayWrite(
  invocation: Invocation,
  { path, isMeant }: { readonly path: string; readonly isMeant: boolean },
): Promise<ExitCode | undefined> {
  const there = await whatIsAt(path);
  if (there === "nothing") return undefined;
  if (there === "other") {
    invocation.surroundings.say(
      `rogerctl: ${path} is no regular file: name one that is, or is not there`,
    );
    return exitCodes.usage;
  }
  return consent(invocation, {
    means: `Overwrite ${path}?`,
    given: isMeant ? "given" : "to-be-asked",
  });
}

/** What of it was begun is given up, here and at the node, when it is interrupted. */
async function backUp(invocation: Invocation, path: string): Promise<ExitCode> {
  let isInterrupted = false;
  const hearNoMore = invocation.surroundings.onInterrupt(() => {
    isInterrupted = true;
  });
  try {
    return await tryToBackUp(invocation, { path, hasStopped: () => isInterrupted });
  } finally {
    hearNoMore();
  }
}

interface BackingUp {
  readonly path: string;
  readonly hasStopped: () => boolean;
}

async function tryToBackUp(
  invocation: Invocation,
  { path, hasStopped }: BackingUp,
): Promise<ExitCode> {
  for (let beginnings = 1; ; beginnings += 1) {
    const file = await createFile(path);
    try {
      const outcome = await download(invocation, { file, hasStopped });
      if (outcome.kind === "written") return await keep(invocation, { path, file, hasStopped });
      if (outcome.kind === "ended") return outcome.exitCode;
      if (beginnings === beginningsMax) {
        invocation.surroundings.say(`rogerctl: no backup was made: ${outcome.reason}; try again`);
        return exitCodes.unavailable;
      }
    } finally {
      await file.discard();
    }
    await invocation.surroundings.sleep(betweenBeginningsMs);
  }
}

async function keep(
  invocation: Invocation,
  { path, file, hasStopped }: BackingUp & { readonly file: NewFile },
): Promise<ExitCode> {
  await file.sync();
  const backup = await readBack(invocation, file);
  if (backup === undefined) return exitCodes.failed;
  if (hasStopped()) return interrupted(invocation);
  await file.keep();
  tell(invocation, { path, backup });
  return exitCodes.done;
}

function interrupted({ surroundings }: Invocation): ExitCode {
  surroundings.say("rogerctl: no backup was made: it was interrupted");
  return exitCodes.failed;
}

type Downloaded = { readonly kind: "written" } | Fruitless;

type Fruitless =
  /** The node that began it can't give it, or does not have it any more: another beginning may help. */
  | { readonly kind: "failed"; readonly reason: string }
  /** Told already. */
  | { readonly kind: "ended"; readonly exitCode: ExitCode };

interface Download {
  readonly file: NewFile;
  readonly hasStopped: () => boolean;
}

/** A node serves one backup at a time: one that is not fetched to its end must not keep the next one waiting. */
async function download(invocation: Invocation, wanted: Download): Promise<Downloaded> {
  const id = `backup-${invocation.surroundings.newRequestId()}`;
  let isLeftOpen = true;
  try {
    const outcome = await fetchChunks(invocation, { ...wanted, id });
    isLeftOpen = outcome.kind === "ended";
    return outcome;
  } finally {
    if (isLeftOpen) await giveUp(invocation, id);
  }
}

/** Whether it is heard or not: the node forgets by itself, only later. */
async function giveUp(invocation: Invocation, id: string): Promise<void> {
  const deadline = invocation.surroundings.monotonicNow() + giveUpMs;
  await callCluster(
    { ...callersOf(invocation), deadline },
    { path: "/v1/admin/backup", body: { id, giveUp: true }, repetition: "read" },
  );
}

async function fetchChunks(
  invocation: Invocation,
  { file, hasStopped, id }: Download & { readonly id: string },
): Promise<Downloaded> {
  const sum = newSum();
  const write = async (bytes: Uint8Array): Promise<void> => {
    sum.add(bytes);
    await file.write(bytes);
  };
  let begun: BackupHeader | undefined;
  for (let chunk = 0; ; ) {
    const asked = await ask(invocation, { body: { id, chunk }, hasStopped });
    if (asked.kind === "failed" || asked.kind === "ended") return asked;
    if (asked.kind === "preparing") {
      await invocation.surroundings.sleep(preparingMs);
      continue;
    }
    if (begun === undefined) await write(headerLine(asked.header));
    begun = asked.header;
    if (asked.kind === "end") break;
    await write(asked.bytes);
    chunk += 1;
  }
  await file.write(sum.value());
  return { kind: "written" };
}

type Asked =
  | { readonly kind: "preparing" }
  | { readonly kind: "chunk"; readonly header: BackupHeader; readonly bytes: Uint8Array }
  | { readonly kind: "end"; readonly header: BackupHeader }
  | Fruitless;

/** Each chunk has the whole time of --timeout. */
async function ask(
  invocation: Invocation,
  { body, hasStopped }: { readonly body: WireObject; readonly hasStopped: () => boolean },
): Promise<Asked> {
  const { surroundings, timeoutMs } = invocation;
  const deadline = surroundings.monotonicNow() + timeoutMs;
  const outcome = await callCluster(
    { ...callersOf(invocation), deadline, hasStopped },
    { path: "/v1/admin/backup", body, repetition: "read" },
  );
  if (hasStopped()) return { kind: "ended", exitCode: interrupted(invocation) };
  if (outcome.kind === "refused" && outcome.error.code === "compacted") {
    return { kind: "failed", reason: outcome.error.message };
  }
  if (outcome.kind !== "answered") {
    return { kind: "ended", exitCode: explain(invocation, outcome) };
  }
  return (
    readAnswer(outcome.body) ?? {
      kind: "ended",
      exitCode: unreadable(invocation, "backup").exitCode,
    }
  );
}

function readAnswer(body: WireObject): Asked | undefined {
  const standing = textAt(body, "standing");
  if (standing === "preparing") return { kind: "preparing" };
  const reason = textAt(body, "reason");
  if (standing === "failed" && reason !== undefined) return { kind: "failed", reason };
  const header = readHeader(objectAt(body, "header") ?? {});
  if (header === undefined) return undefined;
  if (standing === "end") return { kind: "end", header };
  const bytes = textAt(body, "bytes");
  if (standing !== "chunk" || bytes === undefined) return undefined;
  return { kind: "chunk", header, bytes: Buffer.from(bytes, "base64") };
}

/** What will be read when it is needed is what is read now: from the disk, by the same reader. */
async function readBack(invocation: Invocation, file: NewFile): Promise<ReadBackup | undefined> {
  const { DamagedBackupError, readBackup } = await import("../backup/read-backup.ts");
  const bytes = readFileBytes(file.asidePath);
  try {
    return await readBackup({ bytes, sum: newSum(), digest: digestOf });
  } catch (error) {
    if (!(error instanceof DamagedBackupError)) throw error;
    invocation.surroundings.say(`rogerctl: no backup was made: what came ${error.message}`);
    return undefined;
  }
}

function tell(
  invocation: Invocation,
  { path, backup }: { readonly path: string; readonly backup: ReadBackup },
): void {
  const { header, bytes, root, state } = backup;
  const counts = backupCounts(state);
  print(invocation, {
    json: { file: path, bytes, ...header, stateHash: root, counts },
    text: () =>
      `${path}: revision ${header.revision}, ${counted(bytes, "byte")}; ${countsInWords(counts)}\n`,
  });
}
