// handshake.ts — may this peer be talked to? Pure over what it said of itself. The first thing judged
// is the version, then the secret: who does not know it learns nothing about us.
// It never decides who is a member: that is the log's (M10).
import type { Incarnation, NodeId } from "@rogerd/raft";
import { type PeerHello, type PeerRefusal, peerProtocolVersion } from "./peer-hello.ts";

export type Verdict =
  | { readonly kind: "welcome" }
  /** It is told who we are, and then refused: a founder without a cluster learns of ours. */
  | { readonly kind: "introduce"; readonly refusal: PeerRefusal }
  | { readonly kind: "refuse"; readonly refusal: PeerRefusal };

export const welcome: Verdict = { kind: "welcome" };

export interface Knowledge {
  readonly nodeId: NodeId;
  readonly clusterId: string | undefined;
  /** Undefined: anybody may. */
  readonly secret: string | undefined;
  readonly isSameSecret: (pair: { readonly given: string; readonly expected: string }) => boolean;
  /** The newest run of that node that was heard of. */
  readonly newestIncarnation: (nodeId: NodeId) => Incarnation | undefined;
  /** By a configuration that is committed: it never comes back. */
  readonly isRemoved: (nodeId: NodeId) => boolean;
}

/** Undefined: nothing speaks against it. A side without a cluster is left to the caller to judge. */
export function objectionTo(hello: PeerHello, known: Knowledge): PeerRefusal | undefined {
  if (hello.protocol !== peerProtocolVersion) {
    return {
      code: "version",
      sentence: `it speaks peer protocol ${hello.protocol}, here ${peerProtocolVersion} is spoken: run the same rogerd everywhere`,
    };
  }
  if (!isCredentialRight(hello, known)) {
    return {
      code: "credential",
      sentence: "its peer secret is not ours: give all nodes the same one",
    };
  }
  if (hello.nodeId === known.nodeId) {
    return {
      code: "same-node",
      sentence:
        "it has our own node id: this is our own address, or a data directory was copied; a copy must be emptied",
    };
  }
  return foreignCluster(hello, known) ?? removed(hello, known) ?? outlived(hello, known);
}

function removed(hello: PeerHello, known: Knowledge): PeerRefusal | undefined {
  return known.isRemoved(hello.nodeId) ? removedForGood : undefined;
}

/** Also said to one that is connected when its removal is committed. */
export const removedForGood: PeerRefusal = {
  code: "removed",
  sentence: "it was removed from the cluster, and a removed node never comes back",
};

function isCredentialRight(hello: PeerHello, known: Knowledge): boolean {
  if (known.secret === undefined) return true;
  return known.isSameSecret({ given: hello.credential, expected: known.secret });
}

function foreignCluster(hello: PeerHello, known: Knowledge): PeerRefusal | undefined {
  if (hello.clusterId === undefined || known.clusterId === undefined) return undefined;
  if (hello.clusterId === known.clusterId) return undefined;
  return {
    code: "cluster",
    sentence: `it belongs to cluster ${hello.clusterId}, this node to ${known.clusterId}: check the addresses, and that the data directory is the right one`,
  };
}

function outlived(hello: PeerHello, known: Knowledge): PeerRefusal | undefined {
  const newest = known.newestIncarnation(hello.nodeId);
  if (newest === undefined || hello.incarnation >= newest) return undefined;
  return {
    code: "incarnation",
    sentence: `it is run ${hello.incarnation} of that node, but run ${newest} was already here: an older process, or an older copy of its data directory, is running`,
  };
}
