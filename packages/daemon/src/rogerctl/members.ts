// members.ts — `members`: who is in the cluster, as its leader has it, and how far each is. Changes nothing.
import { callCluster } from "./call.ts";
import type { CommandForm } from "./command-form.ts";
import { parseEndpoint } from "./endpoints.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import { callersOf, explain, type Invocation, unreadable } from "./invocation.ts";
import { type Cell, print, renderTable } from "./print.ts";
import { numberAt, objectsAt, textAt, type WireObject } from "./wire-value.ts";

/** One is a restart. */
const setbacksWorthALine = 3;

interface ListedMember {
  readonly id: string;
  readonly name: string;
  /** `voter`, `learner`, or `leaving` while two sets of voters count. */
  readonly role: string;
  readonly leads: boolean;
  /** Its log equals the leader's through here. */
  readonly matchIndex: number;
  /** Entries that it lacks. */
  readonly behind: number;
  /** Null: not since this leader leads; who was invited and has not joined is never heard. */
  readonly msSinceHeard: number | null;
  /** How often in a row a snapshot for it did not get on. */
  readonly snapshotSetbacks: number;
  readonly clientUrl: string;
  readonly peerUrl: string;
}

export async function members(invocation: Invocation): Promise<ExitCode> {
  const outcome = await callCluster(callersOf(invocation), {
    path: "/v1/admin/members",
    body: {},
    repetition: "read",
  });
  if (outcome.kind !== "answered") return explain(invocation, outcome);
  const lastIndex = numberAt(outcome.body, "lastIndex");
  const { joint } = outcome.body;
  if (lastIndex === undefined || typeof joint !== "boolean")
    return unreadable(invocation, "members").exitCode;
  const listed = objectsAt(outcome.body, "members").map((from) => readMember(from, lastIndex));
  for (const { name, snapshotSetbacks } of listed) {
    if (snapshotSetbacks < setbacksWorthALine) continue;
    invocation.surroundings.say(
      `${name} needs a snapshot and did not get on with it ${snapshotSetbacks} times in a row: look at the log of ${name} and of the leader for what can't be stored or read`,
    );
  }
  if (joint) invocation.surroundings.say("a change of voters is under way");
  print(invocation, { json: { joint, lastIndex, members: listed }, text: () => table(listed) });
  return exitCodes.done;
}

function readMember(from: WireObject, lastIndex: number): ListedMember {
  const matchIndex = numberAt(from, "matchIndex") ?? 0;
  return {
    id: textAt(from, "id") ?? "",
    name: textAt(from, "name") ?? "",
    role: textAt(from, "role") ?? "",
    leads: from["leads"] === true,
    matchIndex,
    behind: Math.max(0, lastIndex - matchIndex),
    msSinceHeard: numberAt(from, "msSinceHeard") ?? null,
    snapshotSetbacks: numberAt(from, "snapshotSetbacks") ?? 0,
    clientUrl: textAt(from, "clientUrl") ?? "",
    peerUrl: textAt(from, "peerUrl") ?? "",
  };
}

function table(listed: readonly ListedMember[]): string {
  return renderTable({
    head: ["NAME", "PART", "BEHIND", "HEARD", "CLIENTS", "PEERS", "ID"],
    rows: listed.map((member): readonly Cell[] => [
      member.name,
      member.leads ? `${member.role}, leads` : member.role,
      member.behind,
      member.msSinceHeard === null ? "never" : `${member.msSinceHeard} ms ago`,
      parseEndpoint(member.clientUrl) ?? member.clientUrl,
      parseEndpoint(member.peerUrl) ?? member.peerUrl,
      member.id,
    ]),
  });
}

export const membersCommand: CommandForm = {
  words: ["members"],
  summary: "list who is in the cluster, who votes, and how far each is",
  options: [],
  examples: ["rogerctl members", "rogerctl members -o json"],
  scope: "cluster",
  run: (invocation) => members(invocation),
};
