// finished-job.ts — the record that says "this job is done", so that a message that is delivered once more
// starts nothing (SEMANTICS §2). It lasts as long as its finish asked for.
import type { JobId, LogTimeMs } from "../ids.ts";
import { jobId, logTimeMs } from "../ids.ts";
import type { FinalOutcome, FinishedJobItem } from "../result.ts";
import { DamagedSnapshotError } from "../snapshot/damaged-snapshot.ts";
import { hashText } from "../table/hash.ts";
import type { Row, RowCodec } from "../table/row.ts";
import type { TableSpec } from "../table/table.ts";

export interface FinishedJob extends Row {
  readonly key: JobId;
  readonly kind: "finishedJob";
  readonly outcome: FinalOutcome;
  readonly atWallMs: number;
  /** About when it is forgotten, as the leader's clock said; for showing. */
  readonly untilWallMs: number;
  expiresAt: LogTimeMs;
  place: number;
}

export function newFinishedJob(parts: Omit<FinishedJob, "hash" | "kind" | "place">): FinishedJob {
  return { ...parts, hash: hashText(parts.scope, parts.key), kind: "finishedJob", place: -1 };
}

export function finishedJobItem(row: FinishedJob): FinishedJobItem {
  const { key, outcome, atWallMs: at, untilWallMs: rememberedUntil } = row;
  return { jobId: key, outcome, at, rememberedUntil };
}

/** In the order of their numbers in a snapshot and in a kept answer. */
export const finalOutcomes: readonly FinalOutcome[] = ["completed", "cancelled", "dead"];

const codec: RowCodec<FinishedJob> = {
  write(row, writer) {
    writer.count(row.scope);
    writer.text(row.key);
    writer.byte(finalOutcomes.indexOf(row.outcome));
    writer.count(row.atWallMs);
    writer.count(row.untilWallMs);
    writer.count(row.expiresAt);
  },
  read(reader) {
    const scope = reader.count();
    const id = jobId(reader.name());
    const outcome = finalOutcomes[reader.byte()];
    if (outcome === undefined) throw new DamagedSnapshotError("a job ended in an unknown way");
    return newFinishedJob({
      scope,
      key: id,
      outcome,
      atWallMs: reader.count(),
      untilWallMs: reader.count(),
      expiresAt: logTimeMs(reader.count()),
    });
  },
};

export const finishedJobSpec: TableSpec<FinishedJob> = {
  name: "finishedJobs",
  version: 1,
  codec,
};
