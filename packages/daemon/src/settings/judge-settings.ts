// judge-settings.ts — do settings that are right by themselves fit together? And may this node be reached
// by others without credentials? Only when the operator spelled that out (DESIGN §3).
import { addressText } from "./parse-setting.ts";
import type { SettingName } from "./setting-forms.ts";
import type { Endpoint, Settings } from "./settings.ts";

/** Which setting is to be changed, and why. */
export interface SettingConflict {
  readonly setting: SettingName;
  readonly sentence: string;
  /** What was judged together: where one of these is wrong by itself, this says nothing new. */
  readonly about: readonly SettingName[];
}

/** Empty: they fit. */
export function judgeSettings(settings: Settings): readonly SettingConflict[] {
  return [
    ...founderProblems(settings),
    ...joinProblems(settings),
    ...reachProblems(settings),
    ...portProblems(settings),
    ...advertiseProblems(settings),
    ...timingProblems(settings),
  ];
}

function founderProblems({ founders, name }: Settings): readonly SettingConflict[] {
  if (founders.length === 0) return [];
  const problems: SettingConflict[] = [];
  const names = founders.map((founder) => founder.name);
  const addresses = founders.map(addressText);
  const setting = "founders";
  if (new Set(names).size < names.length) {
    const sentence = "each name may stand there once";
    problems.push({ setting, sentence, about: [setting] });
  }
  if (new Set(addresses).size < addresses.length) {
    const sentence = "each address may stand there once";
    problems.push({ setting, sentence, about: [setting] });
  }
  if (!names.includes(name)) {
    const sentence = `${name} is not among the founders ${names.join(", ")}; every founder lists itself too`;
    problems.push({ setting: "name", sentence, about: ["name", setting] });
  }
  return problems;
}

/** A cluster is formed by its founders or joined with a secret, never both. */
function joinProblems({ founders, join, joinSecret }: Settings): readonly SettingConflict[] {
  const problems: SettingConflict[] = [];
  const secret = ["join", "join-secret", "join-secret-file"] as const;
  if (join !== undefined && founders.length > 0) {
    const sentence = "is given beside founders; a node forms a cluster or joins one";
    problems.push({ setting: "join", sentence, about: ["join", "founders"] });
  }
  if (join !== undefined && joinSecret === undefined) {
    const sentence = "needs join-secret-file, with what rogerctl member add printed";
    problems.push({ setting: "join", sentence, about: secret });
  }
  if (join === undefined && joinSecret !== undefined) {
    const sentence = "is needed beside join-secret-file: the peer address of a member";
    problems.push({ setting: "join", sentence, about: secret });
  }
  return problems;
}

function reachProblems({ insecure, ...settings }: Settings): readonly SettingConflict[] {
  if (insecure) return [];
  const problems: SettingConflict[] = [];
  const { listenClient, credential, listenPeer, peerSecret } = settings;
  if (!isLoopback(listenClient) && credential === undefined) {
    const sentence = `others can reach ${addressText(listenClient)}; give credential-file, or spell out insecure`;
    const about = ["listen-client", "credential", "credential-file", "insecure"] as const;
    problems.push({ setting: "listen-client", sentence, about });
  }
  if (!isLoopback(listenPeer) && peerSecret === undefined) {
    const sentence = `others can reach ${addressText(listenPeer)}; give peer-secret-file, or spell out insecure`;
    const about = ["listen-peer", "peer-secret", "peer-secret-file", "insecure"] as const;
    problems.push({ setting: "listen-peer", sentence, about });
  }
  return problems;
}

/** Where others can come in without credentials, because the operator spelled that out. */
export function openAddresses(settings: Settings): readonly string[] {
  const { listenClient, credential, listenPeer, peerSecret } = settings;
  const open: Endpoint[] = [];
  if (!isLoopback(listenClient) && credential === undefined) open.push(listenClient);
  if (!isLoopback(listenPeer) && peerSecret === undefined) open.push(listenPeer);
  return open.map(addressText);
}

/** A name may mean any address, tomorrow another; only `localhost` is taken by its word. */
export function isLoopback({ host }: Pick<Endpoint, "host">): boolean {
  return host === "localhost" || host === "::1" || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);
}

/** Clients and HTTP are on one port, peers on another: of two listeners at one port the second is refused. */
function portProblems(settings: Settings): readonly SettingConflict[] {
  const problems: SettingConflict[] = [];
  const { listenClient, advertiseClient, listenPeer, advertisePeer } = settings;
  if (listenClient.port !== 0 && listenClient.port === listenPeer.port) {
    if (overlap(listenClient.host, listenPeer.host)) {
      const sentence = `has the port of listen-client, ${addressText(listenClient)}; peers need a port of their own`;
      problems.push({ setting: "listen-peer", sentence, about: ["listen-client", "listen-peer"] });
    }
  }
  if (advertisePeer !== undefined && advertisePeer === advertiseClient) {
    const sentence = `is the same as advertise-client, ${advertiseClient}; nodes and clients are found at different ports`;
    const about = ["advertise-client", "advertise-peer"] as const;
    problems.push({ setting: "advertise-peer", sentence, about });
  }
  return problems;
}

/** As far as their texts tell: one address, all of them on one side, or two spellings of loopback. */
function overlap(host: string, other: string): boolean {
  if (host === other || everywhere.includes(host) || everywhere.includes(other)) return true;
  return [host, other].includes("localhost") && isLoopback({ host }) && isLoopback({ host: other });
}

const everywhere: readonly string[] = ["0.0.0.0", "::", "0:0:0:0:0:0:0:0"];

function advertiseProblems(settings: Settings): readonly SettingConflict[] {
  const problems: SettingConflict[] = [];
  const { listenClient, advertiseClient, listenPeer, advertisePeer } = settings;
  if (everywhere.includes(listenClient.host) && advertiseClient === undefined) {
    const about = ["listen-client", "advertise-client"] as const;
    problems.push({ setting: "advertise-client", sentence: missingAddress(listenClient), about });
  }
  if (everywhere.includes(listenPeer.host) && advertisePeer === undefined) {
    const about = ["listen-peer", "advertise-peer"] as const;
    problems.push({ setting: "advertise-peer", sentence: missingAddress(listenPeer), about });
  }
  return problems;
}

function missingAddress(listen: Endpoint): string {
  return `is needed, as host:port, because nobody can be sent to ${addressText(listen)}`;
}

/** One lost heartbeat is no reason for an election. */
function timingProblems({ raft }: Settings): readonly SettingConflict[] {
  if (raft.electionTimeoutMs >= raft.heartbeatMs * 3) return [];
  const sentence = `must be at least three heartbeats, ${raft.heartbeatMs * 3}, not ${raft.electionTimeoutMs}`;
  const about = ["heartbeat-ms", "election-timeout-ms"] as const;
  return [{ setting: "election-timeout-ms", sentence, about }];
}
