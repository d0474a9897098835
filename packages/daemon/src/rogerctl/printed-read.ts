// printed-read.ts — how a command that reads shows what it was told. With `--stale` the answer need not be
// the newest: which state it shows, and who answered, is said with it, in JSON as fields, else on stderr.
import type { OptionForm } from "./command-form.ts";
import type { Invocation } from "./invocation.ts";
import { print } from "./print.ts";
import type { WireObject } from "./wire-value.ts";

/** Given in the forms of the commands that understand it. */
export const staleOption: OptionForm = {
  flags: "--stale",
  description:
    "take what any of the endpoints has, though it need not be the newest; works without a leader",
};

export function printRead(
  invocation: Invocation,
  read: { readonly revision: number; readonly json: WireObject; readonly text: () => string },
): void {
  const { revision, json, text } = read;
  if (invocation.reading === "newest") return print(invocation, { json, text });
  const answeredBy = invocation.lastAnswer.endpoint ?? null;
  print(invocation, { json: { ...json, stale: true, answeredBy }, text });
  if (invocation.output === "json") return;
  const who = answeredBy ?? "an unknown node";
  invocation.surroundings.say(`as of revision ${revision} at ${who}, which need not be the newest`);
}
