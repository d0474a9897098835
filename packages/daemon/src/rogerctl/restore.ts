// restore.ts — `restore FILE`: a backup comes into an empty cluster, step by step, in its log. All of the
// file is checked before anything is sent. Nobody sees any of it before the end; who was interrupted
// gives the same command again, and it goes on.
import type { ImportPlan } from "@rogerd/global-state";
import type { ReadBackup } from "../backup/read-backup.ts";
import { backupCounts, countsInWords } from "./backup-counts.ts";
import { fileArgumentProblem } from "./backup-file-argument.ts";
import { callCluster } from "./call.ts";
import { type CommandForm, firstArgument } from "./command-form.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import { callersOf, explain, type Invocation, unreadable, usageError } from "./invocation.ts";
import { digestOf, fileProblem, newSum, readFileBytes } from "./node-backup-files.ts";
import { counted, print } from "./print.ts";
import { numberAt, textAt, type WireObject } from "./wire-value.ts";

/** How often progress is told. */
const progressMs = 2_000;

export const restoreCommand: CommandForm = {
  words: ["restore"],
  argument: { form: "<file>", description: "what rogerctl backup wrote" },
  summary: "bring a backup into a cluster in which no partition was ever started",
  options: [],
  examples: [
    "rogerctl restore rogerd.backup",
    "rogerctl restore rogerd.backup --endpoints 10.0.0.1:7401,10.0.0.2:7401 -o json",
  ],
  scope: "cluster",
  run: async (invocation, given) => {
    const path = firstArgument(given);
    const wrong = fileArgumentProblem(invocation, { word: "restore", path });
    if (wrong !== undefined) return usageError(invocation, wrong);
    const backup = await read(invocation, path);
    return backup === undefined ? exitCodes.failed : restore(invocation, { path, backup });
  },
};

async function read(invocation: Invocation, path: string): Promise<ReadBackup | undefined> {
  const { DamagedBackupError, readBackup } = await import("../backup/read-backup.ts");
  const { say } = invocation.surroundings;
  try {
    return await readBackup({ bytes: readFileBytes(path), sum: newSum(), digest: digestOf });
  } catch (error) {
    const problem = fileProblem(error, { path, missing: "it is not there" });
    if (problem === undefined && !(error instanceof DamagedBackupError)) throw error;
    const sentence =
      error instanceof DamagedBackupError ? `${path} ${error.message}` : `no backup: ${problem}`;
    say(`rogerctl: ${sentence}; nothing was changed`);
    return undefined;
  }
}

interface Restoring {
  readonly path: string;
  readonly backup: ReadBackup;
}

async function restore(invocation: Invocation, restoring: Restoring): Promise<ExitCode> {
  const plan = restoring.backup.state.importPlan(restoring.backup.root);
  const { id, ...args } = plan.begin.args;
  const begun = await send(invocation, { step: "begin", id, ...args });
  if (begun.kind === "ended") return begun.exitCode;
  if (begun.kind === "importing") {
    if (begun.next > 0) {
      invocation.surroundings.say(`goes on at step ${begun.next + 1} of ${plan.steps.length}`);
    }
    const ended = await sendRows(invocation, { plan, from: begun.next });
    if (ended !== undefined) return ended;
  }
  const { steps, rows } = plan.end.args;
  const done = await send(invocation, { step: "end", id, steps, rows });
  if (done.kind === "ended") return done.exitCode;
  if (done.kind !== "imported") return unreadable(invocation, "restore").exitCode;
  const now = begun.kind === "importing" ? "restored" : "restored before";
  tell(invocation, { ...restoring, revision: done.revision, now });
  return exitCodes.done;
}

async function sendRows(
  invocation: Invocation,
  { plan, from }: { readonly plan: ImportPlan; readonly from: number },
): Promise<ExitCode | undefined> {
  const { surroundings } = invocation;
  let toldAt = surroundings.monotonicNow();
  for (const { args } of plan.steps.slice(from)) {
    const bytes = Buffer.from(args.bytes).toString("base64");
    const sent = await send(invocation, { ...args, bytes });
    if (sent.kind === "ended") return sent.exitCode;
    if (sent.kind === "imported") return undefined;
    if (surroundings.monotonicNow() - toldAt < progressMs) continue;
    toldAt = surroundings.monotonicNow();
    surroundings.say(`${args.step + 1} of ${counted(plan.steps.length, "step")}`);
  }
  return undefined;
}

type Sent =
  | { readonly kind: "importing"; readonly next: number }
  | { readonly kind: "imported"; readonly revision: number }
  /** Told already. */
  | { readonly kind: "ended"; readonly exitCode: ExitCode };

/** Steps are numbered: each may be sent again. Each has the whole time of --timeout. */
async function send(invocation: Invocation, body: WireObject): Promise<Sent> {
  const { surroundings, timeoutMs } = invocation;
  const deadline = surroundings.monotonicNow() + timeoutMs;
  const outcome = await callCluster(
    { ...callersOf(invocation), deadline },
    { path: "/v1/admin/restore", body, repetition: "write" },
  );
  if (outcome.kind === "answered") return readAnswer(invocation, outcome.body);
  if (outcome.kind === "refused") return { kind: "ended", exitCode: explain(invocation, outcome) };
  const standing =
    outcome.kind === "unavailable"
      ? "is not done"
      : "is not known to be done: a step was not answered";
  surroundings.say(
    `rogerctl: the restore ${standing} (${outcome.reason}); the same command again goes on where this one stopped`,
  );
  const exitCode = outcome.kind === "unavailable" ? exitCodes.unavailable : exitCodes.notKnown;
  return { kind: "ended", exitCode };
}

function readAnswer(invocation: Invocation, body: WireObject): Sent {
  const standing = textAt(body, "standing");
  const next = numberAt(body, "next");
  const revision = numberAt(body, "revision");
  if (standing === "importing" && next !== undefined) return { kind: "importing", next };
  if (standing === "imported" && revision !== undefined) return { kind: "imported", revision };
  const reason = textAt(body, "reason");
  if (standing !== "not_imported" || reason === undefined) {
    return { kind: "ended", exitCode: unreadable(invocation, "restore").exitCode };
  }
  const sentence = sentences.get(reason);
  invocation.surroundings.say(
    `rogerctl: ${sentence ?? `the cluster does not take this backup (${reason}); compare with rogerctl version`}`,
  );
  print(invocation, { json: { restored: false, reason }, text: () => "" });
  return { kind: "ended", exitCode: sentence === undefined ? exitCodes.failed : exitCodes.no };
}

/** By the reasons of `NotImportedReason` that an operator can meet. */
const sentences: ReadonlyMap<string, string> = new Map([
  [
    "not_empty",
    "the cluster is not empty, and nothing was changed: form a new one, start no partition in it, and restore there",
  ],
  [
    "another_import",
    "another backup was restored into this cluster, in part or as a whole, and nothing was changed: end that one with its file, or form a new cluster",
  ],
]);

function tell(
  invocation: Invocation,
  told: Restoring & {
    readonly revision: number;
    /** Before: the end of it was asked for once more, perhaps as its answer was lost. */
    readonly now: "restored" | "restored before";
  },
): void {
  const { path, backup, revision, now } = told;
  const { header, state } = backup;
  const counts = backupCounts(state);
  print(invocation, {
    json: {
      restored: true,
      before: now !== "restored",
      file: path,
      revision,
      from: header,
      counts,
    },
    text: () =>
      (now === "restored"
        ? `${path} is restored: `
        : `${path} was restored before, at revision ${revision} of this cluster; nothing was done now, and what happened since stands. It was `) +
      `cluster ${header.clusterId} at revision ${header.revision}, ${header.createdAt}; ` +
      `${countsInWords(counts)}; ${counted(counts.sessions, "session")} left out\n`,
  });
}
