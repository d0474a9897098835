// version.ts — `version`: this command line's, and that of each daemon that answers.
// A daemon that does not answer is shown, and is no failure: what was asked for is known.

import { headersWith } from "./call.ts";
import type { CommandForm } from "./command-form.ts";
import { type Endpoint, httpUrl } from "./endpoints.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import type { Invocation } from "./invocation.ts";
import { print, renderTable } from "./print.ts";
import { numberAt, parseObject, textAt } from "./wire-value.ts";

/** A daemon that takes longer is busy with worse things. */
const versionMsMax = 2_000;

export async function version(invocation: Invocation): Promise<ExitCode> {
  const { surroundings, endpoints } = invocation;
  const daemons = await Promise.all(endpoints.map((endpoint) => ask(invocation, endpoint)));
  print(invocation, {
    json: { rogerctl: surroundings.version, node: surroundings.nodeVersion, daemons },
    text: () =>
      `rogerctl ${surroundings.version} on Node ${surroundings.nodeVersion}\n${renderTable({
        head: ["DAEMON", "VERSION", "PROTOCOL"],
        rows: daemons.map((daemon) => [
          daemon.endpoint,
          daemon.reachable ? daemon.version : "does not answer",
          daemon.protocol,
        ]),
      })}`,
  });
  return exitCodes.done;
}

interface DaemonVersion {
  readonly endpoint: Endpoint;
  readonly reachable: boolean;
  readonly version: string | null;
  readonly protocol: number | null;
}

async function ask(invocation: Invocation, endpoint: Endpoint): Promise<DaemonVersion> {
  const outcome = await invocation.surroundings.exchange({
    method: "GET",
    url: httpUrl(endpoint, "/version"),
    headers: headersWith(invocation.credential),
    body: undefined,
    timeoutMs: Math.min(invocation.timeoutMs, versionMsMax),
  });
  const body =
    outcome.kind === "response" && outcome.status === 200 ? parseObject(outcome.body) : undefined;
  if (body === undefined) return { endpoint, reachable: false, version: null, protocol: null };
  return {
    endpoint,
    reachable: true,
    version: textAt(body, "version") ?? null,
    protocol: numberAt(body, "protocol") ?? null,
  };
}

export const versionCommand: CommandForm = {
  words: ["version"],
  summary: "show the versions of this command line and of the daemons",
  options: [],
  examples: ["rogerctl version", "rogerctl version -o json"],
  scope: "cluster",
  run: (invocation) => version(invocation),
};
