// end-import.ts — `admin.importEnd`: if all steps and all rows are there, the import is done, and from
// this entry on everybody sees all of it.
import type { GroupWrite } from "../command.ts";
import type { Decision } from "../decision.ts";
import type { State } from "../state.ts";
import { isImporting } from "./import.ts";
import { notImported, standingOf } from "./standing.ts";

type Args = Extract<GroupWrite, { name: "admin.importEnd" }>["args"];

export function endImport(state: State, { id, steps, rows }: Args): Decision {
  const record = state.import;
  const standing = standingOf(record, id);
  if (standing === "not_begun") return notImported("not_begun");
  if (record?.id !== id || !isImporting(state)) return standing;
  if (record.next !== steps || record.rows !== rows) return notImported("incomplete");
  state.import = { ...record, standing: "done" };
  return { status: "imported" };
}
