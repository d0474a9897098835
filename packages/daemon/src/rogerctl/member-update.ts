// member-update.ts — `member update`: where a member is reached from now on.
import { type CommandForm, firstArgument, optionText } from "./command-form.ts";
import { usageError } from "./invocation.ts";
import { changeMember } from "./member-change.ts";

export const memberUpdateCommand: CommandForm = {
  words: ["member", "update"],
  argument: { form: "<name>", description: "a member, by name or id" },
  summary: "change the addresses of a member",
  options: [
    { flags: "--peer <host:port>", description: "where the other nodes reach it" },
    { flags: "--client <host:port>", description: "where clients reach it" },
  ],
  examples: ["rogerctl member update n2 --peer 10.0.0.7:7501 --client 10.0.0.7:7401"],
  scope: "cluster",
  run: (invocation, given) => {
    const name = firstArgument(given);
    const peer = optionText(given, "peer");
    const client = optionText(given, "client");
    if (peer === undefined && client === undefined) {
      const sentence = "member update needs --peer HOST:PORT or --client HOST:PORT";
      return Promise.resolve(usageError(invocation, sentence));
    }
    return changeMember(invocation, {
      action: "update",
      body: {
        name,
        ...(peer === undefined ? {} : { peer }),
        ...(client === undefined ? {} : { client }),
      },
      done: () => `the addresses of ${name} are changed\n`,
    });
  },
};
