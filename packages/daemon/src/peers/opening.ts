// opening.ts — the first frame of a connection, from either side: a hello, a refusal, or neither.
// A frame of another protocol version is told apart from garbage, so that the operator reads why.
import { nodeId } from "@rogerd/raft";
import { MalformedError } from "../flat-codec.ts";
import { decodePeerFrame, versionOf } from "./peer-codec.ts";
import { type PeerHello, type PeerRefusal, peerProtocolVersion } from "./peer-hello.ts";

export type Opening =
  | { readonly kind: "hello"; readonly hello: PeerHello }
  | { readonly kind: "refusal"; readonly refusal: PeerRefusal }
  | { readonly kind: "unread"; readonly refusal: PeerRefusal };

export const outOfPlace: PeerRefusal = {
  code: "malformed",
  sentence: "what it sent is no frame of ours, or came out of place",
};

/** Neither kind of frame names a sender, so any will do. */
const nobody = nodeId("0".repeat(32));

export function readOpening(bytes: Uint8Array | string): Opening {
  if (typeof bytes === "string") return { kind: "unread", refusal: outOfPlace };
  const version = versionOf(bytes);
  if (version !== peerProtocolVersion) {
    const sentence = `it speaks peer protocol ${version ?? "none"}, here ${peerProtocolVersion} is spoken: run the same rogerd everywhere`;
    return { kind: "unread", refusal: { code: "version", sentence } };
  }
  try {
    const frame = decodePeerFrame(bytes, { from: nobody, to: nobody });
    if (frame.kind === "hello" || frame.kind === "refusal") return frame;
    return { kind: "unread", refusal: outOfPlace };
  } catch (error) {
    if (error instanceof MalformedError) return { kind: "unread", refusal: outOfPlace };
    throw error;
  }
}
