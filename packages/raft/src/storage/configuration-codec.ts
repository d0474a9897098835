// configuration-codec.ts — configurations and snapshot names as bytes on disk: JSON with a fixed
// order of fields, so that equal values have equal bytes. Nothing unchecked gets past `decode…`.
import type { Configuration, Member } from "../core/configuration.ts";
import type { SnapshotMark } from "../core/effect.ts";
import { isNodeId, logIndex, type NodeId, term } from "../core/ids.ts";
import type { SnapshotMeta } from "../core/message.ts";

export function encodeConfiguration(configuration: Configuration): Uint8Array {
  return textBytes(JSON.stringify(plainConfiguration(configuration)));
}

/** Undefined where the bytes are no configuration. */
export function decodeConfiguration(bytes: Uint8Array): Configuration | undefined {
  return parseConfiguration(parseJson(bytes));
}

/** Index and term of a mark are in its record's header. */
export function encodeMark(mark: SnapshotMark): Uint8Array {
  const { hash, configuration } = mark.snapshot;
  const plain = { hash, log: mark.log, configuration: plainConfiguration(configuration) };
  return textBytes(JSON.stringify(plain));
}

export function decodeMark(
  bytes: Uint8Array,
  at: { readonly index: number; readonly term: number },
): SnapshotMark | undefined {
  const plain = parseJson(bytes);
  if (!isObject(plain)) return undefined;
  const { hash, log } = plain;
  const configuration = parseConfiguration(plain["configuration"]);
  if (!isHash(hash) || configuration === undefined) return undefined;
  if (log !== "keep" && log !== "discard") return undefined;
  const snapshot = { index: logIndex(at.index), term: term(at.term), hash, configuration };
  return { snapshot, log };
}

/** The first chunk of a snapshot says this. */
export interface SnapshotHeader {
  readonly format: number;
  readonly clusterId: string;
  readonly group: number;
  readonly createdBy: string;
  readonly meta: SnapshotMeta;
}

export function encodeSnapshotHeader(header: SnapshotHeader): Uint8Array {
  const { format, clusterId, group, createdBy, meta } = header;
  const { index, term, hash } = meta;
  const configuration = plainConfiguration(meta.configuration);
  const plain = { format, clusterId, group, index, term, hash, configuration, createdBy };
  return textBytes(JSON.stringify(plain));
}

export function decodeSnapshotHeader(bytes: Uint8Array): SnapshotHeader | undefined {
  const plain = parseJson(bytes);
  if (!isObject(plain)) return undefined;
  const { format, clusterId, group, createdBy, hash, index } = plain;
  const configuration = parseConfiguration(plain["configuration"]);
  if (!isNodeId(clusterId) || typeof createdBy !== "string" || !isHash(hash)) return undefined;
  if (!isCount(format) || !isCount(group) || !isCount(index) || !isCount(plain["term"])) {
    return undefined;
  }
  if (configuration === undefined) return undefined;
  const meta = { index: logIndex(index), term: term(plain["term"]), hash, configuration };
  return { format, clusterId, group, createdBy, meta };
}

export function textBytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** Undefined where the bytes are no JSON. */
export function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return undefined;
    throw error;
  }
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

export function isHash(value: unknown): value is string {
  return typeof value === "string" && /^[0-9a-f]{1,128}$/.test(value);
}

function plainConfiguration(configuration: Configuration): object {
  const { voters, votersOutgoing, learners, members, removed } = configuration;
  const plainMembers = members.map(({ id, name, clientUrl, peerUrl }) => ({
    id,
    name,
    clientUrl,
    peerUrl,
  }));
  return { voters, votersOutgoing, learners, members: plainMembers, removed };
}

function parseConfiguration(plain: unknown): Configuration | undefined {
  if (!isObject(plain)) return undefined;
  const voters = parseIds(plain["voters"]);
  const votersOutgoing = parseIds(plain["votersOutgoing"]);
  const learners = parseIds(plain["learners"]);
  const removed = parseIds(plain["removed"]);
  const members = parseMembers(plain["members"]);
  if (voters === undefined || votersOutgoing === undefined || learners === undefined) {
    return undefined;
  }
  if (members === undefined || removed === undefined) return undefined;
  return { voters, votersOutgoing, learners, members, removed };
}

function parseIds(plain: unknown): readonly NodeId[] | undefined {
  return Array.isArray(plain) && plain.every(isNodeId) ? plain : undefined;
}

function parseMembers(plain: unknown): readonly Member[] | undefined {
  return Array.isArray(plain) && plain.every(isMember) ? plain : undefined;
}

function isMember(value: unknown): value is Member {
  if (!isObject(value) || !isNodeId(value["id"])) return false;
  return ["name", "clientUrl", "peerUrl"].every((field) => typeof value[field] === "string");
}
