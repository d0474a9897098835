// committed-log.ts — the committed log of a run, out of the kept logs of all nodes that there were, applied once more: the lines
// of the history by which checkers/one-log.ts and checkers/agreeing-watches.ts judge. Only what they need of it is
// told: an event is a line.
import type { GlobalState, StateEvent } from "@rogerd/global-state";
import { DiskError } from "@rogerd/raft";
import { emptyState, hashOf, logEntryOf, partitionOf } from "../../checkers/state-fold.ts";
import type { StateHashes } from "../checkers/equal-states.ts";
import type { DamagedLog, HappenedLine, LogLine } from "../history/history-line.ts";
import type { KeptLogs } from "./kept-logs.ts";
import { type IndexRange, MergedLog } from "./merged-log.ts";
import { type ReadLife, readLife } from "./read-life.ts";

export interface CommittedLogParts {
  readonly kept: Pick<KeptLogs, "lives" | "troubles" | "isNewest">;
  /** As nodes said them in the end. */
  readonly states: StateHashes;
  /** Events of others are not told. */
  readonly partitions: readonly string[];
  /** When all had been asked for. */
  readonly at: number;
}

/** All nodes have ended. */
export async function committedLog(
  parts: CommittedLogParts,
): Promise<readonly (LogLine | HappenedLine)[]> {
  const { at, kept, partitions, states } = parts;
  const merged = new MergedLog();
  const lives: ReadLife[] = [];
  const unread: string[] = [...kept.troubles];
  const damaged: DamagedLog[] = [];
  for (const life of kept.lives) {
    const isThere = kept.isNewest(life) && states.has(life.node);
    const appliedThrough = isThere ? (states.get(life.node)?.index ?? 0) : 0;
    try {
      const read = await readLife(life, { appliedThrough, merged });
      lives.push(read);
      if (read.damage === undefined) continue;
      const says = `${inWords(read)}: ${read.damage}`;
      damaged.push({ node: life.node, isThere, says });
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      unread.push(`the log of ${life.node} can't be read: ${error.message}`);
    }
  }
  const told = Math.min(...[...states.values()].map(({ index }) => index));
  const through = states.size > 0 ? told : merged.committedThrough;
  const folded = fold(merged, { through, at, partitions });
  const holes = merged.holes(through).map(holeInWords);
  const line: LogLine = {
    ...{ kind: "log", at, partitions, damaged, through: folded.through, hash: folded.hash },
    lives: lives.length,
    entries: lives.reduce((sum, { entries }) => sum + entries, 0),
    disagreements: merged.findings,
    unread: [...unread, ...holes],
  };
  return [line, ...folded.happened];
}

function inWords({ life, through }: ReadLife): string {
  return `the log of ${life.node} (${life.nodeId}) can be read up to entry ${through}`;
}

function holeInWords({ from, through }: IndexRange): string {
  return `entries ${from} to ${through} are committed, and in no log that was kept`;
}

interface Folded {
  readonly through: number;
  readonly hash: string | undefined;
  readonly happened: readonly HappenedLine[];
}

function fold(
  merged: MergedLog,
  to: Pick<CommittedLogParts, "at" | "partitions"> & { readonly through: number },
): Folded {
  const state = emptyState();
  const happened: HappenedLine[] = [];
  for (const entry of merged.committed()) {
    if (entry.index > to.through) break;
    state.apply(logEntryOf(entry, state));
    happened.push(...eventsOf(state, to));
  }
  state.checkInvariants();
  return { through: state.revision, hash: hashOf(state), happened };
}

function eventsOf(
  state: GlobalState,
  { at, partitions }: Pick<CommittedLogParts, "at" | "partitions">,
): readonly HappenedLine[] {
  return (state.events ?? []).flatMap((event) => {
    const partition = partitionOf(event);
    if (partition === undefined || !partitions.includes(partition)) return [];
    const { revision, n } = event;
    return [{ kind: "happened", at, partition, revision, n, event: essentialOf(event) }];
  });
}

/** As workloads/watch.ts tells it, and as it comes out of a line of JSON. */
function essentialOf(event: StateEvent): HappenedLine["event"] {
  const { type, partition, name, cause, by, item, was } = event;
  return JSON.parse(JSON.stringify({ type, partition, name, cause, by, item, was }));
}
