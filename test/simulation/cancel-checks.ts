// cancel-checks.ts — who is cancelled begins nothing (I6): by what the committed log answers and tells, no run, hold
// or wait of a job begins after a cancel of it was acknowledged, before the mark's time is over, it was cleared or
// consumed, or its partition dropped. Marks alone: what a rule meets is another matter.
import {
  defaultLimits,
  type EventItem,
  type LogEntry,
  type Outcome,
  type Result,
  type StateEvent,
  type Write,
} from "@rogerd/global-state";
import type { Findings } from "./violation.ts";

export interface FoldedEntry {
  readonly entry: Pick<LogEntry, "revision" | "submissions">;
  readonly outcomes: readonly Outcome[];
  readonly events: readonly StateEvent[];
  /** After it. */
  readonly logTime: number;
}

/** For the first time, and not refused. */
interface Executed {
  readonly write: Write;
  readonly result: Result;
}

interface Beginning {
  readonly job: string;
  readonly what: string;
}

export class CancelChecks {
  readonly #findings: Findings;
  /** Of jobs by partition: until when nothing of theirs is to begin. */
  readonly #cancelledUntil = new Map<string, number>();
  /** Where a partition has another time than all. */
  readonly #defaultTtlMs = new Map<string, number>();
  readonly #begun = new Set<string>();
  /** Beginnings that were judged while anybody was cancelled. */
  judged = 0;

  constructor(parts: { readonly findings: Findings }) {
    this.#findings = parts.findings;
  }

  /** Where a job is cancelled and cleared in one entry, that entry says nothing of it. */
  sees(folded: FoldedEntry): void {
    const { entry, events, logTime, outcomes } = folded;
    const executed = entry.submissions.flatMap(({ write }, at): readonly Executed[] => {
      const outcome = outcomes[at];
      const isFirst = outcome?.kind === "result" && outcome.revision === entry.revision;
      return isFirst ? [{ write, result: outcome.result }] : [];
    });
    for (const each of executed) this.#noteCleared(each);
    for (const event of events) this.#judge(event, logTime);
    for (const each of executed) this.#noteCancelled(each, logTime);
    for (const each of executed) this.#noteCleared(each);
  }

  #judge({ item, partition, revision }: StateEvent, logTime: number): void {
    for (const { job, what } of item === null ? [] : beginningsIn(item)) {
      if (this.#begun.has(what)) continue;
      this.#begun.add(what);
      if (this.#cancelledUntil.size > 0) this.judged += 1;
      const until = this.#cancelledUntil.get(`${partition} ${job}`);
      if (until === undefined || logTime >= until) continue;
      this.#findings.broken("who is cancelled begins (I6)", [
        `${revision}  ${partition} ${job}: ${what}, at log time ${logTime}`,
        `a cancel of it was answered that lasts until ${until}`,
      ]);
    }
  }

  #noteCancelled({ result, write }: Executed, logTime: number): void {
    if (!("partition" in write)) return;
    const { partition } = write;
    const usualMs = this.#defaultTtlMs.get(partition) ?? defaultLimits.markTtlMs.default;
    const cancel = (job: string, ttlMs = usualMs): void => {
      const name = `${partition} ${job}`;
      const until = Math.max(logTime + ttlMs, this.#cancelledUntil.get(name) ?? 0);
      this.#cancelledUntil.set(name, until);
    };
    if (write.name === "partition.update") this.#noteDefault(partition, write.args.defaults);
    if (write.name === "cancel.mark" && result.status === "marked") {
      for (const job of write.args.jobIds) cancel(job, write.args.ttlMs);
    }
    if (write.name === "roger.cancelJob" && result.status === "ok") cancel(write.args.jobId);
    if (write.name !== "queueKey.claim" || write.args.onConflict !== "replaceAndCancel") return;
    const replaced = result.status === "replaced" ? result.previous.owner : null;
    if (replaced !== null) cancel(replaced);
  }

  #noteDefault(
    partition: string,
    defaults: { readonly markTtlMs?: number | null | undefined },
  ): void {
    const { markTtlMs } = defaults;
    if (markTtlMs === null) this.#defaultTtlMs.delete(partition);
    else if (markTtlMs !== undefined) this.#defaultTtlMs.set(partition, markTtlMs);
  }

  #noteCleared({ write }: Executed): void {
    if (write.name === "cancel.clear") {
      for (const job of write.args.jobIds) this.#cancelledUntil.delete(`${write.partition} ${job}`);
    } else if (write.name === "roger.isCancelled") {
      this.#cancelledUntil.delete(`${write.partition} ${write.args.jobId}`);
    } else if (write.name === "partition.drop") {
      this.#defaultTtlMs.delete(write.partition);
      for (const name of this.#cancelledUntil.keys()) {
        if (name.startsWith(`${write.partition} `)) this.#cancelledUntil.delete(name);
      }
    }
  }
}

/** A run, a hold, a place in a line: each has a number of its own for as long as it is the same. */
function beginningsIn(item: EventItem): readonly Beginning[] {
  if ("ticket" in item) return [{ job: item.owner, what: `waits with ticket ${item.ticket}` }];
  if ("holders" in item) {
    return item.holders.flatMap(({ owner, token }) =>
      owner === null ? [] : [{ job: owner, what: `holds with token ${token}` }],
    );
  }
  return "token" in item ? [{ job: item.jobId, what: `runs with token ${item.token}` }] : [];
}
