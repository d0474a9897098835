// cancel-mark.ts — the mark that says "this job is cancelled", its states, and the only door between
// them (SEMANTICS §4.5). A mark is there or it is not for Roger's forms, whatever its state.
import { assert } from "../assert.ts";
import type { JobId, LogTimeMs } from "../ids.ts";
import { jobId, logTimeMs } from "../ids.ts";
import { nameIn, type Partition } from "../partition/partition.ts";
import type { CancelMarkItem } from "../result.ts";
import { DamagedSnapshotError } from "../snapshot/damaged-snapshot.ts";
import { hashText } from "../table/hash.ts";
import type { Row, RowCodec } from "../table/row.ts";
import type { TableSpec } from "../table/table.ts";

export type MarkState = CancelMarkItem["state"];

export interface CancelMark extends Row {
  readonly key: JobId;
  readonly kind: "cancelMark";
  readonly by: string;
  readonly reason: string;
  readonly atWallMs: number;
  expiresAt: LogTimeMs;
  state: MarkState;
  place: number;
}

/** The states in the order of their numbers in a snapshot. */
const states: readonly MarkState[] = [
  "pending",
  "delivered",
  "acknowledged",
  "too_late",
  "consumed",
];

const statesAfter = {
  pending: ["delivered", "acknowledged", "too_late", "consumed"],
  delivered: ["acknowledged", "too_late", "consumed"],
  acknowledged: ["consumed"],
  too_late: ["consumed"],
  consumed: [],
} as const satisfies Record<MarkState, readonly MarkState[]>;

export function newMark(parts: {
  readonly partition: Partition;
  readonly jobId: JobId;
  readonly by: string;
  readonly reason: string;
  readonly atWallMs: number;
  readonly expiresAt: LogTimeMs;
}): CancelMark {
  const { hash, scope } = nameIn(parts.partition, parts.jobId);
  return {
    hash,
    scope,
    key: parts.jobId,
    kind: "cancelMark",
    by: parts.by,
    reason: parts.reason,
    atWallMs: parts.atWallMs,
    expiresAt: parts.expiresAt,
    state: "pending",
    place: -1,
  };
}

/** The only door. Who moves a mark to `consumed` takes it out of its table, too. */
export function moveMark(mark: CancelMark, to: MarkState): void {
  const next: readonly MarkState[] = statesAfter[mark.state];
  assert(next.includes(to), `a mark goes from ${mark.state} to ${to}`);
  mark.state = to;
}

export function markItem(mark: CancelMark): CancelMarkItem {
  return {
    jobId: mark.key,
    by: mark.by,
    reason: mark.reason,
    at: mark.atWallMs,
    state: mark.state,
  };
}

const codec: RowCodec<CancelMark> = {
  write(row, writer) {
    writer.count(row.scope);
    writer.text(row.key);
    writer.text(row.by);
    writer.text(row.reason);
    writer.count(row.atWallMs);
    writer.count(row.expiresAt);
    writer.byte(states.indexOf(row.state));
  },
  read(reader) {
    const scope = reader.count();
    const id = jobId(reader.name());
    const by = reader.text();
    const reason = reader.text();
    const atWallMs = reader.count();
    const expiresAt = logTimeMs(reader.count());
    const state = states[reader.byte()];
    if (state === undefined || state === "consumed") {
      throw new DamagedSnapshotError("a mark has a state that stays");
    }
    const hash = hashText(scope, id);
    const kind = "cancelMark";
    return { hash, scope, key: id, kind, by, reason, atWallMs, expiresAt, state, place: -1 };
  },
};

export const cancelMarkSpec: TableSpec<CancelMark> = { name: "cancelMarks", version: 1, codec };
