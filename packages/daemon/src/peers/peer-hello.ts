// peer-hello.ts — what two peers tell each other first, each once per connection. The dialer speaks
// first; the other answers with its own, or with a refusal, and judges nothing else before.
import type { FeatureLevel } from "@rogerd/global-state";
import type { Incarnation, NodeId } from "@rogerd/raft";
import type { Founder } from "../settings/settings.ts";

export const peerProtocolVersion = 1;
/**
 * What a dialer offers, and what the other side takes the first of that it knows: so each learns up to
 * which feature level both know the rules. The frames are the same in all.
 */
export const peerSubprotocols: readonly PeerSubprotocol[] = [
  { name: "rogerd.peer.v1.level2", level: 2 },
  { name: "rogerd.peer.v1", level: 1 },
];

export interface PeerSubprotocol {
  readonly name: string;
  readonly level: FeatureLevel;
}

export const peerPath = "/v1/peer";

export interface PeerHello {
  readonly protocol: number;
  /** Undefined while its directory belongs to no cluster. */
  readonly clusterId: string | undefined;
  readonly nodeId: NodeId;
  readonly name: string;
  readonly incarnation: Incarnation;
  readonly peerUrl: string;
  readonly clientUrl: string;
  /** What it was started with; said only while unbound. */
  readonly founders: readonly Founder[];
  /** Whom the configuration in force names; empty while its log is. */
  readonly memberIds: readonly NodeId[];
  /** The shared secret, or empty. */
  readonly credential: string;
}

export type RefusalCode =
  | "version"
  | "credential"
  | "cluster"
  | "incarnation"
  | "same-node"
  | "not-ready"
  | "founding"
  | "removed"
  | "malformed";

export interface PeerRefusal {
  readonly code: RefusalCode;
  /** One sentence for the log of the one that is refused. */
  readonly sentence: string;
}

export const refusalCodes: readonly RefusalCode[] = [
  "version",
  "credential",
  "cluster",
  "incarnation",
  "same-node",
  "not-ready",
  "founding",
  "removed",
  "malformed",
];
