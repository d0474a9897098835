// setting-forms.ts — every setting's one name, which is its flag (--listen-client), its environment variable
// (ROGERD_LISTEN_CLIENT) and its key in the file (listen-client), and how it is explained.
// What a value must look like is settings-schema.ts; why a default is what it is, settings.ts.

export const settingGroups = [
  "This node",
  "Addresses",
  "Cluster",
  "Who may connect",
  "Storage",
  "Timing",
] as const;
export type SettingGroup = (typeof settingGroups)[number];

export interface SettingForm {
  readonly name: SettingName;
  /** How a value is written, for the help page. `switch` takes none. */
  readonly value: string;
  readonly group: SettingGroup;
  readonly description: string;
  /** Secrets have no flag: other users of the machine can read a process's arguments. */
  readonly places: "everywhere" | "not-as-flag";
}

export const settingNames = [
  "name",
  "data-dir",
  "log-level",
  "listen-client",
  "advertise-client",
  "listen-peer",
  "advertise-peer",
  "founders",
  "join",
  "join-secret",
  "join-secret-file",
  "credential",
  "credential-file",
  "peer-secret",
  "peer-secret-file",
  "insecure",
  "allow-origin",
  "allow-host",
  "persister",
  "snapshot-every-bytes",
  "snapshot-every-entries",
  "trailing-entries",
  "state-hash-every-entries",
  "wal-segment-bytes",
  "disk-reserve-bytes",
  "heartbeat-ms",
  "election-timeout-ms",
  "disk-stall-timeout-ms",
] as const;
export type SettingName = (typeof settingNames)[number];

function form(
  name: SettingName,
  words: Pick<SettingForm, "value" | "group" | "description"> &
    Partial<Pick<SettingForm, "places">>,
): SettingForm {
  return { places: "everywhere", name, ...words };
}

const node = "This node";
const addresses = "Addresses";
const cluster = "Cluster";
const access = "Who may connect";
const storage = "Storage";
const timing = "Timing";

export const settingForms: readonly SettingForm[] = [
  form("name", {
    group: node,
    value: "<name>",
    description: "name of this node, unique in the cluster",
  }),
  form("data-dir", {
    group: node,
    value: "<folder>",
    description: "where this node keeps its data",
  }),
  form("log-level", {
    group: node,
    value: "<level>",
    description: "fatal, error, warn, info, debug, trace or silent",
  }),
  form("listen-client", {
    group: addresses,
    value: "<host:port>",
    description: "where clients connect",
  }),
  form("advertise-client", {
    group: addresses,
    value: "<host:port>",
    description: "where clients are sent to, if that is another address",
  }),
  form("listen-peer", {
    group: addresses,
    value: "<host:port>",
    description: "where the other nodes connect",
  }),
  form("advertise-peer", {
    group: addresses,
    value: "<host:port>",
    description: "where the other nodes are told to connect, if that is another address",
  }),
  form("founders", {
    group: cluster,
    value: "<list>",
    description:
      "all nodes that form the cluster, as n1=host:port,n2=host:port with their peer addresses; none: a cluster of one",
  }),
  form("join", {
    group: cluster,
    value: "<host:port>",
    description: "the peer address of any member of the cluster that this new node joins",
  }),
  form("join-secret", {
    group: cluster,
    value: "<text>",
    places: "not-as-flag",
    description: "what rogerctl member add printed",
  }),
  form("join-secret-file", {
    group: cluster,
    value: "<file>",
    description: "the file that holds what rogerctl member add printed",
  }),
  form("credential", {
    group: access,
    value: "<text>",
    places: "not-as-flag",
    description: "what clients must present",
  }),
  form("credential-file", {
    group: access,
    value: "<file>",
    description: "the file that holds what clients must present",
  }),
  form("peer-secret", {
    group: access,
    value: "<text>",
    places: "not-as-flag",
    description: "what the nodes must present to each other",
  }),
  form("peer-secret-file", {
    group: access,
    value: "<file>",
    description: "the file that holds what the nodes must present to each other",
  }),
  form("insecure", {
    group: access,
    value: "switch",
    description: "listen on an address that others can reach, without any credential",
  }),
  form("allow-origin", {
    group: access,
    value: "<list>",
    description: "web origins whose pages may connect",
  }),
  form("allow-host", {
    group: access,
    value: "<list>",
    description: "names, beside localhost and addresses, under which this node is called",
  }),
  form("persister", {
    group: storage,
    value: "<module>",
    description: "a module that keeps the snapshots, instead of the data folder",
  }),
  form("snapshot-every-bytes", {
    group: storage,
    value: "<bytes>",
    description: "take a snapshot after so much log",
  }),
  form("snapshot-every-entries", {
    group: storage,
    value: "<count>",
    description: "or after so many entries",
  }),
  form("trailing-entries", {
    group: storage,
    value: "<count>",
    description:
      "entries kept before a snapshot, for nodes a little behind; of snapshot-every-bytes at most",
  }),
  form("state-hash-every-entries", {
    group: storage,
    value: "<count>",
    description: "compare the state with the other nodes so often; 0 is never",
  }),
  form("wal-segment-bytes", {
    group: storage,
    value: "<bytes>",
    description: "size of one file of the log",
  }),
  form("disk-reserve-bytes", {
    group: storage,
    value: "<bytes>",
    description: "refuse writes when less than this, and one file of the log, is free",
  }),
  form("heartbeat-ms", {
    group: timing,
    value: "<ms>",
    description: "how often the leader is heard",
  }),
  form("election-timeout-ms", {
    group: timing,
    value: "<ms>",
    description: "how long silence lasts before an election, at least; at most twice that",
  }),
  form("disk-stall-timeout-ms", {
    group: timing,
    value: "<ms>",
    description: "end when a write takes longer",
  }),
];

export function flagOf(name: SettingName): string {
  return `--${name}`;
}

export function environmentVariableOf(name: SettingName): string {
  return `ROGERD_${name.toUpperCase().replaceAll("-", "_")}`;
}
