// member-remove.ts — `member remove`: a node leaves for good; its id never comes back.
import { type CommandForm, firstArgument } from "./command-form.ts";
import { changeMember, consent } from "./member-change.ts";

export const memberRemoveCommand: CommandForm = {
  words: ["member", "remove"],
  argument: { form: "<name>", description: "a member, by name or id" },
  summary: "take a node out of the cluster for good",
  options: [
    { flags: "--force", description: "also if too few of the remaining voters answer now" },
    { flags: "--yes", description: "do not ask" },
  ],
  examples: ["rogerctl member remove n2", "rogerctl member remove n2 --yes"],
  scope: "cluster",
  run: async (invocation, given) => {
    const name = firstArgument(given);
    const refusal = await consent(invocation, {
      means: `Remove ${name} for good? Its data directory can't come back.`,
      given: given.options.has("yes") ? "given" : "to-be-asked",
    });
    if (refusal !== undefined) return refusal;
    return changeMember(invocation, {
      action: "remove",
      body: { name, ...(given.options.has("force") ? { force: true } : {}) },
      done: () =>
        `${name} is removed; it ends when it hears of it, and its data is of no more use\n`,
    });
  },
};
