// change-sentence.ts — a change of the state as somebody who was woken up understands it: what happened to what,
// by whom and why. The kinds grow: what is not known here is told by its name.
import type { EventType, WatchedEvent } from "@rogerd/protocol";
import { settingsText } from "./partition-settings.ts";
import { counted, shownTime } from "./print.ts";
import { secondsText } from "./sessions.ts";
import { numberAt, objectsAt, textAt, timeAt, type WireObject } from "./wire-value.ts";

/** The thing as it is now, or as it was, if it is gone. */
interface Thing {
  readonly name: string;
  readonly is: WireObject;
  readonly isGone: boolean;
}

export function changeSentence(change: WatchedEvent): string {
  const { item, name, type, was } = change;
  const thing = { name, is: item ?? was ?? {}, isGone: item === null };
  const said = isKnown(type) ? sentences[type](thing) : `${type} ${name}`;
  return `${said} (${whyText(change)})`;
}

function isKnown(type: string): type is EventType {
  return Object.hasOwn(sentences, type);
}

const sentences: Readonly<Record<EventType, (thing: Thing) => string>> = {
  "partition.started": ({ name }) => `partition ${name} was started`,
  "partition.stopped": ({ name }) => `partition ${name} was stopped`,
  "partition.updated": ({ is, name }) =>
    `limits of partition ${name}: ${settingsText(is) ?? "those of the cluster"}`,
  "partition.dropped": ({ name }) => `partition ${name} was dropped, and all in it goes`,
  "session.opened": (thing) =>
    `${sessionText(thing)} was opened, its lease lasts ${secondsText(numberAt(thing.is, "ttlMs") ?? 0)}`,
  "session.ended": (thing) => `${sessionText(thing)} has ended, and what it held is free`,
  "cancel.marked": ({ is, name }) => `job ${name} was cancelled${byText(is)}${markText(is)}`,
  "cancel.changed": ({ is, name }) => `job ${name} was cancelled${byText(is)}${markText(is)}`,
  "cancel.cleared": ({ name }) => `job ${name} is cancelled no more: its mark is gone`,
  "cancel.ruleAdded": ({ is, name }) =>
    `rule ${name} cancels jobs${matchText(is)}${byText(is)} until ${shownTime(timeAt(is, "expiresAt"))}`,
  "cancel.ruleChanged": ({ is, name }) =>
    `rule ${name} has cancelled ${counted(numberAt(is, "hits") ?? 0, "job")} so far`,
  "cancel.ruleRemoved": ({ name }) => `rule ${name} cancels no more jobs`,
  "queueKey.taken": ({ is, name }) => `queue key ${name} is taken${ownerText(is)}`,
  "queueKey.changed": ({ is, name }) => `queue key ${name} is taken${ownerText(is)} from now on`,
  "queueKey.freed": ({ is, name }) => `queue key ${name} is free; it was taken${ownerText(is)}`,
  "executionKey.taken": heldText,
  "executionKey.changed": (thing) => sharedText(thing) ?? `${heldText(thing)} from now on`,
  "executionKey.freed": ({ is, name }) =>
    `execution key ${name} is free; it was held by ${holdersText(is)}`,
  "executionKey.waiting": ({ is, name }) =>
    `${waiterText(is)} waits for execution key ${name}, with ticket ${numberAt(is, "ticket") ?? "?"}`,
  "executionKey.waitEnded": ({ is, name }) =>
    `${waiterText(is)} waits for execution key ${name} no more`,
  "executionKey.rulesChanged": ({ is }) => `limits of execution keys: ${limitsText(is)}`,
  "job.started": ({ is, name }) => `job ${name} runs${runText(is)}`,
  "job.finished": ({ is, name }) => `job ${name} has ended; it ran${runText(is)}`,
  "job.fenced": ({ is, name }) =>
    `job ${name} was taken from its worker, and what that still does is too late; it ran${runText(is)}`,
  "job.remembered": ({ is, name }) =>
    `job ${name} is ${textAt(is, "outcome") ?? "done"}, and does not start again until ${shownTime(timeAt(is, "rememberedUntil"))}`,
  "job.forgotten": ({ is, name }) =>
    `job ${name}, which was ${textAt(is, "outcome") ?? "done"}, may start again`,
  "queue.paused": ({ is, name }) => `${queueText(name)} is paused${pauseText(is)}`,
  "queue.changed": ({ is, name }) => `${queueText(name)} is paused${pauseText(is)} from now on`,
  "queue.resumed": ({ is, name }) => `${queueText(name)} goes on; it was paused${byText(is)}`,
};

function sessionText({ is, name }: Thing): string {
  const client = textAt(is, "client") ?? "";
  return client === "" ? `session ${name}` : `session ${name} (${client})`;
}

function byText(of: WireObject): string {
  const [by, reason] = [textAt(of, "by") ?? "", textAt(of, "reason") ?? ""];
  return `${by === "" ? "" : ` by ${by}`}${reason === "" ? "" : `: ${reason}`}`;
}

/** What became of a mark; pending: the job neither ran nor waited. */
const markStates: Readonly<Record<string, string>> = {
  pending: "; it neither runs nor waits, and will not start",
  delivered: "; it ran or waited, and is told",
  acknowledged: "; it has stopped for it",
  too_late: "; it had ended by itself",
  consumed: "; somebody has taken the mark (Roger's form)",
};

function markText(mark: WireObject): string {
  const state = textAt(mark, "state") ?? "";
  return Object.hasOwn(markStates, state) ? (markStates[state] ?? "") : "";
}

function matchText(rule: WireObject): string {
  const [queue, prefix, tag] = ["queue", "jobIdPrefix", "tag"].map((key) => textAt(rule, key));
  const before = timeAt(rule, "enqueuedBefore");
  return [
    queue === undefined ? "" : ` of queue ${queue}`,
    prefix === undefined ? "" : ` whose ids begin with ${prefix}`,
    tag === undefined ? "" : ` with tag ${tag}`,
    before === null ? "" : ` enqueued before ${shownTime(before)}`,
  ].join("");
}

function ownerText(key: WireObject): string {
  const owner = textAt(key, "owner");
  if (owner === undefined) return ", without an owner (Roger's form)";
  const end = timeAt(key, "expiresAt");
  const until = end === null ? "" : ` until ${shownTime(end)}`;
  return ` by job ${owner}${until}${key["provisional"] === true ? ", not confirmed yet" : ""}`;
}

function heldText({ is, name }: Thing): string {
  return `execution key ${name} is held by ${holdersText(is)}`;
}

/** Of a key that several hold, where that is said: who comes and who goes. */
function sharedText({ is, name }: Thing): string | undefined {
  const [came, went] = [objectsAt(is, "came"), objectsAt(is, "went")];
  if (came.length === 0 && went.length === 0) return undefined;
  const parts = [
    ...(came.length > 0 ? [`by ${namesText(came, came.length)} from now on`] : []),
    ...(went.length > 0 ? [`no more by ${namesText(went, went.length)}`] : []),
  ];
  const held = numberAt(is, "held") ?? "?";
  return `execution key ${name} is held ${parts.join(", and ")}; ${held} hold it now`;
}

function holdersText(key: WireObject): string {
  const holders = objectsAt(key, "holders");
  return namesText(holders, numberAt(key, "held") ?? holders.length);
}

/** So many of those who hold a key are named. */
const namedMax = 8;

function namesText(holders: readonly WireObject[], count: number): string {
  const named = holders.slice(0, namedMax).map((holder) => {
    const owner = textAt(holder, "owner");
    const who = owner === undefined ? "somebody without a name (Roger's form)" : `job ${owner}`;
    return `${who}${onText(holder)}`;
  });
  const others = count > named.length ? [`${count - named.length} others`] : [];
  return named.length === 0 ? "nobody" : [...named, ...others].join(", and by ");
}

function onText(of: WireObject): string {
  const [session, token] = [numberAt(of, "session"), numberAt(of, "token")];
  const on = session === undefined ? "" : ` on session ${session}`;
  return `${on}${token === undefined ? "" : ` with token ${token}`}`;
}

function waiterText(waiter: WireObject): string {
  return `job ${textAt(waiter, "owner") ?? "?"}${onText(waiter)}`;
}

function limitsText(rules: WireObject): string {
  const limits = objectsAt(rules, "rules").map(
    (rule) => `${numberAt(rule, "limit") ?? "?"} for ${textAt(rule, "prefix") ?? ""}*`,
  );
  return limits.length === 0 ? "1 for every key" : limits.join(", ");
}

function runText(run: WireObject): string {
  const [queue, key] = [textAt(run, "queue"), textAt(run, "executionKey")];
  const where = queue === undefined ? "" : ` in queue ${queue}`;
  return `${where}${onText(run)}${key === undefined ? "" : `, holding execution key ${key}`}`;
}

function queueText(selector: string): string {
  return selector === "*" ? "every queue" : `queue ${selector}`;
}

function pauseText(pause: WireObject): string {
  const until = timeAt(pause, "until");
  const stops = textAt(pause, "mode") === "stop" ? "; what runs is told to stop" : "";
  return `${byText(pause)}${until === null ? "" : `; until ${shownTime(until)}`}${stops}`;
}

/** Causes that are no command somebody sent. */
const causes: Readonly<Record<string, string>> = {
  time: "its time was over",
  force: "rogerctl release --force",
  "session.expire": "the lease of its session ran out",
  "session.close": "its session was closed",
};

function whyText({ by, cause }: WatchedEvent): string {
  const why = Object.hasOwn(causes, cause) ? (causes[cause] ?? cause) : cause;
  if (by === null) return why;
  return `${why}, by ${"session" in by ? `session ${by.session}` : `request ${by.requestId}`}`;
}
