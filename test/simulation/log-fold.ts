// log-fold.ts — at the end: the committed log, as messages showed it, applied once more by nobody's node.
// Every state hash that any node told is the one after that fold (V9), every read shows the state of its
// revision (I8), stale or not, and every write was answered as there (V18, told-answers.ts); what one partition is answered and holds does not depend on what is
// asked of others (V19); the times in the log go forward, and never faster than time itself went by since
// their leader began (I10); and after every entry the state is one that may be: by what the product itself can
// say of one, by its lines (I2, I5, line-checks.ts) and by its marks (I6, cancel-checks.ts).
import { decodeEntry } from "@rogerd/daemon";
import {
  type GlobalState,
  type LogEntry,
  type Outcome,
  type PartitionRead,
  parseCommand,
  partitionId,
  readViewCursor,
  type StateEvent,
  type Submission,
} from "@rogerd/global-state";
import type { Configuration } from "@rogerd/raft";
import { emptyState, hashOf, logEntryOf } from "../checkers/state-fold.ts";
import { CancelChecks } from "./cancel-checks.ts";
import type { Ledger } from "./ledger.ts";
import { LineChecks } from "./line-checks.ts";
import type { ShownEntry } from "./log-tree.ts";
import { stoppedNowAndThen } from "./partition-model.ts";
import type { ToldAnswers } from "./told-answers.ts";
import type { ShownReads } from "./shown-reads.ts";
import type { StateChecks } from "./state-checks.ts";
import type { Findings } from "./violation.ts";

export interface LogFoldParts {
  readonly ledger: Pick<Ledger, "committedLog">;
  readonly states: Pick<StateChecks, "hashAt" | "newestIndex">;
  readonly reads: Pick<ShownReads, "at">;
  readonly answers: Pick<ToldAnswers, "judge">;
  readonly findings: Findings;
  /** Clocks go wrong by so much at most: 0.1 is a tenth. */
  readonly clockDrift: number;
  /** All that changed through this revision. */
  readonly happened: (events: readonly StateEvent[], through: number) => void;
  /** The state after all that was committed, if messages showed all of it. */
  readonly ends: (state: GlobalState) => void;
}

/** These are asked by all, so others have most to disturb there. */
const watchedPartitions = ["shared", stoppedNowAndThen];

export class LogFold {
  readonly #parts: LogFoldParts;
  /** Entries applied once more, and hashes of nodes that were compared with it. */
  folded = 0;
  compared = 0;
  readonly #lines: LineChecks;
  readonly #cancels: CancelChecks;

  constructor(parts: LogFoldParts) {
    this.#parts = parts;
    this.#lines = new LineChecks(parts);
    this.#cancels = new CancelChecks(parts);
  }

  /** Runs, holds and waits that began while somebody was cancelled. */
  get begunBesideMarks(): number {
    return this.#cancels.judged;
  }

  get grantsInTurn(): number {
    return this.#lines.granted;
  }

  judge(): void {
    const whole = emptyState();
    const alone = watchedPartitions.map((name) => ({ name, state: emptyState() }));
    const times = new LogTimes(this.#parts);
    const events: StateEvent[] = [];
    for (const shown of this.#parts.ledger.committedLog()) {
      times.sees(shown);
      const entry = logEntryOf(shown.entry, whole);
      const outcomes = whole.apply(entry);
      this.folded += 1;
      const changed = whole.events ?? [];
      events.push(...changed);
      whole.checkInvariants();
      this.#lines.sees(entry.revision, changed);
      this.#cancels.sees({ entry, outcomes, events: changed, logTime: whole.logTime });
      this.#compareHash(whole);
      this.#compareReads(whole);
      this.#parts.answers.judge(entry.revision, outcomes);
      for (const { name, state } of alone) this.#compareAlone(name, state, { entry, outcomes });
    }
    this.#parts.happened(events, whole.revision);
    if (whole.revision >= this.#parts.states.newestIndex) this.#parts.ends(whole);
    for (const { name, state } of alone) this.#compareRows(name, { whole, alone: state });
  }

  #compareHash(whole: GlobalState): void {
    const told = this.#parts.states.hashAt(whole.revision);
    if (told === undefined) return;
    this.compared += 1;
    const hash = hashOf(whole);
    if (hash === told.hash) return;
    this.#parts.findings.broken("snapshot: a state is not what the committed log makes (V9)", [
      `the committed log through ${whole.revision}: ${hash}`,
      `${told.by}  after ${whole.revision}: ${told.hash}`,
    ]);
  }

  #compareReads(whole: GlobalState): void {
    for (const { client, question, result } of this.#parts.reads.at(whole.revision)) {
      const { command, partition } = question;
      const args = withPlace(question.args, "cursor");
      const parsed = parseCommand(command, partition, args);
      const answer = parsed.kind === "read" ? whole.read(parsed.read) : undefined;
      const holds = answer !== undefined && "result" in answer ? answer.result : undefined;
      if (textOf(holds) === textOf(withPlace(result, "next"))) continue;
      this.#parts.findings.broken("a read shows another state than that of its revision (I8)", [
        `${client}  ${command} ${JSON.stringify(args)} at ${whole.revision}: ${textOf(result)}`,
        `the committed log makes it: ${textOf(answer)}`,
      ]);
    }
  }

  #compareAlone(
    name: string,
    state: GlobalState,
    folded: { readonly entry: LogEntry; readonly outcomes: readonly Outcome[] },
  ): void {
    const { entry, outcomes } = folded;
    // What was given up is of the session: other calls of it, wherever, move its floor.
    const isSeen = (submission: Submission, at: number): boolean =>
      isSeenIn(name, submission) && !isBelowFloor(outcomes[at]);
    const seen = entry.submissions.filter(isSeen);
    const expected = outcomes.filter((_, at) => {
      const submission = entry.submissions[at];
      return submission !== undefined && isSeen(submission, at);
    });
    const answers = state.apply({ ...entry, submissions: seen });
    for (const [at, answer] of answers.entries()) {
      const [is, would] = [textOf(expected[at]), textOf(answer)];
      if (is === would) continue;
      this.#parts.findings.broken("isolation: another partition changed an answer (V19)", [
        `${entry.revision}  ${JSON.stringify(seen[at]?.write)} is answered ${is}`,
        `without what was asked of other partitions than ${name} it would be ${would}`,
      ]);
    }
  }

  #compareRows(
    name: string,
    states: { readonly whole: GlobalState; readonly alone: GlobalState },
  ): void {
    for (const read of readsOf(name)) {
      const [is, would] = [rowsText(states.whole, read), rowsText(states.alone, read)];
      if (is === would) continue;
      this.#parts.findings.broken("isolation: another partition changed what one holds (V19)", [
        `${name}  ${JSON.stringify(read.args)}: ${is}`,
        `without what was asked of other partitions: ${would}`,
      ]);
    }
  }
}

/** The times of the log, in its order, beside the time at which each left its leader. */
class LogTimes {
  readonly #findings: Findings;
  readonly #rateMax: number;
  #last = 0;
  #voters = 0;
  #office: { readonly term: number; readonly base: number; readonly beganMs: number } | undefined;

  constructor({ clockDrift, findings }: Pick<LogFoldParts, "clockDrift" | "findings">) {
    this.#findings = findings;
    this.#rateMax = 1 + clockDrift;
  }

  sees({ entry, shownAtMs }: ShownEntry): void {
    const { index, term } = entry;
    if (this.#office?.term !== term) {
      // A leader knows the time only once its first entry is committed. One alone commits it unseen.
      const isSeen = this.#voters > 1;
      const beganMs = isSeen ? shownAtMs : Number.NEGATIVE_INFINITY;
      this.#office = { term, base: this.#last, beganMs };
    }
    if (entry.kind === "configuration") this.#voters = votersOf(entry.configuration);
    if (entry.kind !== "command") return;
    const { logTime } = decodeEntry(entry.payload);
    const { base, beganMs } = this.#office;
    const latest = base + (shownAtMs - beganMs) * this.#rateMax;
    const facts = [
      `${index}@${term}  log time ${logTime} ms, left its leader at ${shownAtMs} ms`,
      `the log before it: ${this.#last} ms; term ${term} began at ${beganMs} ms with ${base} ms`,
    ];
    if (logTime < this.#last) this.#findings.broken("log time goes back (I10)", facts);
    if (logTime > latest) this.#findings.broken("log time is faster than time (I10)", facts);
    this.#last = logTime;
  }
}

function votersOf({ voters, votersOutgoing }: Configuration): number {
  return new Set([...voters, ...votersOutgoing]).size;
}

/** A list's cursor without the view that it names: where a page begins in the state of its revision. */
function withPlace<Value extends object>(value: Value, name: string): Value {
  const cursor: unknown = Object.entries(value).find(([field]) => field === name)?.[1];
  const at = typeof cursor === "string" ? readViewCursor(cursor) : undefined;
  return at === undefined ? value : { ...value, [name]: at.place };
}

/** Sessions are everybody's; `admin` is nobody's partition. */
function isSeenIn(name: string, { write }: Submission): boolean {
  return !("partition" in write) || write.partition === name;
}

function isBelowFloor(outcome: Outcome | undefined): boolean {
  if (outcome?.kind !== "refusal") return false;
  const { refusal } = outcome;
  return refusal.code === "invalid_argument" && refusal.path === "seq";
}

function readsOf(name: string): readonly PartitionRead[] {
  const partition = partitionId(name);
  const kinds = ["cancelMarks", "queueKeys", "executionKeys", "pauses", "cancelRules"] as const;
  return kinds.map((kind) => ({
    name: "list",
    partition,
    args: { kind, prefix: "", limit: 1_000, cursor: undefined },
  }));
}

/** In no order: theirs follows from the partition's number, which others count up. */
function rowsText(state: GlobalState, read: PartitionRead): string {
  const answer = state.read(read);
  if (!("result" in answer) || answer.result.status !== "list") return textOf(answer);
  return answer.result.items.map(textOf).sort().join(" ");
}

/** Tokens are drawn from one counter, and `n` counts the calls of an entry: both are of all partitions. */
function textOf(answer: unknown): string {
  const isOfAll = (name: string): boolean => name === "token" || name === "n";
  return JSON.stringify(answer, (name, value: unknown) => {
    if (isOfAll(name)) return undefined;
    return typeof value === "bigint" ? String(value) : value;
  });
}
