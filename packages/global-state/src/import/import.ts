// import.ts — the record of an import: a backup of another cluster on its way into this one, which was
// empty (SEMANTICS §3, last row). While it is open nobody sees any of it: every partition is as if it had
// never been started. It says how far the import is, so that it goes on after any interruption.
import type { LogTimeMs } from "../ids.ts";
import { logTimeMs } from "../ids.ts";
import type { Reader } from "../snapshot/reader.ts";
import type { Writer } from "../snapshot/writer.ts";

/** Tokens of the new cluster are larger than any that the old one gave, whatever it did after the backup. */
export const tokenLeap = 1_000_000_000;

export interface Import {
  /** Names the backup: the state hash of its content, and the form of the steps. */
  readonly id: string;
  readonly standing: "open" | "done";
  /** The step that is to come; as many were taken. */
  readonly next: number;
  readonly rows: number;
  /** Log time when the backup was made, and here when the import began: deadlines keep what was left. */
  readonly backupLogTime: LogTimeMs;
  readonly beganLogTime: LogTimeMs;
}

export function isImporting(state: { readonly import: Import | undefined }): boolean {
  return state.import?.standing === "open";
}

export function writeImport(record: Import, writer: Writer): void {
  writer.text(record.id);
  writer.byte(record.standing === "done" ? 1 : 0);
  writer.count(record.next);
  writer.count(record.rows);
  writer.count(record.backupLogTime);
  writer.count(record.beganLogTime);
}

export function readImport(reader: Reader): Import {
  return {
    id: reader.name(),
    standing: reader.flag() ? "done" : "open",
    next: reader.count(),
    rows: reader.count(),
    backupLogTime: logTimeMs(reader.count()),
    beganLogTime: logTimeMs(reader.count()),
  };
}
