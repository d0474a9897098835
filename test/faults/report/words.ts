// words.ts — how times, numbers and codes are written on the page and in tables.

export function timeText(ms: number): string {
  if (ms < 10) return `${Math.round(ms * 10) / 10} ms`;
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 120_000) return `${Math.round(ms / 100) / 10} s`;
  return `${Math.round(ms / 6_000) / 10} min`;
}

/** Where it lies in the run. */
export function placeText(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  const seconds = ((ms % 60_000) / 1_000).toFixed(2).padStart(5, "0");
  return `${minutes}:${seconds}`;
}

/** 100 000: groups of three, apart by a narrow space that does not break. */
export function numberText(value: number): string {
  return String(value).replaceAll(/(?<=\d)(?=(\d{3})+$)/g, "\u202f");
}

/** `1 node`, `3 nodes`. */
export function several(count: number, one: string): string {
  return `${numberText(count)} ${one}${count === 1 ? "" : "s"}`;
}

/** `3 voters, 2 more that may join`. */
export function nodesText(run: { readonly nodes: number; readonly voters?: number }): string {
  const { nodes, voters } = run;
  if (voters === undefined) return several(nodes, "node");
  const more = nodes - voters;
  return more === 0
    ? several(voters, "voter")
    : `${several(voters, "voter")}, ${more} more that may join`;
}

export function countsText(counts: Readonly<Record<string, number>>): string {
  const parts = Object.entries(counts).map(([what, count]) => `${numberText(count)} ${what}`);
  return parts.join(", ") || "nothing";
}

/** n2 before n10. */
export function byName(one: string, other: string): number {
  return one.localeCompare(other, "en", { numeric: true });
}

export function shortened(text: string, charactersMax: number): string {
  return text.length <= charactersMax ? text : `${text.slice(0, charactersMax - 1)}…`;
}
