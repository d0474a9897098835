// sync-cursor.ts — where a walk through what a session has stands, as text that its client carries from page
// to page. It names no node and no time, so any node can go on from it.

export type SyncSection = "endings" | "waits" | "holds" | "runs";

export interface SyncPlace {
  readonly section: SyncSection;
  /** Of what comes next in the section the number is higher. */
  readonly after: number;
}

const sections: readonly SyncSection[] = ["endings", "waits", "holds", "runs"];

export function writeSyncCursor({ section, after }: SyncPlace): string {
  return `s1.${section}.${after}`;
}

export function readSyncCursor(cursor: string): SyncPlace | undefined {
  const parts = /^s1\.([a-z]+)\.([0-9]{1,16})$/.exec(cursor);
  const section = sections.find((name) => name === parts?.[1]);
  const after = Number(parts?.[2]);
  if (section === undefined || !Number.isSafeInteger(after)) return undefined;
  return { section, after };
}
