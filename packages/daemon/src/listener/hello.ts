// hello.ts — the first frame: is this client for this cluster, does it speak our version, may it ask?
// Decides and words the reply; the connection sends it.
import {
  agreedVersion,
  closeCodes,
  errorObject,
  type FrameProblem,
  type Hello,
  helloProblem,
  type LeaderHint,
  type NodeHint,
  type Welcome,
} from "@rogerd/protocol";
import type { Self } from "../request/surroundings.ts";
import type { Credentials } from "../session/credentials.ts";
import type { Bounds } from "./bounds.ts";

export interface Reception {
  readonly self: Self;
  readonly credentials: Credentials;
  readonly bounds: Pick<Bounds, "frameBytesMax" | "callsInFlightMax" | "retryAfterMs">;
  leader(): LeaderHint | null;
  members(): readonly NodeHint[];
}

export type Greeting =
  | { readonly kind: "welcome"; readonly welcome: Welcome }
  | { readonly kind: "refused"; readonly problem: FrameProblem };

/** WebSocket's own "try again later". */
const tryAgainLater = 1013;

export function greet(hello: Hello, reception: Reception): Greeting {
  const verdict = reception.credentials.judge(hello.credential);
  if (verdict !== "accepted") return refused(unauthenticated(verdict));
  const clusterId = reception.self.clusterId();
  if (clusterId === undefined) return refused(notFormed(reception.bounds));
  const problem = helloProblem(hello, { clusterId });
  if (problem !== undefined) return refused(problem);
  return { kind: "welcome", welcome: welcomeTo(hello, clusterId, reception) };
}

function welcomeTo(hello: Hello, clusterId: string, reception: Reception): Welcome {
  const { frameBytesMax, callsInFlightMax } = reception.bounds;
  return {
    kind: "welcome",
    protocol: agreedVersion(hello.protocol) ?? hello.protocol,
    clusterId,
    node: reception.self.name,
    leader: reception.leader(),
    members: reception.members(),
    limits: { frameBytesMax, callsInFlightMax },
  };
}

function refused(problem: FrameProblem): Greeting {
  return { kind: "refused", problem };
}

function unauthenticated(verdict: "missing" | "wrong"): FrameProblem {
  const message = `this node wants a credential: the one given is ${verdict}`;
  return {
    error: errorObject("unauthenticated", message),
    closeCode: closeCodes.unauthenticated,
  };
}

function notFormed({ retryAfterMs }: Pick<Bounds, "retryAfterMs">): FrameProblem {
  const message = "this node belongs to no cluster yet";
  return {
    error: errorObject("unavailable", message, { retryAfterMs }),
    closeCode: tryAgainLater,
  };
}
