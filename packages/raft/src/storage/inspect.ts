// inspect.ts — a data folder in words, damaged ones too: changes nothing.
import type { DataFolder } from "./data-folder.ts";
import type { ProcessFacts } from "./folder-lock.ts";

/** One line at a time. Locks the folder while it reads; rejects with FolderTakenError. */
export function inspectFolder(
  _folder: DataFolder & { readonly process: ProcessFacts },
): AsyncIterable<string> {
  throw new Error("not built yet");
}
