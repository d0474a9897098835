// limits.ts — how much of everything the state may hold (SEMANTICS §2, §6).
// All nodes of a cluster must have the same: a limit decides answers, so it is part of the rules of
// replay. Tests pass smaller ones. Past a limit is an answer, never an eviction.
import { assert } from "./assert.ts";

export interface Limits {
  readonly partitionsMax: number;
  readonly sessionsMax: number;
  readonly sessionTtlMs: Range;
  /** Per session: numbers from the floor up, and bytes of answers kept for them. */
  readonly answersMax: number;
  readonly answersBytesMax: number;
  /** Of all sessions together; past it a session keeps no more than its share. */
  readonly answersBytesTotalMax: number;
  readonly answersBytesShare: number;
  /** For those without a session: how many request ids, how many bytes, for how long. */
  readonly requestsMax: number;
  readonly requestsBytesMax: number;
  readonly requestTtlMs: number;
  /** Per partition. */
  readonly cancelMarksMax: number;
  readonly cancelRulesMax: number;
  readonly queueKeysMax: number;
  readonly executionKeysMax: number;
  readonly waitersMax: number;
  readonly waitersPerKeyMax: number;
  /** Jobs that run or wait to start. */
  readonly runsMax: number;
  readonly finishedJobsMax: number;
  readonly pausesMax: number;
  /** Of the names in them: all are asked for at once (form 12), and the answer must fit into a frame. */
  readonly pausesBytesMax: number;
  readonly markTtlMs: Range;
  readonly queueKeyTtlMs: Bounds;
  readonly provisionalMs: Bounds;
  /** One entry takes out at most so many things that are due. */
  readonly dueMax: number;
  /** One entry frees and grants at most so much of what follows from calls and times (SEMANTICS §4.7). */
  readonly workMax: number;
  /** One epoch keeps at most so many bytes of what has changed since it began. */
  readonly epochBytesMax: number;
  /** One page of a list looks at about so many rows, found or not. */
  readonly rowsVisitedMax: number;
}

export interface Range {
  readonly min: number;
  readonly max: number;
  readonly default: number;
}

/** Of what has no default: it must be said, or it means something else. */
export type Bounds = Omit<Range, "default">;

/** Bounds on arguments; the same everywhere, checked by parse-command.ts. */
export const jobIdsMax = 1_000;
/** All ids of one `cancel.mark` together, so that its answer fits into what a session keeps. */
export const jobIdsBytesMax: number = 128 * 1024;
/** The last wall time that has a date. */
export const wallMsMax = 8_640_000_000_000_000;
export const listLimitMax = 1_000;
export const listLimitDefault = 100;

/** Of a job. */
export const tagsMax = 16;

/** Of `executionKey.setRules`. */
export const limitRulesMax = 100;
export const limitMax = 1_000;

const secondMs = 1_000;
const minuteMs: number = 60 * secondMs;
const hourMs: number = 60 * minuteMs;
const dayMs: number = 24 * hourMs;

export const holdMs: Bounds = { min: secondMs, max: 30 * dayMs };
export const waitTimeoutMs: Bounds = { min: 1, max: 30 * dayMs };
/** For so long a finished job may be remembered. */
export const rememberMs: Bounds = { min: secondMs, max: dayMs };
export const keyDelayMs: Bounds = { min: 1, max: 10 * minuteMs };

export const defaultLimits: Limits = {
  partitionsMax: 10_000,
  sessionsMax: 10_000,
  sessionTtlMs: { min: 5 * secondMs, max: 10 * minuteMs, default: 30 * secondMs },
  answersMax: 4_096,
  answersBytesMax: 256 * 1024,
  answersBytesTotalMax: 256 * 1024 * 1024,
  answersBytesShare: 16 * 1024,
  requestsMax: 100_000,
  requestsBytesMax: 64 * 1024 * 1024,
  requestTtlMs: 10 * minuteMs,
  cancelMarksMax: 100_000,
  cancelRulesMax: 1_000,
  queueKeysMax: 1_000_000,
  executionKeysMax: 100_000,
  waitersMax: 100_000,
  waitersPerKeyMax: 10_000,
  runsMax: 100_000,
  finishedJobsMax: 1_000_000,
  pausesMax: 10_000,
  pausesBytesMax: 3 * 512 * 1024,
  markTtlMs: { min: secondMs, max: 24 * hourMs, default: 24 * hourMs },
  queueKeyTtlMs: { min: secondMs, max: 366 * 24 * hourMs },
  provisionalMs: { min: secondMs, max: hourMs },
  dueMax: 1_000,
  workMax: 1_000,
  epochBytesMax: 256 * 1024 * 1024,
  rowsVisitedMax: 10_000,
};

/** The limits agree with each other. */
export function checkLimits(limits: Limits): void {
  for (const range of [limits.sessionTtlMs, limits.markTtlMs]) {
    assert(range.min <= range.default, "a default is not below its range");
    assert(range.default <= range.max, "a default is not above its range");
  }
  for (const bounds of [limits.queueKeyTtlMs, limits.provisionalMs]) {
    assert(bounds.min <= bounds.max, "bounds leave something between them");
  }
  assert(limits.answersMax >= 1, "a session keeps at least one answer");
  assert(limits.dueMax >= 1, "an entry can take out what is due");
  // What was put off is due itself: with one thing an entry it would never get on.
  assert(limits.workMax >= 2, "an entry takes out what is due, and does something about it");
  assert(limits.workMax >= limits.dueMax, "what is due is taken out as if nothing else were");
  assert(limits.rowsVisitedMax >= 1, "a page gets on");
}

// Twice: ids are repeated in the answer, with a few bytes for each (answer-size.ts).
assert(
  2 * jobIdsBytesMax <= defaultLimits.answersBytesMax,
  "the largest answer fits into what a session keeps",
);
