// hand-over.ts — somebody wants another node to lead, as `rogerctl transfer-leader` says it. What that is answered
// with is not looked at: it promises nothing.
import type { Machine } from "./machine.ts";
import { clientPort } from "./options.ts";
import type { World } from "./world.ts";

/** `to` undefined: to whoever is furthest ahead. */
export function wishForLeader(
  world: World,
  wish: { readonly at: Machine; readonly to: Machine | undefined },
): void {
  const { at, to } = wish;
  const body = JSON.stringify(to === undefined ? {} : { to: to.name });
  const request = { method: "POST", path: "/v1/admin/transfer-leader", query: {}, body };
  const { host, process } = at;
  const run = (): void => void world.network.ask(host, clientPort, request);
  world.time.schedule({ afterMs: 0, process, run });
}
