// handshake.ts — which form of the frames, which version, and which cluster two ends agree on.
// Pure decisions for both ends; it never sends and never closes anything itself.
import { type ErrorObject, errorObject } from "./error-code.ts";
import type { Hello, Welcome } from "./frame.ts";
import { closeCodes, protocolVersion, subprotocols } from "./limits.ts";

/** Negotiated by WebSocket: MessagePack in binary messages, or JSON in text messages. */
export type Subprotocol = (typeof subprotocols)[keyof typeof subprotocols];

/** Why a connection can't go on: what to say in an `error` frame, and the code to close with. */
export interface FrameProblem {
  readonly error: ErrorObject;
  readonly closeCode: number;
}

/** The oldest version that this build still speaks. */
export const protocolVersionMin: number = 1;

/** The first of the offered subprotocols that we know, MessagePack before JSON. */
export function chooseSubprotocol(offered: Iterable<string>): Subprotocol | undefined {
  const names = new Set(offered);
  if (names.has(subprotocols.msgpack)) return subprotocols.msgpack;
  if (names.has(subprotocols.json)) return subprotocols.json;
  return undefined;
}

/** The version both ends speak: the lower of the two newest, unless it is too old for us. */
export function agreedVersion(offered: number): number | undefined {
  const version = Math.min(offered, protocolVersion);
  return version >= protocolVersionMin ? version : undefined;
}

/** The daemon's look at a hello; undefined means: welcome. Credentials are judged elsewhere. */
export function helloProblem(
  hello: Hello,
  node: { readonly clusterId: string },
): FrameProblem | undefined {
  if (agreedVersion(hello.protocol) === undefined) {
    return versionProblem(hello.protocol);
  }
  if (hello.clusterId !== undefined && hello.clusterId !== node.clusterId) {
    return otherClusterProblem({ expected: hello.clusterId, found: node.clusterId });
  }
  return undefined;
}

/** The client's look at a welcome; undefined means: go on. */
export function welcomeProblem(
  welcome: Welcome,
  client: { readonly clusterId: string | undefined },
): FrameProblem | undefined {
  if (welcome.protocol < protocolVersionMin || welcome.protocol > protocolVersion) {
    return versionProblem(welcome.protocol);
  }
  if (client.clusterId !== undefined && welcome.clusterId !== client.clusterId) {
    return otherClusterProblem({ expected: client.clusterId, found: welcome.clusterId });
  }
  return undefined;
}

function versionProblem(offered: number): FrameProblem {
  const message = `the other end speaks protocol version ${offered}; this one speaks ${protocolVersionMin} to ${protocolVersion}`;
  return {
    error: errorObject("version_mismatch", message),
    closeCode: closeCodes.versionMismatch,
  };
}

/** A client keeps the cluster of its first connection and refuses a node of another (SEMANTICS §6). */
function otherClusterProblem(ids: { expected: string; found: string }): FrameProblem {
  const message = `the client belongs to cluster ${ids.expected}, the node to cluster ${ids.found}`;
  return { error: errorObject("forbidden", message), closeCode: closeCodes.otherCluster };
}
