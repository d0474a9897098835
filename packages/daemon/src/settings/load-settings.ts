// load-settings.ts — flag over environment over file over default, each setting by itself, its source
// remembered (DESIGN §3). Every error is found and told at once, with its place and with what would be
// right. Never starts half: either all is right, or nothing is loaded.
import { judgeSettings, type SettingConflict } from "./judge-settings.ts";
import { environmentVariableOf, flagOf, type SettingName, settingNames } from "./setting-forms.ts";
import { defaultSettings, type Settings } from "./settings.ts";
import type { GivenSettings } from "./settings-schema.ts";

export type SettingSource = "flag" | "environment" | "file" | "default";

export interface SettingsWorld {
  /** By setting name, as written; only those that were given. */
  readonly flags: ReadonlyMap<SettingName, unknown>;
  /** Of `--config`; ROGERD_CONFIG counts when this is undefined. */
  readonly configFile: string | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly readText: (path: string) => Promise<ReadText>;
}

export type ReadText =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "missing" }
  | { readonly kind: "unreadable"; readonly reason: string };

export type LoadedSettings =
  | {
      readonly kind: "loaded";
      readonly settings: Settings;
      readonly sources: ReadonlyMap<SettingName, SettingSource>;
      /** They look like ours and are none. No error: an orchestrator sets variables of its own. */
      readonly unusedVariables: readonly string[];
    }
  /** Each `PLACE: SENTENCE`. */
  | { readonly kind: "wrong"; readonly problems: readonly string[] };

interface Layer {
  readonly source: SettingSource;
  readonly raw: Readonly<Record<string, unknown>>;
  readonly placeOf: (path: string) => string;
}

export async function loadSettings(world: SettingsWorld): Promise<LoadedSettings> {
  const { checkSettings } = await import("./settings-schema.ts");
  const problems: string[] = [];
  const file = await readFileLayer(world);
  if (file.kind === "wrong") problems.push(...file.problems);
  const layers = [
    flagLayer(world),
    environmentLayer(world),
    ...(file.kind === "layer" ? [file.layer] : []),
  ];
  const given: GivenSettings[] = [];
  const wrong = new Set<string>();
  for (const layer of layers) {
    const checked = checkSettings(layer.raw);
    given.push(checked.given);
    for (const { path, sentence } of checked.problems) {
      problems.push(`${layer.placeOf(path)}: ${sentence}`);
      wrong.add(path);
    }
  }
  const merged = merge(given);
  const secrets = await readSecrets(world, merged);
  for (const { setting } of secrets.problems) wrong.add(setting);
  const settings = toSettings(merged, secrets);
  const conflicts = judgeSettings(settings).filter(
    ({ about }) => !about.some((name) => wrong.has(name)),
  );
  problems.push(...[...secrets.problems, ...conflicts].map((problem) => told(layers, problem)));
  if (problems.length > 0) return { kind: "wrong", problems };
  const sources = new Map(
    settingNames.map((name) => [name, sourceOf(layers, name)?.source ?? "default"]),
  );
  return { kind: "loaded", settings, sources, unusedVariables: unusedVariables(world) };
}

type Misplaced = Pick<SettingConflict, "setting" | "sentence">;

function sourceOf(layers: readonly Layer[], name: SettingName): Layer | undefined {
  return layers.find((layer) => Object.hasOwn(layer.raw, name));
}

/** Named as it stands where it was written; a default by the name of its flag. */
function told(layers: readonly Layer[], conflict: Misplaced): string {
  const place =
    sourceOf(layers, conflict.setting)?.placeOf(conflict.setting) ?? flagOf(conflict.setting);
  return `${place}: ${conflict.sentence}`;
}

function flagLayer(world: SettingsWorld): Layer {
  return {
    source: "flag",
    raw: Object.fromEntries(world.flags),
    placeOf: (path) => (isSettingName(path) ? flagOf(path) : path),
  };
}

function environmentLayer(world: SettingsWorld): Layer {
  const raw: Record<string, string> = {};
  for (const name of settingNames) {
    const value = world.environment[environmentVariableOf(name)];
    if (value !== undefined && value !== "") raw[name] = value;
  }
  return {
    source: "environment",
    raw,
    placeOf: (path) => (isSettingName(path) ? environmentVariableOf(path) : path),
  };
}

function isSettingName(path: string): path is SettingName {
  return settingNames.some((name) => name === path);
}

const configVariable = "ROGERD_CONFIG";

type FileLayer =
  | { readonly kind: "none" }
  | { readonly kind: "layer"; readonly layer: Layer }
  | { readonly kind: "wrong"; readonly problems: readonly string[] };

async function readFileLayer(world: SettingsWorld): Promise<FileLayer> {
  const path = world.configFile ?? world.environment[configVariable];
  if (path === undefined || path === "") return { kind: "none" };
  const read = await world.readText(path);
  if (read.kind !== "text") return { kind: "wrong", problems: [`${path}: ${whyUnread(read)}`] };
  const { parseDocument } = await import("yaml");
  const document = parseDocument(read.text, { prettyErrors: false });
  if (document.errors.length > 0) {
    const lineOf = (offset: number): number => read.text.slice(0, offset).split("\n").length;
    const problems = document.errors.map(
      (error) => `${path}: line ${lineOf(error.pos[0])}: ${error.message}`,
    );
    return { kind: "wrong", problems };
  }
  const value: unknown = document.toJS();
  if (value === null || value === undefined) return { kind: "none" };
  if (!isRecord(value))
    return { kind: "wrong", problems: [`${path}: must be a map of settings, as name: n1`] };
  return {
    kind: "layer",
    layer: { source: "file", raw: value, placeOf: (at) => `${path}: ${at}` },
  };
}

function whyUnread(read: Exclude<ReadText, { kind: "text" }>): string {
  return read.kind === "missing" ? "does not exist" : `cannot be read: ${read.reason}`;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The first layer that has a setting wins it. */
function merge(layers: readonly GivenSettings[]): GivenSettings {
  let merged: GivenSettings = {};
  for (const layer of layers) merged = { ...layer, ...merged };
  return merged;
}

interface Secrets {
  readonly credential: string | undefined;
  readonly peerSecret: string | undefined;
  readonly joinSecret: string | undefined;
  readonly problems: readonly Misplaced[];
}

async function readSecrets(world: SettingsWorld, given: GivenSettings): Promise<Secrets> {
  const problems: Misplaced[] = [];
  const secretOf = async (
    name: "credential" | "peer-secret" | "join-secret",
  ): Promise<string | undefined> => {
    const setting = `${name}-file` as const;
    const path = given[setting];
    if (path === undefined) return given[name];
    if (given[name] !== undefined) {
      problems.push({
        setting: name,
        sentence: `is given beside ${setting}; only one of the two may be`,
      });
      return undefined;
    }
    const read = await world.readText(path);
    const text = read.kind === "text" ? read.text.trim() : "";
    if (text !== "") return text;
    const what = read.kind === "text" ? "is empty" : whyUnread(read);
    problems.push({ setting, sentence: `${path} ${what}` });
    return undefined;
  };
  return {
    credential: await secretOf("credential"),
    peerSecret: await secretOf("peer-secret"),
    joinSecret: await secretOf("join-secret"),
    problems,
  };
}

function toSettings(given: GivenSettings, secrets: Secrets): Settings {
  const defaults = defaultSettings;
  return {
    name: given.name ?? defaults.name,
    dataDir: given["data-dir"] ?? defaults.dataDir,
    listenClient: given["listen-client"] ?? defaults.listenClient,
    advertiseClient: given["advertise-client"] ?? defaults.advertiseClient,
    listenPeer: given["listen-peer"] ?? defaults.listenPeer,
    advertisePeer: given["advertise-peer"] ?? defaults.advertisePeer,
    founders: given.founders ?? defaults.founders,
    join: given.join ?? defaults.join,
    joinSecret: secrets.joinSecret,
    credential: secrets.credential,
    peerSecret: secrets.peerSecret,
    insecure: given.insecure ?? defaults.insecure,
    allowOrigins: given["allow-origin"] ?? defaults.allowOrigins,
    allowHosts: [...new Set([...defaults.allowHosts, ...(given["allow-host"] ?? [])])],
    persister: given.persister ?? defaults.persister,
    logLevel: given["log-level"] ?? defaults.logLevel,
    raft: {
      heartbeatMs: given["heartbeat-ms"] ?? defaults.raft.heartbeatMs,
      electionTimeoutMs: given["election-timeout-ms"] ?? defaults.raft.electionTimeoutMs,
      diskStallTimeoutMs: given["disk-stall-timeout-ms"] ?? defaults.raft.diskStallTimeoutMs,
      snapshotEveryBytes: given["snapshot-every-bytes"] ?? defaults.raft.snapshotEveryBytes,
      snapshotEveryEntries: given["snapshot-every-entries"] ?? defaults.raft.snapshotEveryEntries,
      trailingEntries: given["trailing-entries"] ?? defaults.raft.trailingEntries,
    },
    stateHashEveryEntries: given["state-hash-every-entries"] ?? defaults.stateHashEveryEntries,
    walSegmentBytes: given["wal-segment-bytes"] ?? defaults.walSegmentBytes,
    diskReserveBytes: given["disk-reserve-bytes"] ?? defaults.diskReserveBytes,
  };
}

function unusedVariables({ environment }: SettingsWorld): readonly string[] {
  const known = new Set([configVariable, ...settingNames.map(environmentVariableOf)]);
  return Object.keys(environment).filter(
    (variable) => variable.startsWith("ROGERD_") && !known.has(variable),
  );
}
