// backup-counts.ts — how much a backup holds, for people and for programs. Sessions are counted too, though
// a restore leaves them out.
import type { GlobalState } from "@rogerd/global-state";
import { counted } from "./print.ts";

export interface BackupCounts {
  readonly partitions: number;
  readonly cancelMarks: number;
  readonly queueKeys: number;
  readonly executionKeys: number;
  readonly pauses: number;
  readonly sessions: number;
}

export function backupCounts(state: GlobalState): BackupCounts {
  const { partitions, cancelMarks, queueKeys, executionKeys, pauses, sessions } = state.counts();
  return { partitions, cancelMarks, queueKeys, executionKeys, pauses, sessions };
}

export function countsInWords(counts: BackupCounts): string {
  return [
    counted(counts.partitions, "partition"),
    counted(counts.cancelMarks, "cancel mark"),
    counted(counts.queueKeys, "queue key"),
    counted(counts.executionKeys, "execution key"),
    counted(counts.pauses, "pause"),
  ].join(", ");
}
