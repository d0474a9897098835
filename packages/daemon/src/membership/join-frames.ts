// join-frames.ts — what a node that wants in says on a peer port, and what it is told: one JSON text each,
// on a subprotocol of its own, because it is no peer yet (docs/decisions/0002-joining.md).
// Nothing unchecked gets past `parse…`.
import { isNodeId, type NodeId } from "@rogerd/raft";

export const joinSubprotocol = "rogerd.join.v1";

/** A request is a name and a few fixed texts; an answer a sentence. */
export const joinFrameCharactersMax = 4_096;

export interface JoinRequest {
  /** Of `rogerctl member add`. */
  readonly secret: string;
  /** Ours, and for ever: it takes the place of the invited id. */
  readonly nodeId: NodeId;
  readonly name: string;
  /** What peers present to each other, or empty. */
  readonly credential: string;
}

export type JoinAnswer =
  /** Committed: this id is a learner of that cluster. */
  | { readonly kind: "joined"; readonly clusterId: string }
  /** The leader decides: ask there. */
  | { readonly kind: "elsewhere"; readonly peerUrl: string }
  /** Not decided: ask again. */
  | { readonly kind: "later"; readonly sentence: string }
  /** Asking again changes nothing. */
  | { readonly kind: "refused"; readonly sentence: string };

export function encodeJoinFrame(frame: JoinRequest | JoinAnswer): string {
  return JSON.stringify(frame);
}

export function parseJoinRequest(frame: Uint8Array | string): JoinRequest | undefined {
  const plain = parseObject(frame);
  if (plain === undefined) return undefined;
  const { credential, name, nodeId, secret } = plain;
  const areTexts =
    typeof secret === "string" && typeof name === "string" && typeof credential === "string";
  return areTexts && isNodeId(nodeId) ? { secret, nodeId, name, credential } : undefined;
}

export function parseJoinAnswer(frame: Uint8Array | string): JoinAnswer | undefined {
  const plain = parseObject(frame);
  if (plain === undefined) return undefined;
  const { clusterId, kind, peerUrl, sentence } = plain;
  if (kind === "joined") return isNodeId(clusterId) ? { kind, clusterId } : undefined;
  if (kind === "elsewhere") return typeof peerUrl === "string" ? { kind, peerUrl } : undefined;
  if (kind !== "later" && kind !== "refused") return undefined;
  return typeof sentence === "string" ? { kind, sentence } : undefined;
}

function parseObject(frame: Uint8Array | string): Readonly<Record<string, unknown>> | undefined {
  if (typeof frame !== "string" || frame.length > joinFrameCharactersMax) return undefined;
  try {
    const value: unknown = JSON.parse(frame);
    return isMap(value) ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
