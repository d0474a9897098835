// message-codec.ts — one Raft message ↔ its place in a flat array. Numbers of kinds are given once
// and never used again. Entries of one append lie one after the other from `prevIndex` on, so their
// indexes need not travel.
import {
  type Configuration,
  type Entry,
  entryBytes,
  isNodeId,
  type LogIndex,
  logIndex,
  type Message,
  type NodeId,
  readRound,
  type SnapshotMeta,
  type Term,
  term,
} from "@rogerd/raft";
import { type FlatReader, type FlatValue, MalformedError } from "../flat-codec.ts";
import type { Route } from "./peer-codec.ts";

const messageKinds = {
  "request-pre-vote": 1,
  "pre-vote-reply": 2,
  "request-vote": 3,
  "vote-refused": 4,
  "vote-granted": 5,
  "append-entries": 6,
  "append-accepted": 7,
  "append-rejected": 8,
  heartbeat: 9,
  "heartbeat-reply": 10,
  "install-snapshot": 11,
  "snapshot-progress": 12,
  "timeout-now": 13,
} as const satisfies Record<Message["kind"], number>;

const entryKinds = { noop: 0, command: 1, configuration: 2 } as const;

/** What a message counts when a turn's messages are cut into frames; bulk is what may pause. */
export function messageBytes(message: Message): number {
  const envelopeBytes = 64;
  if (message.kind === "install-snapshot") return envelopeBytes + message.bytes.byteLength;
  if (message.kind !== "append-entries") return envelopeBytes;
  return message.entries.reduce((sum, entry) => sum + entryBytes(entry), envelopeBytes);
}

export function pushMessage(values: FlatValue[], message: Message): void {
  values.push(messageKinds[message.kind], message.term);
  switch (message.kind) {
    case "request-pre-vote":
      values.push(message.lastIndex, message.lastTerm);
      return;
    case "request-vote":
      values.push(message.lastIndex, message.lastTerm, message.cause === "transfer");
      return;
    case "pre-vote-reply":
      values.push(message.isGranted);
      return;
    case "vote-refused":
    case "vote-granted":
    case "timeout-now":
      return;
    case "append-entries":
      values.push(message.prevIndex, message.prevTerm, message.commitIndex);
      values.push(message.entries.length);
      for (const entry of message.entries) pushEntry(values, entry);
      return;
    case "append-accepted":
      values.push(message.matchIndex);
      return;
    case "append-rejected":
      values.push(message.rejectedIndex, message.hintIndex, message.hintTerm);
      return;
    case "heartbeat":
      values.push(message.commitIndex, message.round);
      return;
    case "heartbeat-reply":
      values.push(message.round, message.wantsSnapshot);
      return;
    case "install-snapshot":
      pushSnapshotMeta(values, message.snapshot);
      values.push(message.chunk, message.bytes, message.isLast);
      return;
    case "snapshot-progress":
      values.push(message.snapshotIndex, message.snapshotHash, message.nextChunk);
  }
}

/** Throws MalformedError. */
export function readMessage(reader: FlatReader, route: Route): Message {
  const kind = reader.count("message kind");
  const envelope = { ...route, term: readTerm(reader) };
  return readElection(reader, kind, envelope) ?? readReplication(reader, kind, envelope);
}

interface Envelope extends Route {
  readonly term: Term;
}

function readElection(reader: FlatReader, kind: number, envelope: Envelope): Message | undefined {
  switch (kind) {
    case messageKinds["request-pre-vote"]:
      return { kind: "request-pre-vote", ...envelope, ...readLast(reader) };
    case messageKinds["pre-vote-reply"]:
      return { kind: "pre-vote-reply", ...envelope, isGranted: reader.flag("granted") };
    case messageKinds["request-vote"]: {
      const last = readLast(reader);
      const cause = reader.flag("transfer") ? "transfer" : "timeout";
      return { kind: "request-vote", ...envelope, ...last, cause };
    }
    case messageKinds["vote-refused"]:
      return { kind: "vote-refused", ...envelope };
    case messageKinds["vote-granted"]:
      return { kind: "vote-granted", ...envelope };
    case messageKinds["timeout-now"]:
      return { kind: "timeout-now", ...envelope };
    default:
      return undefined;
  }
}

function readReplication(reader: FlatReader, kind: number, envelope: Envelope): Message {
  switch (kind) {
    case messageKinds["append-entries"]:
      return { kind: "append-entries", ...envelope, ...readAppend(reader) };
    case messageKinds["append-accepted"]:
      return { kind: "append-accepted", ...envelope, matchIndex: readIndex(reader) };
    case messageKinds["append-rejected"]:
      return {
        kind: "append-rejected",
        ...envelope,
        rejectedIndex: readIndex(reader),
        hintIndex: readIndex(reader),
        hintTerm: readTerm(reader),
      };
    case messageKinds.heartbeat:
      return {
        kind: "heartbeat",
        ...envelope,
        commitIndex: readIndex(reader),
        round: readRound(reader.count("round")),
      };
    case messageKinds["heartbeat-reply"]:
      return {
        kind: "heartbeat-reply",
        ...envelope,
        round: readRound(reader.count("round")),
        wantsSnapshot: reader.flag("wants snapshot"),
      };
    case messageKinds["install-snapshot"]:
      return {
        kind: "install-snapshot",
        ...envelope,
        snapshot: readSnapshotMeta(reader),
        chunk: reader.count("chunk"),
        bytes: reader.bytes("chunk bytes"),
        isLast: reader.flag("last"),
      };
    case messageKinds["snapshot-progress"]:
      return {
        kind: "snapshot-progress",
        ...envelope,
        snapshotIndex: readIndex(reader),
        snapshotHash: readHash(reader),
        nextChunk: reader.count("next chunk"),
      };
    default:
      throw new MalformedError(`message kind ${kind} is not known`);
  }
}

function readAppend(reader: FlatReader): {
  prevIndex: LogIndex;
  prevTerm: Term;
  commitIndex: LogIndex;
  entries: Entry[];
} {
  const prevIndex = readIndex(reader);
  const prevTerm = readTerm(reader);
  const commitIndex = readIndex(reader);
  let last: number = prevIndex;
  let lastTerm: number = prevTerm;
  const entries = reader.list("entries", { countMax: 2 ** 20 }, () => {
    last += 1;
    const entry = readEntry(reader, boundedIndex(last));
    if (entry.term < lastTerm) throw new MalformedError("terms in a log never decrease");
    lastTerm = entry.term;
    return entry;
  });
  return { prevIndex, prevTerm, commitIndex, entries };
}

function boundedIndex(value: number): LogIndex {
  if (!Number.isSafeInteger(value)) throw new MalformedError("an index is too large");
  return logIndex(value);
}

function pushEntry(values: FlatValue[], entry: Entry): void {
  values.push(entryKinds[entry.kind], entry.term);
  if (entry.kind === "command") values.push(entry.payload);
  if (entry.kind === "configuration") pushConfiguration(values, entry.configuration);
}

function readEntry(reader: FlatReader, index: LogIndex): Entry {
  const kind = reader.count("entry kind");
  const position = { index, term: readTerm(reader) };
  switch (kind) {
    case entryKinds.noop:
      return { kind: "noop", ...position };
    case entryKinds.command:
      return { kind: "command", ...position, payload: ownBytes(reader.bytes("payload")) };
    case entryKinds.configuration:
      return { kind: "configuration", ...position, configuration: readConfiguration(reader) };
    default:
      throw new MalformedError(`entry kind ${kind} is not known`);
  }
}

/** A small payload is copied: it stays in the log for long and must not keep a whole frame alive. */
function ownBytes(bytes: Uint8Array): Uint8Array {
  const copiedMax = 16 * 1024;
  return bytes.byteLength <= copiedMax ? new Uint8Array(bytes) : bytes;
}

function pushSnapshotMeta(values: FlatValue[], snapshot: SnapshotMeta): void {
  values.push(snapshot.index, snapshot.term, snapshot.hash);
  pushConfiguration(values, snapshot.configuration);
}

function readSnapshotMeta(reader: FlatReader): SnapshotMeta {
  return {
    index: readIndex(reader),
    term: readTerm(reader),
    hash: readHash(reader),
    configuration: readConfiguration(reader),
  };
}

function pushConfiguration(values: FlatValue[], configuration: Configuration): void {
  const { voters, votersOutgoing, learners, members, removed } = configuration;
  for (const ids of [voters, votersOutgoing, learners, removed]) values.push(ids.length, ...ids);
  values.push(members.length);
  for (const member of members) {
    values.push(member.id, member.name, member.clientUrl, member.peerUrl);
  }
}

function readConfiguration(reader: FlatReader): Configuration {
  const ids = (): NodeId[] => reader.list("ids", { countMax: 1024 }, () => readNodeId(reader));
  const [voters, votersOutgoing, learners, removed] = [ids(), ids(), ids(), ids()];
  const members = reader.list("members", { countMax: 1024 }, () => ({
    id: readNodeId(reader),
    name: readName(reader),
    clientUrl: readName(reader),
    peerUrl: readName(reader),
  }));
  return { voters, votersOutgoing, learners, members, removed };
}

function readLast(reader: FlatReader): { lastIndex: LogIndex; lastTerm: Term } {
  return { lastIndex: readIndex(reader), lastTerm: readTerm(reader) };
}

function readIndex(reader: FlatReader): LogIndex {
  return logIndex(reader.count("index"));
}

function readTerm(reader: FlatReader): Term {
  return term(reader.count("term"));
}

function readHash(reader: FlatReader): string {
  return reader.matching("hash", /^[0-9a-f]{1,128}$/);
}

function readNodeId(reader: FlatReader): NodeId {
  const id = reader.text("node id", { charactersMax: 32 });
  if (isNodeId(id)) return id;
  throw new MalformedError("a node id is 32 hex digits");
}

function readName(reader: FlatReader): string {
  return reader.text("name", { charactersMax: 512 });
}
