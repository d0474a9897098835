// standing.ts — what an import comes to, step by step; and what is said about one that is not this one.
import type { Decision } from "../decision.ts";
import type { NotImportedReason } from "../result.ts";
import type { Import } from "./import.ts";

const imported: Decision = { status: "imported" };

export function importing(at: { readonly next: number }): Decision {
  return { status: "importing", next: at.next };
}

export function notImported(reason: NotImportedReason): Decision {
  return { status: "not_imported", reason };
}

/** `not_begun`: there was no import yet. */
export function standingOf(record: Import | undefined, id: string): Decision | "not_begun" {
  if (record === undefined) return "not_begun";
  if (record.id !== id) return notImported("another_import");
  return record.standing === "done" ? imported : importing(record);
}
