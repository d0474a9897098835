// cluster-leader.ts — waits until the nodes of a fresh cluster name a leader. Only looks.
import { viewCluster } from "../rogerctl/cluster-view.ts";
import { httpUrl } from "../rogerctl/endpoints.ts";
import { type NodeView, readNodeView } from "../rogerctl/node-view.ts";
import { parseObject } from "../rogerctl/wire-value.ts";
import type { Surroundings } from "./surroundings.ts";

const pauseMs = 100;
const askMsMax = 1_000;

/** Undefined once it is not wanted any more. */
export async function waitForLeader(
  surroundings: Surroundings,
  search: { readonly endpoints: readonly string[]; readonly isWanted: () => boolean },
): Promise<string | undefined> {
  while (search.isWanted()) {
    const views = await Promise.all(
      search.endpoints.map((endpoint) => ask(surroundings, endpoint)),
    );
    const { leader } = viewCluster(views.filter((view) => view !== undefined)).status;
    if (leader !== null) return leader;
    await surroundings.sleep(pauseMs);
  }
  return undefined;
}

async function ask(surroundings: Surroundings, endpoint: string): Promise<NodeView | undefined> {
  const credential = surroundings.environment["ROGERD_CREDENTIAL"];
  const outcome = await surroundings.exchange({
    method: "GET",
    url: httpUrl(endpoint, "/status"),
    headers: credential === undefined ? {} : { authorization: `Bearer ${credential}` },
    body: undefined,
    timeoutMs: askMsMax,
  });
  if (outcome.kind !== "response" || outcome.status !== 200) return undefined;
  const body = parseObject(outcome.body);
  return body === undefined ? undefined : readNodeView(body);
}
