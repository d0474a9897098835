// partition.ts — the record of a partition: whether it is started, what is set for it, and what it holds, counted.
// Its number stands for its name in the rows of all other tables. The counts, the rules, the map of
// pauses and the indexes follow from those tables; they are kept here, never encoded, and counted anew after a restore.
import type { CancelRule, RuleNumber } from "../cancel/cancel-rule.ts";
import type { ExecutionKey } from "../execution-key/execution-key.ts";
import type { LimitRules } from "../execution-key/limit-rules.ts";
import { Line } from "../execution-key/line.ts";
import type { Waiter } from "../execution-key/waiter.ts";
import type { JobId, PartitionId } from "../ids.ts";
import { partitionId } from "../ids.ts";
import { JobIndex } from "../job/job-index.ts";
import type { Pause } from "../pause/pause.ts";
import type { PartitionItem } from "../result.ts";
import { DamagedSnapshotError } from "../snapshot/damaged-snapshot.ts";
import type { Reader } from "../snapshot/reader.ts";
import { hashesEnd, hashText } from "../table/hash.ts";
import type { Row, RowCodec } from "../table/row.ts";
import type { TableSpec } from "../table/table.ts";
import { type Dropping, dropSections, newDropping } from "./dropping.ts";
import {
  isPlainSettings,
  noSettings,
  type PartitionSettings,
  readSettings,
  writeSettings,
} from "./partition-settings.ts";

export interface Partition extends Row {
  readonly key: PartitionId;
  /** From 1, in the order in which partitions were first started; never reused. */
  readonly number: number;
  isStarted: boolean;
  /** Wall time of the last start or stop; for showing. */
  sinceWallMs: number;
  settings: PartitionSettings;
  /** Undefined: it is not dropped. */
  dropping: Dropping | undefined;
  cancelMarks: number;
  queueKeys: number;
  executionKeys: number;
  /** In the order of their age: all rules of a partition are asked at each start. */
  readonly cancelRules: CancelRule[];
  /** The last one that was drawn. */
  rulesDrawn: RuleNumber;
  /** By selector: all pauses of a partition are asked for at once, and often. */
  readonly pauses: Map<string, Pause>;
  /** Of the selectors of all pauses. */
  pausesBytes: number;
  finishedJobs: number;
  limitRules: LimitRules | undefined;
  /** All that wait for execution keys of the partition, in the order in which they came. */
  readonly waiters: Line<Waiter>;
  /** The same, by who waits. */
  readonly waitsOf: Map<JobId, Set<Waiter>>;
  /** The keys that sessions hold in it, by token, in the order of the tokens. */
  readonly holds: Map<number, ExecutionKey>;
  /** What runs, and what waits to start. */
  readonly jobs: JobIndex<Waiter>;
  /** Where the sweep of changed rules goes on, once it was found (set-rules.ts). */
  sweepAt: Waiter | undefined;
}

export function partitionName(id: PartitionId): Row {
  return { hash: hashText(0, id), scope: 0, key: id };
}

/** What anything inside a partition is called. */
export function nameIn(partition: Partition, key: string): Row {
  return { hash: hashText(partition.number, key), scope: partition.number, key };
}

export function newPartition(parts: {
  readonly id: PartitionId;
  readonly number: number;
  readonly isStarted: boolean;
  readonly sinceWallMs: number;
  readonly settings?: PartitionSettings;
}): Partition {
  return {
    hash: hashText(0, parts.id),
    scope: 0,
    key: parts.id,
    number: parts.number,
    isStarted: parts.isStarted,
    sinceWallMs: parts.sinceWallMs,
    settings: parts.settings ?? noSettings,
    dropping: undefined,
    cancelMarks: 0,
    queueKeys: 0,
    executionKeys: 0,
    cancelRules: [],
    rulesDrawn: { revision: 0, at: 0 },
    pauses: new Map(),
    pausesBytes: 0,
    finishedJobs: 0,
    limitRules: undefined,
    waiters: new Line(),
    waitsOf: new Map(),
    holds: new Map(),
    jobs: new JobIndex(),
    sweepAt: undefined,
  };
}

export function partitionItem(row: Partition): PartitionItem {
  const { limits, defaults } = row.settings;
  return {
    partition: row.key,
    started: row.isStarted,
    since: row.sinceWallMs,
    ...(Object.keys(limits).length === 0 ? {} : { limits }),
    ...(Object.keys(defaults).length === 0 ? {} : { defaults }),
  };
}

/** Whether it is started, and what follows what every record has. Rows without are written as ever. */
const startedBit = 1;
const settingsBit = 2;
const droppingBit = 4;

const codec: RowCodec<Partition> = {
  write(row, writer) {
    writer.text(row.key);
    writer.count(row.number);
    const { settings, dropping } = row;
    const hasSettings = !isPlainSettings(settings);
    writer.byte(
      (row.isStarted ? startedBit : 0) |
        (hasSettings ? settingsBit : 0) |
        (dropping === undefined ? 0 : droppingBit),
    );
    writer.count(row.sinceWallMs);
    if (hasSettings) writeSettings(settings, writer);
    if (dropping === undefined) return;
    writer.count(dropping.section);
    writer.count(dropping.from);
  },
  read(reader) {
    const id = partitionId(reader.name());
    const number = reader.count();
    const bits = reader.byte();
    const isStarted = (bits & startedBit) !== 0;
    const isDropping = (bits & droppingBit) !== 0;
    const hasSettings = (bits & settingsBit) !== 0;
    if (bits > (startedBit | settingsBit | droppingBit) || (isStarted && isDropping)) {
      throw new DamagedSnapshotError("a partition is started, stopped or dropped");
    }
    const sinceWallMs = reader.count();
    const settings = hasSettings ? readSettings(reader) : noSettings;
    if (hasSettings && isPlainSettings(settings)) {
      throw new DamagedSnapshotError("a partition without settings is written as one");
    }
    const row = newPartition({ id, number, isStarted, sinceWallMs, settings });
    if (isDropping) row.dropping = readDropping(reader, row);
    return row;
  },
};

function readDropping(reader: Reader, row: Row): Dropping {
  const [section, from] = [reader.count(), reader.count()];
  if (section < dropSections.length && from < hashesEnd) {
    return newDropping(row, { section, from });
  }
  throw new DamagedSnapshotError("a partition is emptied where there is nothing");
}

export const partitionSpec: TableSpec<Partition> = { name: "partitions", version: 1, codec };
