// transfer-leader.ts — `transfer-leader`: another node is to lead, the one named or the one furthest ahead.
// One that the cluster declines is exit 3. Sent once: it carries no number, and a second transfer would not
// be the same one.

import { callCluster } from "./call.ts";
import { type CommandForm, optionText } from "./command-form.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import { callersOf, explain, type Invocation, unreadable } from "./invocation.ts";
import { print } from "./print.ts";
import { textAt } from "./wire-value.ts";

export async function transferLeader(
  invocation: Invocation,
  asked: { readonly to: string | undefined },
): Promise<ExitCode> {
  const outcome = await callCluster(callersOf(invocation), {
    path: "/v1/admin/transfer-leader",
    body: asked.to === undefined ? {} : { to: asked.to },
    repetition: "once",
  });
  if (outcome.kind === "refused" && outcome.error.code === "unavailable") {
    invocation.surroundings.say(`rogerctl: ${outcome.error.message}`);
    return exitCodes.no;
  }
  if (outcome.kind !== "answered") return explain(invocation, outcome);
  const previous = textAt(outcome.body, "previous");
  const leader = textAt(outcome.body, "leader");
  if (previous === undefined || leader === undefined)
    return unreadable(invocation, "transfer-leader").exitCode;
  print(invocation, {
    json: { previous, leader },
    text: () =>
      previous === leader
        ? `${leader} leads already\n`
        : `${leader} leads now, before it was ${previous}\n`,
  });
  return exitCodes.done;
}

export const transferLeaderCommand: CommandForm = {
  words: ["transfer-leader"],
  summary: "hand leadership over to another node",
  options: [
    { flags: "--to <name>", description: "to this node (default: the one furthest ahead)" },
  ],
  examples: ["rogerctl transfer-leader", "rogerctl transfer-leader --to n2"],
  scope: "cluster",
  run: (invocation, given) => transferLeader(invocation, { to: optionText(given, "to") }),
};
