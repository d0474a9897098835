// command-codec.ts — surface only, for now.
import type { LogEntry } from "@rogerd/global-state";

/** What a proposer decides of an entry; revision and term come with its place in the log. */
export type EntryContent = Pick<LogEntry, "logTime" | "wallMs" | "submissions">;

/** An entry that this version can't read: it must halt, never skip (exit 65). */
export class UnreadableEntryError extends Error {
  override readonly name = "UnreadableEntryError";
}

export function encodeEntry(_entry: EntryContent): Uint8Array {
  throw new Error("under construction");
}

/** Throws UnreadableEntryError. */
export function decodeEntry(_payload: Uint8Array): EntryContent {
  throw new Error("under construction");
}
