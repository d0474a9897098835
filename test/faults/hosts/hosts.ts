// hosts.ts — where the processes of a run are, and what lies between them. Two kinds: network namespaces of
// their own (namespaces.ts), or proxies before each port where these are not permitted (proxies.ts).
import type { NodePlace } from "../../processes/test-cluster.ts";

/** `n1` … are nodes, `c1` … are clients' machines. */
export type HostName = string;

/** Of one direction; what is left out is as it should be. */
export interface LinkRule {
  readonly isCut?: boolean;
  readonly delayMs?: number;
  readonly jitterMs?: number;
  /** Share of the packets, 0 to 1. */
  readonly loss?: number;
  readonly bytesPerSecond?: number;
  /** Shares of the messages between nodes, 0 to 1: come twice, come later than those behind them. */
  readonly repeats?: number;
  readonly reorders?: number;
}

export type LinkTrouble = keyof LinkRule;

export interface Hosts extends AsyncDisposable {
  readonly kind: "namespaces" | "proxies";
  readonly nodes: ReadonlyMap<HostName, NodePlace>;
  readonly clients: readonly HostName[];
  /** What links of this kind can't do. */
  readonly impossible: ReadonlySet<LinkTrouble>;
  /** `host:port` of every node, as seen from a clients' machine. */
  endpointsFor(client: HostName): readonly string[];
  /** The command that becomes a process on this host. */
  within(host: HostName): readonly string[];
  /** Replaces the rule of one direction; true from when it resolves. */
  link(way: { readonly from: HostName; readonly to: HostName }, rule: LinkRule): Promise<void>;
  /** All links are as they should be. */
  restore(): Promise<void>;
}
