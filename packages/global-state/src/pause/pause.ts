// pause.ts — the record that says "no new starts from this queue", by selector (SEMANTICS §2), in which mode
// and until when. Only pauses.ts changes a record that lies in its table.
import type { Deadline } from "../deadlines.ts";
import type { LogTimeMs, Selector } from "../ids.ts";
import { logTimeMs, selector } from "../ids.ts";
import type { Run } from "../job/run.ts";
import { notAtAll } from "../log-time.ts";
import { nameIn, type Partition } from "../partition/partition.ts";
import type { PauseItem } from "../result.ts";
import { DamagedSnapshotError } from "../snapshot/damaged-snapshot.ts";
import type { Reader } from "../snapshot/reader.ts";
import { hashText } from "../table/hash.ts";
import type { Row, RowCodec } from "../table/row.ts";
import type { TableSpec } from "../table/table.ts";

/** `drain`: what runs goes on. `stop`: it is told, and what waits leaves the line (SEMANTICS §4.6). */
export type PauseMode = "drain" | "stop";

export interface Pause extends Row {
  readonly key: Selector;
  readonly by: string;
  readonly reason: string;
  readonly sinceWallMs: number;
  mode: PauseMode;
  /** Undefined: it lasts until it is resumed. */
  end: PauseEnd | undefined;
  /** Undefined: whoever ran or waited when it began to stop knows it. */
  stopping: Stopping | undefined;
}

/** What is due at once while a pause that stops has not reached all (stop-jobs.ts); it has the pause's name. */
export interface Stopping extends Deadline {
  readonly kind: "stopping";
  /** Runs with this token and smaller ones are told. */
  toldThrough: number;
  /** Derived: where it goes on among the runs, once that was found. */
  runs: Iterator<Run> | undefined;
}

/** What waits among the deadlines; it has the name of its pause. */
export interface PauseEnd extends Deadline {
  readonly kind: "pause";
  /** As it was asked for; for showing. */
  readonly untilWallMs: number;
}

export function newPause(parts: {
  readonly partition: Partition;
  readonly selector: Selector;
  readonly by: string;
  readonly reason: string;
  readonly sinceWallMs: number;
  readonly mode: PauseMode;
  readonly end: PauseEnd | undefined;
}): Pause {
  const { hash, scope } = nameIn(parts.partition, parts.selector);
  const { by, reason, sinceWallMs, mode, end } = parts;
  const stopping = undefined;
  return { hash, scope, key: parts.selector, by, reason, sinceWallMs, mode, end, stopping };
}

export function newStopping(name: Row, at: { readonly toldThrough: number }): Stopping {
  const { hash, scope, key } = name;
  const { toldThrough } = at;
  const expiresAt = notAtAll;
  return { hash, scope, key, kind: "stopping", toldThrough, runs: undefined, expiresAt, place: -1 };
}

export function newPauseEnd(
  name: Row,
  at: { readonly expiresAt: LogTimeMs; readonly untilWallMs: number },
): PauseEnd {
  const { hash, scope, key } = name;
  const { expiresAt, untilWallMs } = at;
  return { hash, scope, key, kind: "pause", expiresAt, untilWallMs, place: -1 };
}

export function pauseItem(row: Pause): PauseItem {
  const { key, by, reason, sinceWallMs: since, mode, end } = row;
  const plain = { selector: key, by, reason, since };
  return {
    ...plain,
    ...(mode === "stop" ? { mode } : {}),
    ...(end === undefined ? {} : { until: end.untilWallMs }),
  };
}

/**
 * Partition numbers begin at 1, and a row with the number of its partition: so a 0 says that mode and end
 * follow. Rows without are written as they were before there were any.
 */
const withModeAndEnd = 0;
const modes: readonly PauseMode[] = ["drain", "stop"];

const codec: RowCodec<Pause> = {
  write(row, writer) {
    const { mode, end } = row;
    const isPlain = mode === "drain" && end === undefined;
    if (!isPlain) {
      writer.count(withModeAndEnd);
      writer.byte(modes.indexOf(mode));
      writer.byte(end === undefined ? 0 : 1);
      if (mode === "stop") writer.optionalCount(row.stopping?.toldThrough ?? null);
    }
    if (end !== undefined) {
      writer.count(end.expiresAt);
      writer.count(end.untilWallMs);
    }
    writer.count(row.scope);
    writer.text(row.key);
    writer.text(row.by);
    writer.text(row.reason);
    writer.count(row.sinceWallMs);
  },
  read(reader) {
    const first = reader.count();
    if (first !== withModeAndEnd) return readPause(reader, { scope: first, mode: "drain" });
    const mode = modes[reader.byte()];
    if (mode === undefined) throw new DamagedSnapshotError("a pause has an unknown mode");
    const isEnding = reader.flag();
    const toldThrough = mode === "stop" ? reader.optionalCount() : null;
    const at = isEnding
      ? { expiresAt: logTimeMs(reader.count()), untilWallMs: reader.count() }
      : undefined;
    if (mode === "drain" && at === undefined) {
      throw new DamagedSnapshotError("a plain pause is written as one");
    }
    const pause = readPause(reader, { scope: reader.count(), mode, at });
    if (toldThrough !== null) pause.stopping = newStopping(pause, { toldThrough });
    return pause;
  },
};

function readPause(
  reader: Reader,
  known: {
    readonly scope: number;
    readonly mode: PauseMode;
    readonly at?: { readonly expiresAt: LogTimeMs; readonly untilWallMs: number } | undefined;
  },
): Pause {
  const { scope, mode, at } = known;
  const key = selector(reader.name());
  const by = reader.text();
  const reason = reader.text();
  const sinceWallMs = reader.count();
  const name = { hash: hashText(scope, key), scope, key };
  const end = at === undefined ? undefined : newPauseEnd(name, at);
  return { ...name, by, reason, sinceWallMs, mode, end, stopping: undefined };
}

export const pauseSpec: TableSpec<Pause> = { name: "pauses", version: 1, codec };
