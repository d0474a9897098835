// status.ts — `status`: asks every endpoint, and every member they name, at once, and prints what answers.
// Needs no leader to print; exits 0 with one, 69 without, and 1 where those who answer are not of one cluster.
import { headersWith } from "./call.ts";
import {
  type ClusterStatus,
  type MemberStatus,
  type Stranger,
  viewCluster,
} from "./cluster-view.ts";
import type { CommandForm } from "./command-form.ts";
import { type Endpoint, httpUrl, parseEndpoint } from "./endpoints.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import type { Invocation } from "./invocation.ts";
import { type NodeView, readNodeView } from "./node-view.ts";
import { type Cell, counted, print, renderTable } from "./print.ts";
import { objectAt, parseObject, textAt } from "./wire-value.ts";

/** One frozen node must not hold up the picture of the others. */
const askMsMax = 3_000;

export async function status(
  invocation: Invocation,
  asked: { readonly stateHash: "last" | "now" },
): Promise<ExitCode> {
  const { surroundings } = invocation;
  const answers = await askEverybody(
    invocation,
    asked.stateHash === "now" ? "/status?hash=now" : "/status",
  );
  const refused = answers.find((answer) => answer.kind === "not-allowed");
  if (refused?.kind === "not-allowed") {
    surroundings.say(`rogerctl: ${refused.reason}; give --credential or set ROGERCTL_CREDENTIAL`);
    return exitCodes.notAllowed;
  }
  for (const answer of answers) if (answer.kind !== "view") surroundings.say(answer.reason);
  const {
    status: cluster,
    strangers,
    remarks,
  } = viewCluster(answers.flatMap((answer) => (answer.kind === "view" ? [answer.view] : [])));
  for (const remark of remarks) surroundings.say(remark);
  print(invocation, { json: cluster, text: () => textOf(invocation, cluster) });
  if (strangers.length > 0) {
    surroundings.say(`rogerctl: ${notOneCluster(cluster, strangers)}`);
    return exitCodes.failed;
  }
  if (cluster.leader !== null) return exitCodes.done;
  const isWaiting = answers.some((answer) => answer.kind === "waiting");
  surroundings.say(`rogerctl: ${whyNoLeader(cluster, isWaiting ? "waiting" : "silent")}`);
  return exitCodes.unavailable;
}

/** A command would go to either of them: which one is chance. */
function notOneCluster({ clusterId }: ClusterStatus, strangers: readonly Stranger[]): string {
  const others = strangers.map((node) => `node ${node.name} belongs to ${node.clusterId}`);
  return `the nodes that were asked are not of one cluster: shown is ${clusterId}, but ${others.join(", ")}; name nodes of one cluster only in --endpoints`;
}

function whyNoLeader(cluster: ClusterStatus, others: "waiting" | "silent"): string {
  if (cluster.members.length > 0)
    return "no leader is known; a majority of the voters must be running and reach each other";
  return others === "waiting"
    ? "the cluster is not formed yet; all its founders must be running and reach each other"
    : "no endpoint answers; are the daemons running, and is --endpoints right?";
}

type StatusAnswer =
  | { readonly kind: "view"; readonly view: NodeView }
  | { readonly kind: "silent"; readonly reason: string }
  /** A rogerd that serves nothing yet, and says why. */
  | { readonly kind: "waiting"; readonly reason: string }
  | { readonly kind: "not-allowed"; readonly reason: string };

/** In waves: whom the first answers name and who was not asked yet is asked next. */
async function askEverybody(
  invocation: Invocation,
  path: string,
): Promise<readonly StatusAnswer[]> {
  const asked = new Set<Endpoint>();
  const answers: StatusAnswer[] = [];
  let wave: readonly Endpoint[] = invocation.endpoints;
  while (wave.length > 0) {
    for (const endpoint of wave) asked.add(endpoint);
    const heard = await Promise.all(wave.map((endpoint) => ask(invocation, { endpoint, path })));
    answers.push(...heard);
    wave = [...new Set(heard.flatMap(namedIn))].filter((endpoint) => !asked.has(endpoint));
  }
  return withoutRepeats(answers);
}

function namedIn(answer: StatusAnswer): readonly Endpoint[] {
  if (answer.kind !== "view") return [];
  return answer.view.members
    .map((member) => parseEndpoint(member.clientUrl))
    .filter((found) => found !== undefined);
}

/** One node can be reached under two addresses. */
function withoutRepeats(answers: readonly StatusAnswer[]): readonly StatusAnswer[] {
  const seen = new Set<string>();
  return answers.filter((answer) => {
    if (answer.kind !== "view") return true;
    const node = `${answer.view.clusterId ?? ""} ${answer.view.id}`;
    if (seen.has(node)) return false;
    seen.add(node);
    return true;
  });
}

async function ask(
  invocation: Invocation,
  { endpoint, path }: { readonly endpoint: Endpoint; readonly path: string },
): Promise<StatusAnswer> {
  const outcome = await invocation.surroundings.exchange({
    method: "GET",
    url: httpUrl(endpoint, path),
    headers: headersWith(invocation.credential),
    body: undefined,
    timeoutMs: Math.min(invocation.timeoutMs, askMsMax),
  });
  if (outcome.kind !== "response")
    return { kind: "silent", reason: `${endpoint} does not answer: ${outcome.reason}` };
  const body = parseObject(outcome.body);
  const error = body === undefined ? undefined : objectAt(body, "error");
  const message = error === undefined ? undefined : textAt(error, "message");
  if (outcome.status === 401 || outcome.status === 403) {
    const reason = message ?? `HTTP status ${outcome.status}`;
    return { kind: "not-allowed", reason: `${endpoint}: ${reason}` };
  }
  if (outcome.status === 503 && message !== undefined)
    return { kind: "waiting", reason: `${endpoint}: ${message}` };
  const view = body === undefined || outcome.status !== 200 ? undefined : readNodeView(body);
  if (view === undefined)
    return { kind: "silent", reason: `${endpoint} answers, but not as rogerd does` };
  return { kind: "view", view };
}

function textOf(invocation: Invocation, cluster: ClusterStatus): string {
  if (cluster.members.length === 0) return "";
  const { emphasize } = invocation.surroundings;
  const leader =
    cluster.leader === null
      ? emphasize("no leader", "bad")
      : `leader ${emphasize(cluster.leader, "strong")}`;
  const head = [
    `cluster ${cluster.clusterId ?? "not formed yet"}`,
    leader,
    `term ${cluster.term ?? "-"}`,
    ...spareOf(invocation, cluster.canLose),
  ];
  const table = renderTable({
    head: [
      "NAME",
      "ROLE",
      "TERM",
      "LAST",
      "COMMIT",
      "APPLIED",
      "SNAPSHOT",
      "STATE HASH",
      "CLIENTS",
      "PEERS",
    ],
    rows: cluster.members.map((member) => rowOf(invocation, member)),
  });
  return `${head.join(", ")}\n\n${table}`;
}

function spareOf({ surroundings }: Invocation, canLose: number | null): readonly string[] {
  if (canLose === null) return [];
  if (canLose > 0) return [`can lose ${counted(canLose, "more voter")}`];
  const words =
    canLose === 0
      ? "can lose no more voters"
      : `writes wait for ${counted(-canLose, "more voter")} to come back`;
  return [surroundings.emphasize(words, "bad")];
}

function rowOf(invocation: Invocation, member: MemberStatus): readonly Cell[] {
  const { emphasize } = invocation.surroundings;
  const hash = member.stateHash;
  return [
    member.name,
    member.reachable ? member.role : emphasize("unreachable", "bad"),
    member.term,
    member.lastIndex,
    member.commitIndex,
    member.appliedIndex,
    member.snapshotIndex,
    hash === null ? null : `${hash.hash.slice(0, 12)}@${hash.index}`,
    member.clientUrl === null ? null : (parseEndpoint(member.clientUrl) ?? member.clientUrl),
    member.peerUrl === null ? null : (parseEndpoint(member.peerUrl) ?? member.peerUrl),
  ];
}

export const statusCommand: CommandForm = {
  words: ["status"],
  summary:
    "show who leads, who answers, how far each node is, and how many voters may still fail (canLose; below zero, as many must come back before anything is written); exit code 69 without a leader, 1 where the endpoints are of more than one cluster",
  options: [
    {
      flags: "--hash-now",
      description: "hash every node's state as it is now, instead of showing the last hash",
    },
  ],
  examples: [
    "rogerctl status",
    "rogerctl status --endpoints 10.0.0.5:7401 -o json",
    "rogerctl status --hash-now",
  ],
  scope: "cluster",
  run: (invocation, given) =>
    status(invocation, { stateHash: given.options.has("hash-now") ? "now" : "last" }),
};
