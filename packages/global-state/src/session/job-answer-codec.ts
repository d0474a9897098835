// job-answer-codec.ts — what a start or a finish was answered, to bytes and back. Part of answer-codec.ts.
import { unreachable } from "../assert.ts";
import { fencingToken, sessionId } from "../ids.ts";
import { finalOutcomes } from "../job/finished-job.ts";
import type { FinishResult, StartResult } from "../result.ts";
import { DamagedSnapshotError } from "../snapshot/damaged-snapshot.ts";
import type { Reader } from "../snapshot/reader.ts";
import type { Writer } from "../snapshot/writer.ts";
import { forms } from "./answer-forms.ts";

export function writeStartResult(result: StartResult, writer: Writer): void {
  switch (result.status) {
    case "started":
      writer.byte(forms.started);
      return writer.count(result.token);
    case "busy":
      writer.byte(forms.busy);
      writer.count(result.holders);
      writer.count(result.waiters);
      return writer.count(result.retryAfterMs);
    case "waiting":
      writer.byte(forms.waiting);
      writer.count(result.ticket);
      return writer.count(result.position);
    case "cancelled":
      return writer.byte(forms.cancelled);
    case "paused":
      writer.byte(forms.paused);
      writer.count(result.queues.length);
      for (const queue of result.queues) writer.text(queue);
      return;
    case "already_running":
      writer.byte(forms.alreadyRunning);
      return writer.count(result.by);
    case "already_waiting":
      writer.byte(forms.alreadyWaiting);
      writer.count(result.by);
      return writer.count(result.ticket);
    case "already_finished":
      writer.byte(forms.alreadyFinished);
      return writer.byte(finalOutcomes.indexOf(result.outcome));
    default:
      return unreachable(result);
  }
}

/** Undefined: it is the form of something else. */
export function readStartResult(form: number, reader: Reader): StartResult | undefined {
  switch (form) {
    case forms.started:
      return { status: "started", token: fencingToken(reader.count()) };
    case forms.busy: {
      const holders = reader.count();
      const waiters = reader.count();
      return { status: "busy", holders, waiters, retryAfterMs: reader.count() };
    }
    case forms.waiting: {
      const ticket = reader.count();
      return { status: "waiting", ticket, position: reader.count() };
    }
    case forms.cancelled:
      return { status: "cancelled" };
    case forms.paused: {
      const queues: string[] = [];
      for (let left = reader.count(); left > 0; left--) queues.push(reader.name());
      return { status: "paused", queues };
    }
    case forms.alreadyRunning:
      return { status: "already_running", by: sessionId(reader.count()) };
    case forms.alreadyWaiting: {
      const by = sessionId(reader.count());
      return { status: "already_waiting", by, ticket: reader.count() };
    }
    case forms.alreadyFinished: {
      const outcome = finalOutcomes[reader.byte()];
      if (outcome === undefined) throw new DamagedSnapshotError("a job ended in an unknown way");
      return { status: "already_finished", outcome };
    }
    default:
      return undefined;
  }
}

type Finished = Extract<FinishResult, { readonly status: "finished" }>;
const cancels: readonly Finished["cancel"][] = ["none", "acknowledged", "too_late"];
/** `undefined`: that was not asked. */
const memories: readonly Finished["remembered"][] = [undefined, false, true];

export function writeFinishResult(result: FinishResult, writer: Writer): void {
  if (result.status === "not_running") return writer.byte(forms.notRunning);
  writer.byte(forms.finished);
  writer.byte(cancels.indexOf(result.cancel));
  writer.byte(memories.indexOf(result.remembered));
}

export function readFinishResult(form: number, reader: Reader): FinishResult {
  if (form === forms.notRunning) return { status: "not_running" };
  if (form !== forms.finished) throw new DamagedSnapshotError("an answer has an unknown form");
  const cancel = cancels[reader.byte()];
  const memory = reader.byte();
  if (cancel === undefined || memory >= memories.length) {
    throw new DamagedSnapshotError("a job was finished in an unknown way");
  }
  const remembered = memories[memory];
  return { status: "finished", cancel, ...(remembered === undefined ? {} : { remembered }) };
}
