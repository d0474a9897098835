// command-line.ts — argv → command → exit code, for rogerd. Knows the words and their help; does nothing.
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import {
  environmentVariableOf,
  flagOf,
  type SettingName,
  settingForms,
  settingGroups,
} from "../settings/setting-forms.ts";
import { runCluster } from "./cluster.ts";
import { shownDefault } from "./default-texts.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import { inspect } from "./inspect.ts";
import { type RecoveryWay, recover, recoveryWays } from "./recover.ts";
import type { Surroundings } from "./surroundings.ts";
import { version } from "./version.ts";

const exitCodesHelp = `
Exit codes:
  0 stopped by a signal   1 a bug; of recover: nothing to recover   2 wrong use   65 data damaged
  69 port or folder taken   74 a write to disk failed   78 settings
`;

type Run = (surroundings: Surroundings) => Promise<ExitCode> | ExitCode;

/** `args` is what follows the program's name. */
export async function runRogerd(
  args: readonly string[],
  surroundings: Surroundings,
): Promise<ExitCode> {
  let run: Run | undefined;
  const program = prepared(new Command("rogerd"), surroundings)
    .description("Keeps the global state of job queues: replicated, durable, owned.")
    .helpCommand(false)
    .addHelpText("after", exitCodesHelp);
  const chosen = (wanted: Run): void => {
    run = wanted;
  };
  const commands = [serveCommand, clusterCommand, inspectCommand, recoverCommand, versionCommand];
  for (const command of commands) program.addCommand(prepared(command(chosen), surroundings));
  try {
    await program.parseAsync(args, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? exitCodes.stopped : exitCodes.usage;
  }
  return run === undefined ? exitCodes.usage : run(surroundings);
}

function prepared(command: Command, surroundings: Surroundings): Command {
  return command
    .exitOverride()
    .showHelpAfterError("(--help shows how)")
    .configureOutput({
      writeOut: (text) => surroundings.out(text),
      writeErr: (text) => surroundings.say(text.replace(/^error: /, "rogerd: ").trimEnd()),
    });
}

function examples(lines: readonly string[]): string {
  return `\nExamples:\n${lines.map((line) => `  $ ${line}\n`).join("")}`;
}

function serveCommand(chosen: (run: Run) => void): Command {
  const command = new Command("serve")
    .description("run one node of a cluster")
    .addOption(
      new Option("--config <file>", "settings as YAML, by the names of the flags")
        .env("ROGERD_CONFIG")
        .helpGroup("Settings file:"),
    )
    .addHelpText(
      "after",
      `
Each setting is taken from its flag, or else its environment variable, or else the file.
Without --founders this node is a cluster of one.
${examples([
  "rogerd serve --data-dir /var/lib/rogerd",
  "rogerd serve --name n1 --founders n1=10.0.0.1:7501,n2=10.0.0.2:7501,n3=10.0.0.3:7501 --config /etc/rogerd.yaml",
])}`,
    );
  for (const group of settingGroups) {
    for (const form of settingForms) if (form.group === group) addSetting(command, form.name);
  }
  return command.action(() => {
    const config: unknown = command.getOptionValue("config");
    const isFlag = command.getOptionValueSource("config") === "cli";
    const configFile = isFlag && typeof config === "string" ? config : undefined;
    const flags = flagsOf(command);
    chosen(async (surroundings) => {
      // With it comes the whole daemon, which no other command needs.
      const { serve } = await import("./serve.ts");
      return serve(surroundings, { flags, configFile });
    });
  });
}

function addSetting(command: Command, name: SettingName): void {
  const form = settingForms.find((each) => each.name === name);
  if (form === undefined || form.places === "not-as-flag") return;
  const standard = shownDefault(name);
  const description =
    standard === undefined ? form.description : `${form.description} (default: ${standard})`;
  const flag = form.value === "switch" ? flagOf(name) : `${flagOf(name)} ${form.value}`;
  const option = new Option(flag, description)
    .env(environmentVariableOf(name))
    .helpGroup(`${form.group}:`);
  if (form.value === "<list>") {
    option.argParser<readonly string[]>((value, earlier) => [
      ...(Array.isArray(earlier) ? earlier : []),
      value,
    ]);
  }
  command.addOption(option);
}

/** Only what was written as a flag: load-settings.ts reads the environment itself. */
function flagsOf(command: Command): ReadonlyMap<SettingName, unknown> {
  const flags = new Map<SettingName, unknown>();
  for (const { name } of settingForms) {
    const option = command.options.find((each) => each.name() === name);
    if (option === undefined || command.getOptionValueSource(option.attributeName()) !== "cli")
      continue;
    flags.set(name, command.getOptionValue(option.attributeName()));
  }
  return flags;
}

const nodesMax = 9;
const basePortMax = 65_535 - 100 - nodesMax;

function clusterCommand(chosen: (run: Run) => void): Command {
  const command = new Command("cluster")
    .description("run a whole cluster on this machine, for trying things out")
    .addOption(
      new Option("--nodes <count>", "how many nodes")
        .argParser(wholeNumber(1, nodesMax))
        .default(3),
    )
    .option("--data-dir <folder>", "where the nodes keep their data", ".rogerd")
    .addOption(
      new Option("--base-port <port>", "clients of node i: this + i, peers: this + 100 + i")
        .argParser(wholeNumber(1_023, basePortMax))
        .default(7400),
    )
    .option("--log-level <level>", "what the nodes tell (default: ROGERD_LOG_LEVEL, or warn)")
    .addHelpText(
      "after",
      `\nOther settings reach the nodes through the environment, as rogerd serve --help names them.\n${examples(
        [
          "rogerd cluster --nodes 3 --data-dir .rogerd --base-port 7400",
          "rogerd cluster --nodes 5 --data-dir /tmp/five --base-port 8400",
        ],
      )}`,
    );
  return command.action(() => {
    const nodes = numberOption(command, "nodes");
    const basePort = numberOption(command, "basePort");
    const dataDir = textOption(command, "dataDir") ?? ".rogerd";
    const logLevel = textOption(command, "logLevel");
    chosen((surroundings) => runCluster(surroundings, { nodes, basePort, dataDir, logLevel }));
  });
}

function wholeNumber(atLeast: number, atMost: number): (text: string) => number {
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (value >= atLeast && value <= atMost) return value;
    throw new InvalidArgumentError(`It takes a whole number from ${atLeast} to ${atMost}.`);
  };
}

function numberOption(command: Command, name: string): number {
  const value: unknown = command.getOptionValue(name);
  return typeof value === "number" ? value : Number.NaN;
}

function textOption(command: Command, name: string): string | undefined {
  const value: unknown = command.getOptionValue(name);
  return typeof value === "string" ? value : undefined;
}

function inspectCommand(chosen: (run: Run) => void): Command {
  const command = new Command("inspect")
    .description("print a data folder in words; changes nothing")
    .argument("<folder>", "what --data-dir of its node names")
    .addHelpText(
      "after",
      examples(["rogerd inspect .rogerd/n1", "rogerd inspect .rogerd/n1 | less"]),
    );
  return command.action(() => {
    const directory = command.args[0] ?? "";
    chosen((surroundings) => inspect(surroundings, { directory }));
  });
}

function recoverCommand(chosen: (run: Run) => void): Command {
  const command = new Command("recover")
    .description("make a data folder usable again, at a price that is named first")
    .argument("<folder>", "what --data-dir of its node names")
    .addOption(
      new Option("--rejoin", "set the data aside and come back as a new node").conflicts([
        "acceptTailLoss",
        "forceNewCluster",
      ]),
    )
    .addOption(
      new Option(
        "--accept-tail-loss",
        "cut the log at the damage; only for a cluster of one",
      ).conflicts("forceNewCluster"),
    )
    .option(
      "--force-new-cluster",
      "a majority is lost for good: begin a new cluster with this node",
    )
    .option("--yes", "do not ask")
    .addHelpText(
      "after",
      examples([
        "rogerd recover .rogerd/n2 --rejoin",
        "rogerd recover /var/lib/rogerd --accept-tail-loss --yes",
        "rogerd recover /var/lib/rogerd --force-new-cluster",
      ]),
    );
  return command.action(() => {
    const directory = command.args[0] ?? "";
    const way = recoveryWays.find((each) => command.getOptionValue(optionOf[each]) === true);
    if (way === undefined) {
      return command.error(
        "error: recover needs --rejoin, --accept-tail-loss or --force-new-cluster",
      );
    }
    const consent = command.getOptionValue("yes") === true ? "given" : "to-be-asked";
    return chosen((surroundings) => recover(surroundings, { directory, way, consent }));
  });
}

const optionOf = {
  rejoin: "rejoin",
  "accept-tail-loss": "acceptTailLoss",
  "force-new-cluster": "forceNewCluster",
} as const satisfies Record<RecoveryWay, string>;

function versionCommand(chosen: (run: Run) => void): Command {
  return new Command("version")
    .description("print the version")
    .addHelpText("after", examples(["rogerd version"]))
    .action(() => chosen(version));
}
