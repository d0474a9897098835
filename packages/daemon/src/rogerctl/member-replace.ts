// member-replace.ts — `member replace`: one step in which a voter goes and a learner gets its vote.
import { type CommandForm, firstArgument, optionText } from "./command-form.ts";
import { usageError } from "./invocation.ts";
import { changeMember, consent } from "./member-change.ts";

export const memberReplaceCommand: CommandForm = {
  words: ["member", "replace"],
  argument: { form: "<name>", description: "the voter that goes, by name or id" },
  summary: "put a learner that has caught up in a voter's place, in one step",
  options: [
    { flags: "--with <name>", description: "the learner that takes its place" },
    { flags: "--force", description: "also if too few of the new voters answer now" },
    { flags: "--yes", description: "do not ask" },
  ],
  examples: ["rogerctl member replace n2 --with n4", "rogerctl member replace n2 --with n4 --yes"],
  scope: "cluster",
  run: async (invocation, given) => {
    const name = firstArgument(given);
    const by = optionText(given, "with");
    if (by === undefined) return usageError(invocation, "member replace needs --with NAME");
    const refusal = await consent(invocation, {
      means: `Remove ${name} for good, and give its vote to ${by}?`,
      given: given.options.has("yes") ? "given" : "to-be-asked",
    });
    if (refusal !== undefined) return refusal;
    return changeMember(invocation, {
      action: "replace",
      body: { name, by, ...(given.options.has("force") ? { force: true } : {}) },
      done: () =>
        `${by} votes now in the place of ${name}, which is removed and ends when it hears of it\n`,
    });
  },
};
