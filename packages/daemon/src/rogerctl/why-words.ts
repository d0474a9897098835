// why-words.ts — the answer to `why` for people: one fact a line, the reason first.
import type { ExecutionKey, Holder, QueueKey } from "./key-item.ts";
import { named } from "./pause.ts";
import { counted, shownTime } from "./print.ts";
import type { Run } from "./run-item.ts";
import type { Mark, Pause, Wait, Waiter, WhyJob, WhyKey } from "./why-answer.ts";

export function jobInWords(job: WhyJob): string {
  const { finished, jobId, mark, pause, rule, run, waits } = job;
  const facts = [
    ...(run === null ? [] : [runInWords(run)]),
    ...waits.flatMap((wait) => waitInWords(jobId, wait)),
    ...(mark === null ? [] : [markInWords(jobId, mark)]),
    ...(rule === null ? [] : [`job ${jobId} is cancelled by rule ${rule}`]),
    ...(pause === null ? [] : [pauseInWords(pause)]),
    ...(finished === null
      ? []
      : [
          `job ${jobId} finished ${shownTime(finished.at)}, ${finished.outcome ?? "somehow"}; that is remembered until ${shownTime(finished.rememberedUntil)}`,
        ]),
  ];
  return asLines(facts.length === 0 ? [unknownInWords(jobId)] : facts);
}

/** Its queue is not known either. */
function unknownInWords(jobId: string): string {
  return `nothing is known here of job ${jobId}; it may start, unless its queue is paused (rogerctl paused)`;
}

export function keyInWords({ key, executionKey, delayedForMs, line, queueKey }: WhyKey): string {
  const delay =
    delayedForMs === null
      ? []
      : [`execution key ${key} is given to nobody for another ${seconds(delayedForMs)}`];
  return asLines([
    ...(executionKey === null
      ? [`execution key ${key} is held by nobody, and nobody waits for it`]
      : executionKeyInWords(executionKey)),
    ...delay,
    ...(line.length === 0 ? [] : [`  in line: ${line.map(inLine).join(", ")}`]),
    queueKey === null ? `queue key ${key} is free` : queueKeyInWords(queueKey),
  ]);
}

function asLines(facts: readonly string[]): string {
  return facts.map((fact) => `${fact}\n`).join("");
}

function runInWords({ executionKey, jobId, queue, queueKey, session, since, token }: Run): string {
  const keys = [
    ...(executionKey === null ? [] : [`execution key ${executionKey}`]),
    ...(queueKey === null ? [] : [`queue key ${queueKey}`]),
  ];
  const having = keys.length === 0 ? "" : `, with ${keys.join(" and ")}`;
  return `job ${jobId} runs since ${shownTime(since)} in queue ${queue ?? "-"}, session ${session ?? "-"}, token ${token ?? "-"}${having}`;
}

function waitInWords(jobId: string, wait: Wait): readonly string[] {
  const { ahead, before, delayedForMs, endsInMs, holders, key, limit, ticket, toStart } = wait;
  const what = toStart ? `job ${jobId} waits to start` : `job ${jobId} waits`;
  const more = ahead > before.length ? ", …" : "";
  return [
    `${what}, for execution key ${key}, ticket ${ticket ?? "-"}`,
    ...(holders.length === 0
      ? []
      : [`  held by ${holders.map(holderInWords).join(", ")} (limit ${limit ?? "-"})`]),
    ...(ahead === 0 ? [] : [`  ${ahead} before it: ${before.map(inLine).join(", ")}${more}`]),
    ...(delayedForMs === null ? [] : [`  given to nobody for another ${seconds(delayedForMs)}`]),
    ...(endsInMs === null ? [] : [`  the wait ends in ${seconds(endsInMs)}`]),
  ];
}

function markInWords(jobId: string, mark: Mark): string {
  const by = mark.by === "" ? "" : ` by ${mark.by}`;
  const reason = mark.reason === "" ? "" : `: ${mark.reason}`;
  return `job ${jobId} was cancelled ${shownTime(mark.at)}${by}${reason} (${mark.state ?? "-"})`;
}

function pauseInWords({ by, mode, reason, selector, since, until }: Pause): string {
  const who = by === "" ? "" : ` by ${by}`;
  const why = reason === "" ? "" : `: ${reason}`;
  const end = until === null ? "" : `, until ${shownTime(until)}`;
  const verb = selector === "*" ? "are" : "is";
  return `${named(selector)} ${verb} paused (${mode}) since ${shownTime(since)}${end}${who}${why}`;
}

function executionKeyInWords({ holders, key, limit, waiters }: ExecutionKey): readonly string[] {
  const held = holders.map((holder) => `  ${holderInWords(holder)}`);
  const who = held.length === 0 ? "is held by nobody" : "is held by";
  return [
    `execution key ${key} (limit ${limit ?? "-"}) ${who}`,
    ...held,
    ...(waiters === 0 ? [] : [`  ${counted(waiters, "job")} in line`]),
  ];
}

function queueKeyInWords({ expiresAt, key, owner, provisional, since }: QueueKey): string {
  const end = expiresAt === null ? "" : ` until ${shownTime(expiresAt)}`;
  const unless = provisional ? " unless confirmed" : "";
  return `queue key ${key} is taken by ${ownerInWords(owner)} since ${shownTime(since)}${end}${unless}`;
}

function holderInWords({ owner, session, since, token }: Holder): string {
  const life = session === null ? "" : `session ${session}, `;
  return `${ownerInWords(owner)} since ${shownTime(since)} (${life}token ${token ?? "-"})`;
}

/** Roger's forms know no owner. */
function ownerInWords(owner: string | null): string {
  return owner === null ? "nobody by name" : `job ${owner}`;
}

function inLine({ owner, session, ticket }: Waiter): string {
  return `job ${owner} (session ${session ?? "-"}, ticket ${ticket ?? "-"})`;
}

function seconds(durationMs: number): string {
  return `${Math.ceil(durationMs / 1_000)} s`;
}
