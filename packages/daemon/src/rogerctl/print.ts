// print.ts — the two forms of output. JSON is a stable contract: fields are added, never renamed or dropped.
// Tables are for people and may change. Messages never come through here: they go to stderr.
import Table from "cli-table3";
import type { Invocation } from "./invocation.ts";
import { visible } from "./visible.ts";

export type Cell = string | number | null;

export interface TableForm {
  readonly head: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}

/** Columns two spaces apart, no lines, nothing at the end of a row. */
const plain = {
  chars: {
    top: "",
    "top-mid": "",
    "top-left": "",
    "top-right": "",
    bottom: "",
    "bottom-mid": "",
    "bottom-left": "",
    "bottom-right": "",
    left: "",
    "left-mid": "",
    mid: "",
    "mid-mid": "",
    right: "",
    "right-mid": "",
    middle: "  ",
  },
  style: { "padding-left": 0, "padding-right": 0, head: [], border: [], compact: true },
};

export function renderTable(form: TableForm): string {
  const table = new Table({ head: [...form.head], ...plain });
  for (const row of form.rows)
    table.push(row.map((cell) => (cell === null || cell === "" ? "-" : visible(String(cell)))));
  return table
    .toString()
    .split("\n")
    .map((line) => `${line.trimEnd()}\n`)
    .join("");
}

/** `text` is asked for only when it is wanted. */
export function print(
  invocation: Invocation,
  forms: { readonly json: unknown; readonly text: () => string },
): void {
  const { surroundings, output } = invocation;
  surroundings.out(
    output === "json" ? `${JSON.stringify(forms.json, null, 2)}\n` : visible(forms.text()),
  );
}

/** For people: seconds are enough. */
export function shownTime(iso: string | null): string {
  return iso === null ? "-" : iso.replace(/\.\d+Z$/, "Z");
}

/** For people: `one thing`, `2 things`. */
export function counted(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? "" : "s"}`;
}
