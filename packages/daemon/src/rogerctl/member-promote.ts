// member-promote.ts — `member promote`: a learner that has the log gets a vote.
import { type CommandForm, firstArgument } from "./command-form.ts";
import { changeMember } from "./member-change.ts";

export const memberPromoteCommand: CommandForm = {
  words: ["member", "promote"],
  argument: { form: "<name>", description: "a learner" },
  summary: "give a learner that has caught up a vote",
  options: [],
  examples: ["rogerctl member promote n4"],
  scope: "cluster",
  run: (invocation, given) => {
    const name = firstArgument(given);
    return changeMember(invocation, {
      action: "promote",
      body: { name },
      done: () => `${name} votes now\n`,
    });
  },
};
