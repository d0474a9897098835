// duration.ts — `500ms`, `10s`, `30m`, `24h`. A number without a unit is none: some tools mean seconds
// by it, others milliseconds.

const unitMs: ReadonlyMap<string, number> = new Map([
  ["ms", 1],
  ["s", 1_000],
  ["m", 60_000],
  ["h", 3_600_000],
]);

/** In whole milliseconds, at least one; undefined when it is none. */
export function parseDuration(text: string): number | undefined {
  const parts = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text);
  if (parts === null) return undefined;
  const durationMs = Math.round(Number(parts[1]) * (unitMs.get(parts[2] ?? "") ?? Number.NaN));
  return durationMs >= 1 && Number.isSafeInteger(durationMs) ? durationMs : undefined;
}
