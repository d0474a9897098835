// node-view.ts — one node's own view of itself and of the cluster, as `GET /status` tells it.
// What is not there is null: a node may be too young to know it.
import { numberAt, objectAt, objectsAt, textAt, type WireObject } from "./wire-value.ts";

export interface StateHash {
  readonly index: number;
  readonly hash: string;
}

export interface NamedMember {
  readonly id: string;
  readonly name: string;
  readonly clientUrl: string;
  readonly peerUrl: string;
  readonly voter: boolean;
}

export interface NodeView {
  /** Null while the node belongs to no cluster. */
  readonly clusterId: string | null;
  readonly id: string;
  readonly name: string;
  readonly role: string;
  readonly term: number;
  /** The name of who leads, as far as this node knows. */
  readonly leader: string | null;
  readonly lastIndex: number | null;
  readonly commitIndex: number | null;
  readonly appliedIndex: number | null;
  readonly snapshotIndex: number | null;
  readonly stateHash: StateHash | null;
  readonly members: readonly NamedMember[];
}

export function readNodeView(body: WireObject): NodeView | undefined {
  const node = objectAt(body, "node");
  if (node === undefined) return undefined;
  const id = textAt(node, "id");
  const name = textAt(node, "name");
  const role = textAt(body, "role");
  const term = numberAt(body, "term");
  if (id === undefined || name === undefined || role === undefined || term === undefined)
    return undefined;
  const leader = objectAt(body, "leader");
  return {
    clusterId: textAt(body, "clusterId") ?? null,
    id,
    name,
    role,
    term,
    leader: leader === undefined ? null : (textAt(leader, "name") ?? null),
    lastIndex: numberAt(body, "lastIndex") ?? null,
    commitIndex: numberAt(body, "commitIndex") ?? null,
    appliedIndex: numberAt(body, "appliedIndex") ?? null,
    snapshotIndex: numberAt(body, "snapshotIndex") ?? null,
    stateHash: readStateHash(objectAt(body, "stateHash")),
    members: objectsAt(body, "members")
      .map(readMember)
      .filter((member) => member !== undefined),
  };
}

function readStateHash(from: WireObject | undefined): StateHash | null {
  if (from === undefined) return null;
  const index = numberAt(from, "index");
  const hash = textAt(from, "hash");
  return index === undefined || hash === undefined ? null : { index, hash };
}

function readMember(from: WireObject): NamedMember | undefined {
  const id = textAt(from, "id");
  const name = textAt(from, "name");
  if (id === undefined || name === undefined) return undefined;
  return {
    id,
    name,
    clientUrl: textAt(from, "clientUrl") ?? "",
    peerUrl: textAt(from, "peerUrl") ?? "",
    voter: from["voter"] === true,
  };
}
