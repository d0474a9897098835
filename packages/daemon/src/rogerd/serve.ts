// serve.ts — `rogerd serve`: settings → daemon → exit code. Loads, starts, and stops in order when it is
// wished; what a daemon is, and in which order its parts come and go, is daemon.ts.
import { type Daemon, DaemonFailedError, type DaemonParts, type Failure } from "../daemon.ts";
import { type LoadedSettings, loadSettings } from "../settings/load-settings.ts";
import type { SettingName } from "../settings/setting-forms.ts";
import type { Settings } from "../settings/settings.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import type { ProcessLog, Surroundings } from "./surroundings.ts";

export interface ServeAsked {
  readonly flags: ReadonlyMap<SettingName, unknown>;
  readonly configFile: string | undefined;
}

/** Handing over takes an election timeout, what is in flight a round or two: more is a fault. */
const stopMsMax = 10_000;

export async function serve(surroundings: Surroundings, asked: ServeAsked): Promise<ExitCode> {
  const { environment, readText } = surroundings;
  const loaded = await loadSettings({ ...asked, environment, readText });
  if (loaded.kind === "wrong") return refuse(surroundings, loaded.problems);
  const { settings } = loaded;
  const file = await surroundings.fileInTheWay(settings.dataDir);
  if (file !== undefined) return refuse(surroundings, [fileSentence(settings, file)]);
  const processLog = await surroundings.openLog({ node: settings.name, level: settings.logLevel });
  try {
    remarkOn(loaded, processLog);
    return await runDaemon(surroundings, { settings, processLog });
  } finally {
    processLog.flush();
  }
}

function refuse(surroundings: Surroundings, problems: readonly string[]): ExitCode {
  const count = problems.length === 1 ? "a setting is" : `${problems.length} settings are`;
  surroundings.say(`rogerd: ${count} wrong; correct what follows, rogerd serve --help explains it`);
  for (const problem of problems) surroundings.say(`  ${problem}`);
  return exitCodes.settings;
}

function fileSentence({ dataDir }: Settings, file: string): string {
  const what = file === dataDir ? "is a file" : `lies under ${file}, which is a file`;
  return `--data-dir: ${dataDir} ${what}; name a folder, or one that is still to be made`;
}

type Loaded = Extract<LoadedSettings, { kind: "loaded" }>;

function remarkOn({ settings, unusedVariables }: Loaded, { remark }: ProcessLog): void {
  for (const variable of unusedVariables)
    remark({ variable }, "environment variable is no setting");
  if (settings.insecure) {
    const { listenClient, listenPeer } = settings;
    remark(
      { listenClient, listenPeer },
      "insecure: others can reach this node without credentials",
    );
  }
}

async function runDaemon(
  surroundings: Surroundings,
  { settings, processLog }: { readonly settings: Settings; readonly processLog: ProcessLog },
): Promise<ExitCode> {
  const stopWished = new Promise<"stop">((resolve) => {
    surroundings.onStopWish({ stop: () => resolve("stop"), endAtOnce: processLog.flush });
  });
  const failures = new FirstFailure();
  const daemon = await startOrFailure(surroundings, {
    settings,
    log: processLog.log,
    onFailed: failures.tell,
  });
  if ("exitCode" in daemon) return endWith(surroundings, daemon);
  const first = await Promise.race([failures.first, stopWished]);
  if (first !== "stop") return endWith(surroundings, first);
  const last = await Promise.race([failures.first, stopInTime(surroundings, daemon)]);
  return last === "stopped" ? exitCodes.stopped : endWith(surroundings, last);
}

/** What the daemon tells at most once, for those who wait for it. */
class FirstFailure {
  readonly first: Promise<Failure>;
  tell: (failure: Failure) => void = () => undefined;

  constructor() {
    this.first = new Promise((resolve) => {
      this.tell = resolve;
    });
  }
}

async function startOrFailure(
  surroundings: Surroundings,
  parts: Omit<DaemonParts, "platform">,
): Promise<Daemon | Failure> {
  try {
    return await surroundings.startDaemon(parts);
  } catch (error) {
    if (error instanceof DaemonFailedError) return error.failure;
    throw error;
  }
}

async function stopInTime(
  surroundings: Surroundings,
  daemon: Daemon,
): Promise<"stopped" | Failure> {
  const late: Failure = {
    exitCode: exitCodes.bug,
    sentence: `the daemon did not stop in order within ${stopMsMax / 1_000} s; nothing acknowledged is lost, start it again`,
  };
  const stopped = daemon.stop().then(() => "stopped" as const);
  return Promise.race([stopped, surroundings.sleep(stopMsMax).then(() => late)]);
}

function endWith(surroundings: Surroundings, failure: Failure): ExitCode {
  surroundings.say(`rogerd: ${failure.sentence}`);
  return failure.exitCode;
}
