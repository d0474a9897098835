// settings.ts — every setting, its default and its reason. load-settings.ts fills it from flags,
// environment and file; nothing here reads them. What must be equal on all nodes is no setting
// (it belongs into the log).

export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

export interface Founder extends Endpoint {
  readonly name: string;
}

export type LogLevel = "fatal" | "error" | "warn" | "info" | "debug" | "trace" | "silent";

export interface RaftTimings {
  readonly heartbeatMs: number;
  /** The shortest wait before an election; the longest is twice that. */
  readonly electionTimeoutMs: number;
  /** A write that takes longer ends the process (DESIGN §4, health gates). */
  readonly diskStallTimeoutMs: number;
  /** A snapshot is taken after so many bytes or entries of log, whichever comes first. */
  readonly snapshotEveryBytes: number;
  readonly snapshotEveryEntries: number;
  /** Entries kept before a snapshot, so that a follower a little behind needs no snapshot. */
  readonly trailingEntries: number;
}

export interface Settings {
  /** This node's name: unique in the cluster, shown to people, never used to decide. */
  readonly name: string;
  readonly dataDir: string;
  /** Where clients connect; port 0 lets the system choose (tests). */
  readonly listenClient: Endpoint;
  /** `host:port` told to clients when it differs from where we listen (containers, NAT). */
  readonly advertiseClient: string | undefined;
  readonly listenPeer: Endpoint;
  readonly advertisePeer: string | undefined;
  /** All founders, this node among them, or empty: a cluster of one. Read only while the data
   *  directory belongs to no cluster (DESIGN §4). The first by name writes the first configuration. */
  readonly founders: readonly Founder[];
  /** A member's peer address: be let into its cluster. Read only while the data directory belongs to no
   *  cluster; never together with founders. */
  readonly join: Endpoint | undefined;
  /** Of `rogerctl member add`; lets one node in, once. */
  readonly joinSecret: string | undefined;
  /** What clients must present; undefined: anybody may. */
  readonly credential: string | undefined;
  /** What peers must present to each other; undefined: anybody may. */
  readonly peerSecret: string | undefined;
  /** Spelled out by the operator: a non-loopback address without credentials. Logged on every start. */
  readonly insecure: boolean;
  /** Browsers' origins that may use the client port. */
  readonly allowOrigins: readonly string[];
  /** `Host` names, beside plain addresses, that the HTTP side answers to. */
  readonly allowHosts: readonly string[];
  /** A module that exports a Persister; undefined: snapshots lie in the data directory. */
  readonly persister: string | undefined;
  readonly logLevel: LogLevel;
  readonly raft: RaftTimings;
  /** Nodes compare the hash of their state at every so many entries (DESIGN §5). 0: never. */
  readonly stateHashEveryEntries: number;
  /** Size of a WAL file. */
  readonly walSegmentBytes: number;
  /** Proposals are refused when less than this is free: the disk is never full by us. */
  readonly diskReserveBytes: number;
}

const kibibyte = 1024;
const mebibyte = 1024 * kibibyte;

export const defaultSettings: Settings = {
  name: "n1",
  dataDir: ".rogerd/n1",
  // Loopback: whoever wants to be reached from elsewhere says so, and brings credentials.
  listenClient: { host: "127.0.0.1", port: 7401 },
  advertiseClient: undefined,
  listenPeer: { host: "127.0.0.1", port: 7501 },
  advertisePeer: undefined,
  founders: [],
  join: undefined,
  joinSecret: undefined,
  credential: undefined,
  peerSecret: undefined,
  insecure: false,
  allowOrigins: [],
  allowHosts: ["localhost"],
  persister: undefined,
  logLevel: "info",
  raft: {
    // The disk of a small machine has sync tails of 10–50 ms and an event loop pauses of the same
    // size; neither may cause an election (DESIGN §4).
    heartbeatMs: 50,
    electionTimeoutMs: 300,
    diskStallTimeoutMs: 10_000,
    snapshotEveryBytes: 64 * mebibyte,
    snapshotEveryEntries: 100_000,
    trailingEntries: 10_000,
  },
  // Often enough to see a divergence within seconds under load, seldom enough to cost nothing.
  stateHashEveryEntries: 4_096,
  // Small enough that a new node starts at once, large enough that files are seldom made.
  walSegmentBytes: 16 * mebibyte,
  // Enough to commit what was promised and to take a snapshot of a small state.
  diskReserveBytes: 16 * mebibyte,
};
