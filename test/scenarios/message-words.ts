// message-words.ts — entries, configurations and messages in the words of the trace. Ids are told by
// their names, times and sequence numbers not at all: a trace tells what was decided.
import { unreachable } from "../../packages/raft/src/core/assert.ts";
import type { Configuration } from "../../packages/raft/src/core/configuration.ts";
import type { Entry, Position } from "../../packages/raft/src/core/entry.ts";
import type { NodeId } from "../../packages/raft/src/core/ids.ts";
import type { AppendEntries, Message } from "../../packages/raft/src/core/message.ts";
import { nameOf } from "../../packages/raft/test/cluster.ts";
import { textOf } from "../../packages/raft/test/test-node.ts";

export const at = ({ index, term }: Position): string => `${index}@t${term}`;

/** More entries of one term than this are told as one range. */
const eachToldMax = 3;

export function configurationWords(configuration: Configuration): string {
  const { learners, removed, voters, votersOutgoing } = configuration;
  const parts: readonly (readonly [string, readonly NodeId[]])[] = [
    ["voters", voters],
    ["outgoing", votersOutgoing],
    ["learners", learners],
    ["removed", removed],
  ];
  return parts
    .filter(([, ids]) => ids.length > 0)
    .map(([word, ids]) => `${word}(${ids.map(nameOf).join(" ")})`)
    .join(" ");
}

/** What it says beside where it stands; a prepared disk's entries say nothing else. */
function saysOf(entry: Entry): string | undefined {
  if (entry.kind === "configuration") return configurationWords(entry.configuration);
  if (entry.kind === "noop") return "noop";
  const text = textOf(entry);
  return text === `${entry.index}@${entry.term}` ? undefined : text;
}

/** `3@t2 x`, and `3..9@t2` where they say nothing or are many of one term. */
export function entriesWords(entries: readonly Entry[]): readonly string[] {
  const alike = (one: Entry, other: Entry): boolean =>
    (saysOf(one) === undefined) === (saysOf(other) === undefined);
  return runs(entries, alike).flatMap((run) => {
    const isTold = run.length <= eachToldMax && run.some((entry) => saysOf(entry) !== undefined);
    return isTold ? run.map((entry) => `${at(entry)} ${saysOf(entry) ?? ""}`) : [rangeWords(run)];
  });
}

/** Only where they stand: `1..3@t1 4@t4`. */
export function positionsWords(positions: readonly Position[]): string {
  return runs(positions, () => true)
    .map(rangeWords)
    .join(" ");
}

function rangeWords(run: readonly Position[]): string {
  const [first, last] = [run[0], run.at(-1)];
  if (first === undefined || last === undefined) return "nothing";
  return first === last ? at(first) : `${first.index}..${at(last)}`;
}

/** Those of one term that follow each other and are alike. */
function runs<Item extends Position>(
  items: readonly Item[],
  alike: (one: Item, other: Item) => boolean,
): readonly (readonly Item[])[] {
  const found: Item[][] = [];
  for (const item of items) {
    const run = found.at(-1);
    const first = run?.[0];
    if (first?.term === item.term && alike(first, item)) run?.push(item);
    else found.push([item]);
  }
  return found;
}

/** A message whole, as it arrives or is lost. */
export function messageWords(message: Message): string {
  const start = `${message.kind} t${message.term}`;
  switch (message.kind) {
    case "request-pre-vote":
      return `${start}, last ${message.lastIndex}@t${message.lastTerm}`;
    case "request-vote": {
      const last = `last ${message.lastIndex}@t${message.lastTerm}`;
      return message.cause === "transfer"
        ? `${start} for a transfer, ${last}`
        : `${start}, ${last}`;
    }
    case "pre-vote-reply":
      return `${start} ${message.isGranted ? "granted" : "refused"}`;
    case "append-entries":
      return appendWords(start, message);
    case "append-accepted":
      return `${start} through ${message.matchIndex}`;
    case "append-rejected":
      return `${start} after ${message.rejectedIndex}, hint ${message.hintIndex}@t${message.hintTerm}`;
    case "heartbeat":
      return `${start} round ${message.round}, commit ${message.commitIndex}`;
    case "heartbeat-reply":
      return `${start} round ${message.round}${message.wantsSnapshot ? ", wants a snapshot" : ""}`;
    case "install-snapshot":
      return `${start} of ${at(message.snapshot)}, chunk ${message.chunk}${message.isLast ? " last" : ""}`;
    case "snapshot-progress":
      return `${start} of ${message.snapshotIndex}, next chunk ${message.nextChunk}`;
    case "vote-granted":
    case "vote-refused":
    case "timeout-now":
      return start;
    default:
      return unreachable(message);
  }
}

function appendWords(start: string, message: AppendEntries): string {
  const { commitIndex, entries, prevIndex, prevTerm } = message;
  const what = entries.length === 0 ? "nothing" : entriesWords(entries).join(" ");
  return `${start} after ${prevIndex}@t${prevTerm}: ${what}, commit ${commitIndex}`;
}

/** A message in short, as it is sent. */
export function sentWords(message: Message): string {
  switch (message.kind) {
    case "append-entries": {
      const { entries, prevIndex } = message;
      const [first, last] = [entries[0], entries.at(-1)];
      if (first === undefined || last === undefined) return `append-entries after ${prevIndex}`;
      const range = first === last ? `${first.index}` : `${first.index}..${last.index}`;
      return `append-entries ${range}`;
    }
    case "append-accepted":
      return `append-accepted through ${message.matchIndex}`;
    case "append-rejected":
      return `append-rejected after ${message.rejectedIndex}`;
    case "heartbeat":
    case "heartbeat-reply":
      return `${message.kind} ${message.round}`;
    case "pre-vote-reply":
      return `pre-vote-reply ${message.isGranted ? "granted" : "refused"}`;
    case "install-snapshot":
      return `install-snapshot chunk ${message.chunk}`;
    case "snapshot-progress":
      return `snapshot-progress next ${message.nextChunk}`;
    case "request-pre-vote":
    case "request-vote":
    case "timeout-now":
    case "vote-granted":
    case "vote-refused":
      return message.kind;
    default:
      return unreachable(message);
  }
}

/** Of messages that leave in one step, those that say the same to several are told once. */
export function sendsWords(messages: readonly Message[]): readonly string[] {
  const told = new Map<string, string[]>();
  for (const message of messages) {
    const words = sentWords(message);
    const names = told.get(words) ?? [];
    names.push(nameOf(message.to));
    told.set(words, names);
  }
  return [...told].map(([words, names]) => `send ${words} to ${names.join(" ")}`);
}
