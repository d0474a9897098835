// answer-codec.ts — an answer that is kept for a retry, to bytes and back, to the last field.
// Only what `apply` keeps has a form here: answers to writes, and refusals that say "decided".
import { assert, unreachable } from "../assert.ts";
import { fencingToken, sessionId } from "../ids.ts";
import type {
  ClearedJob,
  MarkedJob,
  NotHeldReason,
  Outcome,
  QueueKeyStanding,
  Refusal,
  Result,
} from "../result.ts";
import { DamagedSnapshotError } from "../snapshot/damaged-snapshot.ts";
import type { Reader } from "../snapshot/reader.ts";
import type { Writer } from "../snapshot/writer.ts";
import { forms, isFormOfRefusal } from "./answer-forms.ts";
import {
  readFinishResult,
  readStartResult,
  writeFinishResult,
  writeStartResult,
} from "./job-answer-codec.ts";

export function writeAnswer(outcome: Outcome, writer: Writer): void {
  writer.count(outcome.revision);
  writer.count(outcome.n);
  if (outcome.kind === "result") writeResult(outcome.result, writer);
  else writeRefusal(outcome.refusal, writer);
}

export function readAnswer(reader: Reader): Outcome {
  const revision = reader.count();
  const n = reader.count();
  const form = reader.byte();
  if (isFormOfRefusal(form)) {
    return { kind: "refusal", revision, n, refusal: readRefusal(form, reader) };
  }
  return { kind: "result", revision, n, result: readResult(form, reader) };
}

function writeResult(result: Result, writer: Writer): void {
  switch (result.status) {
    case "ok":
      return writer.byte(forms.ok);
    case "member":
      return writer.byte(result.before ? forms.memberPresent : forms.memberAbsent);
    case "changed":
      return writer.byte(result.changed ? forms.changed : forms.unchanged);
    case "opened":
      writer.byte(forms.opened);
      writer.count(result.session);
      return writer.count(result.ttlMs);
    case "marked":
      return writeMarked(result.jobs, writer);
    case "cleared":
      return writeCleared(result.jobs, writer);
    case "rule_added":
      writer.byte(forms.ruleAdded);
      return writer.text(result.rule);
    case "claimed":
    case "duplicate":
    case "replaced":
    case "done":
    case "not_owner":
      return writeClaimResult(result, writer);
    case "held":
    case "released":
    case "withdrawn":
    case "not_held":
      return writeKeyResult(result, writer);
    case "busy":
    case "waiting":
    case "cancelled":
    case "started":
    case "paused":
    case "already_running":
    case "already_waiting":
    case "already_finished":
      return writeStartResult(result, writer);
    case "finished":
    case "not_running":
      return writeFinishResult(result, writer);
    case "both":
      return writeBoth(result, writer);
    case "checked":
    case "got":
    case "why_job":
    case "why_key":
    case "list":
    case "synced":
      return assert(false, `the answer to a read is not kept: ${result.status}`);
    case "importing":
    case "imported":
    case "not_imported":
      return assert(false, `an import's steps are numbered, and their answers not kept`);
    default:
      return unreachable(result);
  }
}

function writeMarked(jobs: readonly MarkedJob[], writer: Writer): void {
  writer.byte(forms.marked);
  writer.count(jobs.length);
  for (const job of jobs) {
    writer.text(job.jobId);
    writer.byte(markedBits(job));
  }
}

function writeCleared(jobs: readonly ClearedJob[], writer: Writer): void {
  writer.byte(forms.cleared);
  writer.count(jobs.length);
  for (const job of jobs) {
    writer.text(job.jobId);
    writer.byte(job.outcome === "cleared" ? 1 : 0);
  }
}

function readResult(form: number, reader: Reader): Result {
  switch (form) {
    case forms.ok:
      return { status: "ok" };
    case forms.memberAbsent:
    case forms.memberPresent:
      return { status: "member", before: form === forms.memberPresent };
    case forms.unchanged:
    case forms.changed:
      return { status: "changed", changed: form === forms.changed };
    case forms.opened: {
      const session = sessionId(reader.count());
      return { status: "opened", session, ttlMs: reader.count() };
    }
    case forms.marked: {
      const jobs: MarkedJob[] = [];
      for (let left = reader.count(); left > 0; left--) jobs.push(readJob(reader));
      return { status: "marked", jobs };
    }
    case forms.cleared: {
      const jobs: ClearedJob[] = [];
      for (let left = reader.count(); left > 0; left--) jobs.push(readClearedJob(reader));
      return { status: "cleared", jobs };
    }
    case forms.ruleAdded:
      return { status: "rule_added", rule: reader.name() };
    default:
      return readClaimResult(form, reader);
  }
}

type ClaimResult = Extract<
  Result,
  { readonly status: "claimed" | "duplicate" | "replaced" | "done" | "not_owner" }
>;

function writeClaimResult(result: ClaimResult, writer: Writer): void {
  switch (result.status) {
    case "claimed":
      writer.byte(forms.claimed);
      return writer.optionalCount(result.expiresAt);
    case "duplicate":
      writer.byte(forms.duplicate);
      return writeStanding(result, writer);
    case "replaced":
      writer.byte(forms.replaced);
      writeStanding(result.previous, writer);
      return writer.optionalCount(result.expiresAt);
    case "done":
      return writer.byte(forms.done);
    case "not_owner":
      if (result.claim === null) return writer.byte(forms.ownedByNobody);
      writer.byte(forms.notOwner);
      return writeStanding(result.claim, writer);
    default:
      return unreachable(result);
  }
}

function readClaimResult(form: number, reader: Reader): Result {
  switch (form) {
    case forms.claimed:
      return { status: "claimed", expiresAt: reader.optionalCount() };
    case forms.duplicate:
      return { status: "duplicate", ...readStanding(reader) };
    case forms.replaced: {
      const previous = readStanding(reader);
      return { status: "replaced", previous, expiresAt: reader.optionalCount() };
    }
    case forms.done:
      return { status: "done" };
    case forms.ownedByNobody:
      return { status: "not_owner", claim: null };
    case forms.notOwner:
      return { status: "not_owner", claim: readStanding(reader) };
    default:
      return readKeyResult(form, reader);
  }
}

/** Of an execution key. */
type KeyResult = Extract<
  Result,
  { readonly status: "held" | "released" | "withdrawn" | "not_held" }
>;

const formOfReason = {
  not_holder: forms.notHolder,
  other_token: forms.otherToken,
  run: forms.heldByRun,
} as const satisfies Record<NotHeldReason, number>;

function writeKeyResult(result: KeyResult, writer: Writer): void {
  switch (result.status) {
    case "held":
      writer.byte(forms.held);
      return writer.count(result.token);
    case "released":
      return writer.byte(forms.released);
    case "withdrawn":
      return writer.byte(forms.withdrawn);
    case "not_held":
      return writer.byte(formOfReason[result.reason]);
    default:
      return unreachable(result);
  }
}

function readKeyResult(form: number, reader: Reader): Result {
  switch (form) {
    case forms.held:
      return { status: "held", token: fencingToken(reader.count()) };
    case forms.released:
      return { status: "released" };
    case forms.withdrawn:
      return { status: "withdrawn" };
    case forms.notHolder:
      return { status: "not_held", reason: "not_holder" };
    case forms.otherToken:
      return { status: "not_held", reason: "other_token" };
    case forms.heldByRun:
      return { status: "not_held", reason: "run" };
    case forms.both:
      return readBoth(reader);
    default:
      return readStartResult(form, reader) ?? readFinishResult(form, reader);
  }
}

function writeBoth(both: Extract<Result, { readonly status: "both" }>, writer: Writer): void {
  writer.byte(forms.both);
  writeFinishResult(both.finish, writer);
  if ("code" in both.start) writeRefusal(both.start, writer);
  else writeStartResult(both.start, writer);
}

function readBoth(reader: Reader): Result {
  const finish = readFinishResult(reader.byte(), reader);
  const form = reader.byte();
  if (isFormOfRefusal(form)) return { status: "both", finish, start: readRefusal(form, reader) };
  const start = readStartResult(form, reader);
  if (start === undefined) throw new DamagedSnapshotError("a start has an unknown answer");
  return { status: "both", finish, start };
}

function writeStanding(standing: QueueKeyStanding, writer: Writer): void {
  writer.optionalText(standing.owner);
  writer.count(standing.since);
  if (standing.owner !== null) writer.optionalCount(standing.expiresAt);
}

function readStanding(reader: Reader): QueueKeyStanding {
  const owner = reader.optionalName();
  const since = reader.count();
  if (owner === null) return { owner, since };
  return { owner, since, expiresAt: reader.optionalCount() };
}

/** What marks were answered before there were runs is written as it was: 0 or 1. */
const bits = { marked: 1, running: 2, waiting: 4 } as const;

function markedBits({ outcome, running, waiting }: MarkedJob): number {
  const isMarked = outcome === "marked" ? bits.marked : 0;
  return isMarked + (running === true ? bits.running : 0) + (waiting === true ? bits.waiting : 0);
}

function readJob(reader: Reader): MarkedJob {
  const jobId = reader.name();
  const set = reader.byte();
  if (set > bits.marked + bits.running + bits.waiting) {
    throw new DamagedSnapshotError("a mark met something unknown");
  }
  return {
    jobId,
    outcome: set & bits.marked ? "marked" : "already_marked",
    ...(set & bits.running ? { running: true } : {}),
    ...(set & bits.waiting ? { waiting: true } : {}),
  };
}

function readClearedJob(reader: Reader): ClearedJob {
  const jobId = reader.name();
  return { jobId, outcome: reader.flag() ? "cleared" : "not_marked" };
}

function writeRefusal(refusal: Refusal, writer: Writer): void {
  switch (refusal.code) {
    case "not_started":
      writer.byte(forms.notStarted);
      return writer.text(refusal.partition);
    case "quota_exceeded":
      writer.byte(forms.quotaExceeded);
      writer.text(refusal.limit);
      return writer.count(refusal.current);
    case "invalid_argument":
      writer.byte(forms.invalidArgument);
      writer.text(refusal.path);
      return writer.text(refusal.reason);
    case "session_expired":
    case "overloaded":
      return assert(false, `a refusal that decided nothing is not kept: ${refusal.code}`);
    default:
      return unreachable(refusal);
  }
}

function readRefusal(form: number, reader: Reader): Refusal {
  switch (form) {
    case forms.notStarted:
      return { code: "not_started", partition: reader.name() };
    case forms.quotaExceeded: {
      const limit = reader.text();
      return { code: "quota_exceeded", limit, current: reader.count() };
    }
    case forms.invalidArgument: {
      const path = reader.text();
      return { code: "invalid_argument", path, reason: reader.text() };
    }
    default:
      throw new DamagedSnapshotError("a refusal has an unknown form");
  }
}
