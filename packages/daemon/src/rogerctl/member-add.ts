// member-add.ts — `member add`: a place for a node that is still to come, and the secret that lets it in.
import type { CommandForm } from "./command-form.ts";
import { firstArgument, optionText } from "./command-form.ts";
import type { ExitCode } from "./exit-codes.ts";
import { type Invocation, usageError } from "./invocation.ts";
import { changeMember } from "./member-change.ts";
import { textAt } from "./wire-value.ts";

export async function addMember(
  invocation: Invocation,
  asked: {
    readonly name: string;
    readonly peer: string | undefined;
    readonly client: string | undefined;
  },
): Promise<ExitCode> {
  const { client, name, peer } = asked;
  if (peer === undefined || client === undefined)
    return usageError(invocation, "member add needs --peer HOST:PORT and --client HOST:PORT");
  return changeMember(invocation, {
    action: "add",
    body: { name, peer, client },
    done: (answer) => `${name} may join, once, with this secret:

  ${textAt(answer, "secret") ?? ""}

Write it to a file on the machine of ${name}, and start the node there, without --founders and with the secrets that all nodes have:

  rogerd serve --name ${name} --data-dir DIR --listen-peer ${peer} --listen-client ${client} --join ${textAt(answer, "join") ?? "PEER"} --join-secret-file FILE

DIR is empty, or was made new by rogerd recover --rejoin. Once it has the log (rogerctl members):

  rogerctl member promote ${name}
`,
  });
}

export const memberAddCommand: CommandForm = {
  words: ["member", "add"],
  argument: { form: "<name>", description: "the name of the new node" },
  summary: "let a new node in, as a learner; prints the secret that it joins with",
  options: [
    { flags: "--peer <host:port>", description: "where the other nodes reach it" },
    { flags: "--client <host:port>", description: "where clients reach it" },
  ],
  examples: ["rogerctl member add n4 --peer 10.0.0.4:7501 --client 10.0.0.4:7401"],
  scope: "cluster",
  run: (invocation, given) =>
    addMember(invocation, {
      name: firstArgument(given),
      peer: optionText(given, "peer"),
      client: optionText(given, "client"),
    }),
};
