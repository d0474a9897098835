// probes.ts — /livez, /readyz and /version: for those who start, watch and balance nodes. Live never
// depends on other nodes; ready says which check failed and why.
import { protocolVersion } from "@rogerd/protocol";
import type { HttpResponse } from "../network.ts";
import { type Check, healthOf, type Vitals } from "../observe/health.ts";
import type { Self } from "../request/surroundings.ts";
import { jsonReply, textReply } from "./reply.ts";

/** It answers, so the loop turns: what could make it dead ends the process (DESIGN §4). */
export function livez(): HttpResponse {
  return textReply(200, ["ok"]);
}

export function readyz(vitals: Vitals, query: Readonly<Record<string, string>>): HttpResponse {
  const { isReady, checks } = healthOf(vitals);
  if (isReady && query["verbose"] === undefined) return textReply(200, ["ok"]);
  return textReply(isReady ? 200 : 503, [...checks.map(line), isReady ? "ready" : "not ready"]);
}

function line({ name, failure }: Check): string {
  return failure === undefined ? `[+]${name} ok` : `[-]${name} failed: ${failure}`;
}

export function version({ version }: Self): HttpResponse {
  return jsonReply(200, { name: "rogerd", version, protocol: protocolVersion });
}
