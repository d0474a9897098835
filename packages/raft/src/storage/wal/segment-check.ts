// segment-check.ts — whether a segment's header fits the log before it and the node that reads it.
import type { Incarnation } from "../../core/ids.ts";
import type { Damage } from "../damage.ts";
import type { LogPositions } from "../log-positions.ts";
import type { StorageIdentity } from "../storage.ts";
import type { Chain } from "./record.ts";
import { type ReadHeader, type SegmentHeader, walFormat } from "./segment.ts";

export interface HeaderContext {
  readonly file: { readonly path: string; readonly sequence: number; readonly bytes: Uint8Array };
  readonly owner:
    | { readonly identity: StorageIdentity; readonly incarnation: Incarnation }
    | undefined;
  /** The header of the segment before; undefined for the first that is there. */
  readonly previous: SegmentHeader | undefined;
  /** The log as the segments before leave it. */
  readonly positions: LogPositions;
  readonly chain: Chain;
  readonly nextBatch: number;
}

/** Undefined: it fits. */
export function problemWithHeader(read: ReadHeader, context: HeaderContext): Damage | undefined {
  const place = { file: context.file.path, offset: 0 };
  const index = context.positions.lastIndex + 1;
  if (read.kind === "future") {
    const what = `the log has format ${read.format}, and this rogerd reads formats up to ${walFormat}`;
    return { what, ...place, remedy: "newer" };
  }
  if (read.kind !== "header") {
    return { what: "the header is damaged", ...place, index, remedy: "cut" };
  }
  const foreign = foreignOwner(read.header, context);
  if (foreign !== undefined) return { what: foreign, ...place, remedy: "rejoin" };
  const what = doesNotFollow(read.header, context);
  if (what === undefined) return undefined;
  return { what, ...place, index, remedy: context.previous === undefined ? "rejoin" : "cut" };
}

function foreignOwner(header: SegmentHeader, context: HeaderContext): string | undefined {
  const { owner } = context;
  if (owner === undefined) return undefined;
  const { clusterId, nodeId, group } = owner.identity;
  const found = header.identity;
  if (found.clusterId !== clusterId) {
    return `the log belongs to cluster ${found.clusterId}, node.json to cluster ${clusterId}`;
  }
  if (found.nodeId !== nodeId) {
    return `the log belongs to node ${found.nodeId}, node.json to node ${nodeId}`;
  }
  if (found.group !== group)
    return `the log belongs to group ${found.group}, not to group ${group}`;
  if (header.incarnation > owner.incarnation) {
    return `the log was written by start ${header.incarnation} of this node, but node.json knows only ${owner.incarnation}: it is older than the log`;
  }
  return undefined;
}

function doesNotFollow(header: SegmentHeader, context: HeaderContext): string | undefined {
  const { file, previous, positions } = context;
  if (file.bytes.byteLength !== header.capacityBytes) {
    return `the segment has ${file.bytes.byteLength} bytes, but was made with ${header.capacityBytes}`;
  }
  if (previous === undefined) {
    if (file.sequence !== 1) return undefined;
    return header.before.index === 0 && header.batch === 1
      ? undefined
      : "the first segment does not begin with the first entry";
  }
  const { last, hardState } = positions;
  if (header.batch !== context.nextBatch || !context.chain.equals(header.chain)) {
    return "the segment does not follow from the one before it";
  }
  if (header.before.index !== last.index || header.before.term !== last.term) {
    return `the segment begins after entry ${header.before.index}, but the log before it ends at ${last.index}`;
  }
  if (
    header.hardState.term !== hardState.term ||
    header.hardState.votedFor !== hardState.votedFor
  ) {
    return "term and vote differ from what the segment before says";
  }
  if (header.incarnation < previous.incarnation) {
    return "the segment was written by an earlier start than the one before it";
  }
  return undefined;
}
