// member-change.ts — what all commands of `member` share: asked once, because a second change would not be
// the same one; a change that the cluster declines is exit 3; what takes a node out asks first.
import { callCluster } from "./call.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import { callersOf, explain, type Invocation, unreadable } from "./invocation.ts";
import { print } from "./print.ts";
import { numberAt, textAt, type WireObject } from "./wire-value.ts";

export interface MemberChange {
  readonly action: "add" | "promote" | "remove" | "replace" | "update";
  readonly body: WireObject & { readonly name: string };
  /** What to tell a person who sees it done. */
  readonly done: (answer: WireObject) => string;
}

export async function changeMember(
  invocation: Invocation,
  { action, body, done }: MemberChange,
): Promise<ExitCode> {
  const outcome = await callCluster(callersOf(invocation), {
    path: `/v1/admin/member/${action}`,
    body,
    repetition: "once",
  });
  if (outcome.kind !== "answered") return explain(invocation, outcome);
  const { changed, ...told } = outcome.body;
  const { name } = body;
  if (changed === false) {
    const reason = textAt(told, "reason") ?? "";
    const message = textAt(told, "message") ?? reason;
    invocation.surroundings.say(`rogerctl: ${message}`);
    print(invocation, { json: { changed, name, reason, message }, text: () => "" });
    return exitCodes.no;
  }
  const index = numberAt(told, "index");
  if (changed !== true || index === undefined)
    return unreadable(invocation, `member ${action}`).exitCode;
  const secret = textAt(told, "secret");
  const join = textAt(told, "join");
  const json = {
    ...{ changed, name, index },
    ...(secret === undefined ? {} : { secret }),
    ...(join === undefined ? {} : { join }),
  };
  print(invocation, { json, text: () => done(told) });
  return exitCodes.done;
}

/** Undefined: go on. */
export async function consent(
  invocation: Invocation,
  asked: { readonly means: string; readonly given: "given" | "to-be-asked" },
): Promise<ExitCode | undefined> {
  if (asked.given === "given") return undefined;
  const { surroundings } = invocation;
  const answer = await surroundings.confirm(asked.means);
  if (answer === "yes") return undefined;
  if (answer === "no-terminal") {
    surroundings.say(
      "rogerctl: there is no terminal to ask on; write --yes if that is what you want",
    );
    return exitCodes.usage;
  }
  surroundings.say("nothing was changed");
  return exitCodes.no;
}
