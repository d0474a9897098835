// command-line.ts — argv → command → exit code. Knows the options of all commands and how help looks;
// what a command is stands in its own file. Wrong use is exit 2, a wrong environment 78.
import { Argument, Command, CommanderError, Option } from "commander";
import { backupCommand } from "./backup.ts";
import { LastAnswer } from "./call.ts";
import { cancelCommand } from "./cancel.ts";
import { cancelledCommand } from "./cancelled.ts";
import type { CommandForm, Given } from "./command-form.ts";
import { parseDuration } from "./duration.ts";
import { defaultEndpoints, parseEndpoints } from "./endpoints.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import type { Invocation } from "./invocation.ts";
import { keysCommand } from "./keys.ts";
import { memberAddCommand } from "./member-add.ts";
import { memberPromoteCommand } from "./member-promote.ts";
import { memberRemoveCommand } from "./member-remove.ts";
import { memberReplaceCommand } from "./member-replace.ts";
import { memberUpdateCommand } from "./member-update.ts";
import { membersCommand } from "./members.ts";
import { partitionDropCommand } from "./partition-drop.ts";
import { partitionListCommand } from "./partition-list.ts";
import { partitionStartCommand } from "./partition-start.ts";
import { partitionStopCommand } from "./partition-stop.ts";
import { partitionUpdateCommand } from "./partition-update.ts";
import { pauseCommand } from "./pause.ts";
import { pausedCommand } from "./paused.ts";
import { releaseCommand } from "./release.ts";
import { restoreCommand } from "./restore.ts";
import { resumeCommand } from "./resume.ts";
import { rulesCommand } from "./rules.ts";
import { runsCommand } from "./runs.ts";
import { sessionsCommand } from "./sessions.ts";
import { statusCommand } from "./status.ts";
import type { Surroundings } from "./surroundings.ts";
import { transferLeaderCommand } from "./transfer-leader.ts";
import { uncancelCommand } from "./uncancel.ts";
import { versionCommand } from "./version.ts";
import { visible } from "./visible.ts";
import { watchCommand } from "./watch.ts";
import { whyJobCommand, whyKeyCommand } from "./why.ts";

const commandForms: readonly CommandForm[] = [
  statusCommand,
  membersCommand,
  memberAddCommand,
  memberPromoteCommand,
  memberRemoveCommand,
  memberReplaceCommand,
  memberUpdateCommand,
  transferLeaderCommand,
  partitionListCommand,
  partitionStartCommand,
  partitionStopCommand,
  partitionUpdateCommand,
  partitionDropCommand,
  cancelCommand,
  cancelledCommand,
  uncancelCommand,
  rulesCommand,
  pauseCommand,
  resumeCommand,
  pausedCommand,
  keysCommand,
  runsCommand,
  sessionsCommand,
  whyJobCommand,
  whyKeyCommand,
  watchCommand,
  releaseCommand,
  backupCommand,
  restoreCommand,
  versionCommand,
];

const groupSummaries: Readonly<Record<string, string>> = {
  why: "what keeps a job from running, or a key from being free",
};

/** Answers to requests are kept for ten minutes (SEMANTICS §6): past that a repeat could be a second one. */
const timeoutMsMax = 5 * 60_000;

const exitCodesHelp = `
Exit codes:
  0 done   1 failed   2 wrong use   3 not found, or the answer is "no"   4 not allowed
  69 cluster unavailable   75 outcome not known   78 wrong environment variable
`;

/** `args` is what follows the program's name. */
export async function runRogerctl(
  args: readonly string[],
  surroundings: Surroundings,
): Promise<ExitCode> {
  let exitCode: ExitCode = exitCodes.done;
  const program = buildProgram(surroundings, (ended) => {
    exitCode = ended;
  });
  try {
    await program.parseAsync(args, { from: "user" });
    return exitCode;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
  }
}

function buildProgram(surroundings: Surroundings, ended: (exitCode: ExitCode) => void): Command {
  const program = prepared(new Command("rogerctl"), surroundings)
    .description("Look at a rogerd cluster, and tell it what to do.")
    .helpCommand(false)
    .version(surroundings.version, "-V, --version", "the version of this command line")
    .addHelpText("after", exitCodesHelp);
  for (const option of commonOptions(surroundings)) program.addOption(option);
  const groups = new Map<string, Command>();
  for (const form of commandForms) {
    const [first, second] = form.words;
    if (second === undefined) {
      addCommand(program, { form, name: first, surroundings, ended });
      continue;
    }
    const group = groups.get(first) ?? addGroup(program, { name: first, surroundings });
    groups.set(first, group);
    addCommand(group, { form, name: second, surroundings, ended });
  }
  return program;
}

function prepared(command: Command, surroundings: Surroundings): Command {
  return command
    .exitOverride()
    .showHelpAfterError("(--help shows how)")
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => surroundings.out(text),
      writeErr: (text) => surroundings.say(text.replace(/^error: /, "rogerctl: ").trimEnd()),
    });
}

function commonOptions(surroundings: Surroundings): readonly Option[] {
  return [
    new Option(
      "--endpoints <list>",
      "where the daemons are, as host:port or ws://host:port, with commas",
    )
      .env("ROGERCTL_ENDPOINTS")
      .default(defaultEndpoints),
    new Option("--partition <name>", "the partition that the command is about"),
    new Option("--credential <text>", "what the daemons want to see").env("ROGERCTL_CREDENTIAL"),
    new Option("--timeout <duration>", "how long to try, as 500ms, 10s or 2m").default("10s"),
    new Option("-o, --output <form>", "for people or for programs")
      .choices(["table", "json"])
      .default("table"),
    new Option("--by <who>", "who asks, for the record").default(surroundings.operator),
  ];
}

function addGroup(
  program: Command,
  { name, surroundings }: { readonly name: string; readonly surroundings: Surroundings },
): Command {
  const group = prepared(new Command(name), surroundings)
    .description(groupSummaries[name] ?? `commands about a ${name}`)
    .helpCommand(false);
  program.addCommand(group);
  return group;
}

interface Added {
  readonly form: CommandForm;
  readonly name: string;
  readonly surroundings: Surroundings;
  readonly ended: (exitCode: ExitCode) => void;
}

function addCommand(parent: Command, { form, name, surroundings, ended }: Added): void {
  const command = prepared(new Command(name), surroundings)
    .description(form.summary)
    .addHelpText(
      "after",
      `\nExamples:\n${form.examples.map((example) => `  $ ${example}\n`).join("")}`,
    );
  if (form.argument !== undefined)
    command.addArgument(new Argument(form.argument.form, form.argument.description));
  for (const { flags, description, choices, isRepeated } of form.options) {
    const option = new Option(flags, description);
    if (isRepeated === true) option.argParser(joinedWithCommas);
    command.addOption(choices === undefined ? option : option.choices(choices));
  }
  command.action(async () => {
    ended(await run({ form, command, surroundings }));
  });
  parent.addCommand(command);
}

function joinedWithCommas(value: string, before: unknown): string {
  return typeof before === "string" ? `${before},${value}` : value;
}

async function run(asked: {
  readonly form: CommandForm;
  readonly command: Command;
  readonly surroundings: Surroundings;
}): Promise<ExitCode> {
  const { form, command, surroundings } = asked;
  const read = readInvocation(command, surroundings);
  if (read.kind === "wrong") {
    surroundings.say(`rogerctl: ${read.sentence}`);
    return read.exitCode;
  }
  const given: Given = { arguments: command.args, options: ownOptions(command) };
  const reading = given.options.has("stale") ? "stale" : "newest";
  const invocation: Invocation = { ...read.invocation, reading };
  if (form.scope === "cluster") return form.run(invocation, given);
  const named = form.words[0] === "partition" ? command.args[0] : undefined;
  const partition = named ?? invocation.partition;
  if (named !== undefined && (invocation.partition ?? named) !== named) {
    surroundings.say(
      `rogerctl: ${form.words.join(" ")} is about one partition: ${named}, or --partition ${invocation.partition}?`,
    );
    return exitCodes.usage;
  }
  if (partition === undefined) {
    surroundings.say(`rogerctl: ${form.words.join(" ")} needs --partition NAME`);
    return exitCodes.usage;
  }
  return form.run(invocation, { ...given, partition });
}

function ownOptions(command: Command): ReadonlyMap<string, string | true> {
  const given = new Map<string, string | true>();
  for (const option of command.options) {
    const value: unknown = command.getOptionValue(option.attributeName());
    if (typeof value === "string" || value === true) given.set(option.name(), value);
  }
  return given;
}

type ReadInvocation =
  | { readonly kind: "invocation"; readonly invocation: Invocation }
  | { readonly kind: "wrong"; readonly sentence: string; readonly exitCode: ExitCode };

function readInvocation(command: Command, surroundings: Surroundings): ReadInvocation {
  const common = rootOf(command);
  const text = (name: string): string | undefined => {
    const value: unknown = common.getOptionValue(name);
    return typeof value === "string" ? value : undefined;
  };
  const endpoints = parseEndpoints(text("endpoints") ?? "");
  if (endpoints.kind === "invalid") {
    const isFromEnvironment = common.getOptionValueSource("endpoints") === "env";
    return {
      kind: "wrong",
      sentence: `${isFromEnvironment ? "ROGERCTL_ENDPOINTS" : "--endpoints"}: ${endpoints.reason}`,
      exitCode: isFromEnvironment ? exitCodes.settings : exitCodes.usage,
    };
  }
  const timeout = text("timeout") ?? "";
  const timeoutMs = parseDuration(timeout);
  if (timeoutMs === undefined || timeoutMs > timeoutMsMax) {
    const sentence = `--timeout takes a duration up to 5m, as 500ms, 10s or 2m, not "${timeout}"`;
    return { kind: "wrong", sentence, exitCode: exitCodes.usage };
  }
  const by = text("by") ?? surroundings.operator;
  if (by.trim() === "") {
    const sentence = "--by takes who asks, not an empty text";
    return { kind: "wrong", sentence, exitCode: exitCodes.usage };
  }
  const invocation: Invocation = {
    surroundings: { ...surroundings, say: (line) => surroundings.say(visible(line)) },
    endpoints: endpoints.endpoints,
    lastAnswer: new LastAnswer(),
    credential: text("credential"),
    timeoutMs,
    deadline: surroundings.monotonicNow() + timeoutMs,
    output: text("output") === "json" ? "json" : "table",
    reading: "newest",
    partition: text("partition"),
    by,
  };
  return { kind: "invocation", invocation };
}

function rootOf(command: Command): Command {
  return command.parent === null ? command : rootOf(command.parent);
}
