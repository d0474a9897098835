// watch-segments.ts — what each watch was told without a gap: from where it began until its last event, or until where it
// says that it had been told all.
import type { ToldLine, WatchLine } from "../history/history-line.ts";
import { groupedBy, type ToldHistory } from "./told-history.ts";

export interface Segment {
  readonly watch: string;
  /** Of what it is told; only watches of the same can be compared. */
  readonly scope: string;
  /** All that came after this revision is told here; undefined: nobody said from where, all from its first event on is. */
  readonly after: number | undefined;
  /** All that came up to this revision is told here; undefined: up to its last event. */
  readonly through: number | undefined;
  /** In the order in which they were told. */
  readonly events: readonly ToldLine[];
}

/** Its first word is the partition that it is of. */
export function scopeOf({ watch }: { readonly watch: string }): string {
  return watch.split(" ")[0] ?? watch;
}

export function segmentsOf({ told, watches }: ToldHistory): readonly Segment[] {
  // What begins at the time of its first event begins before it, and ends after its last.
  const begins = watches.filter(({ what }) => what === "begins");
  const ends = watches.filter(({ what }) => what !== "begins");
  const lines = [...begins, ...told, ...ends].sort((one, other) => one.at - other.at);
  const byWatch = groupedBy(lines, ({ watch, worker }) => `${worker} ${watch}`);
  return [...byWatch].flatMap(([watch, its]) => segmentsOfOne(watch, its));
}

interface Growing extends Segment {
  through: number | undefined;
  readonly events: ToldLine[];
  isOver: boolean;
}

function segmentsOfOne(
  watch: string,
  lines: readonly (WatchLine | ToldLine)[],
): readonly Segment[] {
  const segments: Growing[] = [];
  const open = (): Growing | undefined => segments.findLast(({ isOver }) => !isOver);
  for (const line of lines) {
    const begin = (after: number | undefined): Growing => {
      const scope = scopeOf(line);
      const segment: Growing = {
        watch,
        scope,
        after,
        through: undefined,
        events: [],
        isOver: false,
      };
      segments.push(segment);
      return segment;
    };
    if (line.kind === "told") {
      (open() ?? begin(undefined)).events.push(line);
      continue;
    }
    const before = open();
    if (before !== undefined) before.isOver = true;
    if (line.what === "begins") begin(line.revision);
    else if (before !== undefined) before.through = line.revision;
  }
  return segments;
}
