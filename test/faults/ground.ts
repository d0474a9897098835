// ground.ts — what a run of fault tests stands on: the cluster on its hosts, what is preloaded into its nodes, and the power
// of their disks. What this machine does not permit is left out, and said.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type DiskKind, TestCluster } from "../processes/test-cluster.ts";
import { type NodeEndLine, nowUs } from "./history/history-line.ts";
import type { HostName, Hosts } from "./hosts/hosts.ts";
import { PowerSupply } from "./shims/power-supply.ts";
import { type DiskTrouble, Shims } from "./shims/shims.ts";

export interface GroundParts {
  readonly hosts: Hosts;
  /** Voters; the hosts' other nodes may join. */
  readonly voters: number;
  readonly disk: DiskKind;
  /** Of all disks, from the beginning. */
  readonly syncLateMs?: number;
  /** The root of the version of the project that all nodes run. */
  readonly product?: string;
}

export class Ground implements AsyncDisposable {
  readonly cluster: TestCluster;
  readonly shims: Shims | undefined;
  readonly power: PowerSupply | undefined;
  /** What could not be had, a sentence each. */
  readonly missing: readonly string[];
  /** Of nodes' processes, so far. */
  readonly ends: readonly NodeEndLine[];

  private constructor(parts: {
    readonly cluster: TestCluster;
    readonly shims: Shims | undefined;
    readonly power: PowerSupply | undefined;
    readonly missing: readonly string[];
    readonly ends: readonly NodeEndLine[];
  }) {
    this.cluster = parts.cluster;
    this.shims = parts.shims;
    this.power = parts.power;
    this.missing = parts.missing;
    this.ends = parts.ends;
  }

  /** Nothing runs yet. */
  static async prepare(parts: GroundParts): Promise<Ground> {
    const { hosts, voters, disk, product, syncLateMs = 0 } = parts;
    const ends: NodeEndLine[] = [];
    const isPrivate = hosts.kind === "namespaces";
    const cluster = await TestCluster.prepare({
      nodes: voters,
      joining: hosts.nodes.size - voters,
      places: hosts.nodes,
      disk,
      whenEnded: ({ code, isAsked, name: node, signal, words }) => {
        ends.push({ kind: "ended", at: nowUs(), node, of: code ?? signal ?? "", isAsked, words });
      },
      // Two nodes, or two runs, on one loopback: blocked-loop.ts opens inspectors.
      env: { NODE_OPTIONS: "--inspect-port=0" },
      args: [
        ...["--snapshot-every-entries", "2000", "--trailing-entries", "500"],
        // Its network is nobody else's.
        ...(isPrivate ? ["--insecure"] : []),
      ],
      ...(product === undefined ? {} : { product }),
    });
    try {
      return await equip(cluster, { isPowered: disk === "real" && isPrivate });
    } catch (error) {
      await cluster.close();
      throw error;
    }

    async function equip(of: TestCluster, { isPowered }: { isPowered: boolean }): Promise<Ground> {
      const missing: string[] = [];
      const shims = await orMissing("preloading", () => shimsOf(of, { syncLateMs }), missing);
      const power = isPowered
        ? await orMissing("cutting the power", () => powerOf(of), missing)
        : undefined;
      // Another run's namespace would keep a file system alive that is unmounted here.
      if (!isPrivate) missing.push("cutting the power is not possible without private mounts");
      return new Ground({ cluster: of, shims, power, missing, ends });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Mounts go before the folder that they are in; whoever has files open there goes first.
    await this.cluster.endAll();
    await this.power?.[Symbol.asyncDispose]();
    await this.cluster.close();
  }
}

async function shimsOf(cluster: TestCluster, always: DiskTrouble): Promise<Shims> {
  const folder = join(cluster.folder, "shims");
  await mkdir(folder);
  const shims = await Shims.prepare(folder, cluster.names, always);
  for (const name of cluster.names) {
    cluster.setups.set(name, { env: shims.envOf(name, cluster.dataDirectory(name)) });
  }
  return shims;
}

async function powerOf(cluster: TestCluster): Promise<PowerSupply> {
  const folder = join(cluster.folder, "power");
  await mkdir(folder);
  const disks = cluster.names.map((name): [HostName, string] => [name, cluster.diskOf(name)]);
  return PowerSupply.connect(folder, new Map(disks));
}

/** A machine without a compiler, or where nothing may be mounted, tests the rest. */
async function orMissing<Thing>(
  what: string,
  make: () => Promise<Thing>,
  missing: string[],
): Promise<Thing | undefined> {
  try {
    return await make();
  } catch (error) {
    const says = error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
    missing.push(`${what} is not possible here: ${says}`);
    return undefined;
  }
}
