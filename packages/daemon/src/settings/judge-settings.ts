// judge-settings.ts — do settings that are right by themselves fit together? And may this node be reached
// by others without credentials? Only when the operator spelled that out (DESIGN §3).
import { addressText } from "./parse-setting.ts";
import type { SettingName } from "./setting-forms.ts";
import type { Endpoint, Settings } from "./settings.ts";

/** Which setting is to be changed, and why. */
export interface SettingConflict {
  readonly setting: SettingName;
  readonly sentence: string;
}

/** Empty: they fit. */
export function judgeSettings(settings: Settings): readonly SettingConflict[] {
  return [
    ...founderProblems(settings),
    ...reachProblems(settings),
    ...advertiseProblems(settings),
    ...timingProblems(settings),
  ];
}

function founderProblems({ founders, name }: Settings): readonly SettingConflict[] {
  if (founders.length === 0) return [];
  const problems: SettingConflict[] = [];
  const names = founders.map((founder) => founder.name);
  const addresses = founders.map(addressText);
  if (new Set(names).size < names.length) {
    problems.push({ setting: "founders", sentence: "each name may stand there once" });
  }
  if (new Set(addresses).size < addresses.length) {
    problems.push({ setting: "founders", sentence: "each address may stand there once" });
  }
  if (!names.includes(name)) {
    const sentence = `${name} is not among the founders ${names.join(", ")}; every founder lists itself too`;
    problems.push({ setting: "name", sentence });
  }
  return problems;
}

function reachProblems({ insecure, ...settings }: Settings): readonly SettingConflict[] {
  if (insecure) return [];
  const problems: SettingConflict[] = [];
  if (!isLoopback(settings.listenClient) && settings.credential === undefined) {
    const sentence = `others can reach ${addressText(settings.listenClient)}; give credential-file, or spell out insecure`;
    problems.push({ setting: "listen-client", sentence });
  }
  if (!isLoopback(settings.listenPeer) && settings.peerSecret === undefined) {
    const sentence = `others can reach ${addressText(settings.listenPeer)}; give peer-secret-file, or spell out insecure`;
    problems.push({ setting: "listen-peer", sentence });
  }
  return problems;
}

/** A name may mean any address, tomorrow another; only `localhost` is taken by its word. */
export function isLoopback({ host }: Endpoint): boolean {
  return host === "localhost" || host === "::1" || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);
}

const everywhere: readonly string[] = ["0.0.0.0", "::", "0:0:0:0:0:0:0:0"];

function advertiseProblems(settings: Settings): readonly SettingConflict[] {
  const problems: SettingConflict[] = [];
  const { listenClient, advertiseClient, listenPeer, advertisePeer } = settings;
  if (everywhere.includes(listenClient.host) && advertiseClient === undefined) {
    problems.push({ setting: "advertise-client", sentence: missingAddress(listenClient) });
  }
  if (everywhere.includes(listenPeer.host) && advertisePeer === undefined) {
    problems.push({ setting: "advertise-peer", sentence: missingAddress(listenPeer) });
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
  return [{ setting: "election-timeout-ms", sentence }];
}
