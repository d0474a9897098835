// test-cluster.ts — a cluster of real daemons on loopback in a temporary folder: form, kill, freeze,
// restart, cut off, look at. Everything is removed at the end; a failing test prints the logs.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DaemonProcess } from "./daemon-process.ts";
import { eventually, HopelessError } from "./eventually.ts";
import { freePorts } from "./free-port.ts";
import { LinkProxy } from "./link-proxy.ts";
import { runRogerctl } from "./rogerctl.ts";
import type { CommandLineOutcome } from "./run-command.ts";

export interface MemberStatus {
  readonly id: string;
  readonly name: string;
  readonly role: string;
  readonly term: number;
  readonly lastIndex: number;
  readonly commitIndex: number;
  readonly appliedIndex: number;
  readonly snapshotIndex: number;
  readonly stateHash: { readonly index: number; readonly hash: string } | null;
  readonly reachable: boolean;
}

export interface ClusterStatus {
  readonly clusterId: string;
  readonly leader: string | null;
  readonly term: number;
  readonly canLose: number;
  readonly members: readonly MemberStatus[];
}

/** What stands under a node's WAL; see write-back-disk.ts. */
export type DiskKind = "real" | "drops-unsynced" | "never-syncs";

interface NodePorts {
  readonly client: number;
  readonly peer: number;
  /** Where the other nodes reach it: the proxy's port, or the peer port itself. */
  readonly advertisedPeer: number;
}

export class TestCluster {
  readonly folder: string;
  /** All nodes, those too that are still to join. */
  readonly names: readonly string[];
  readonly #founders: readonly string[];
  readonly #ports: ReadonlyMap<string, NodePorts>;
  readonly #extraArgs: readonly string[];
  readonly #disk: DiskKind;
  readonly #env: NodeJS.ProcessEnv;
  readonly #processes = new Map<string, DaemonProcess>();
  readonly #links = new Map<string, LinkProxy>();

  private constructor(parts: {
    readonly folder: string;
    readonly ports: ReadonlyMap<string, NodePorts>;
    readonly founders: number;
    readonly extraArgs: readonly string[];
    readonly disk: DiskKind;
    readonly env: NodeJS.ProcessEnv;
  }) {
    this.folder = parts.folder;
    this.names = [...parts.ports.keys()];
    this.#founders = this.names.slice(0, parts.founders);
    this.#ports = parts.ports;
    this.#extraArgs = parts.extraArgs;
    this.#disk = parts.disk;
    this.#env = parts.env;
  }

  /** Ports and a folder; nothing runs yet. With `links: "proxied"` peer links can be cut. */
  static async prepare(options: {
    readonly nodes: number;
    /** Nodes that may join later, named on after the others. */
    readonly joining?: number;
    readonly args?: readonly string[];
    readonly env?: NodeJS.ProcessEnv;
    readonly links?: "direct" | "proxied";
    readonly disk?: DiskKind;
  }): Promise<TestCluster> {
    const count = options.nodes + (options.joining ?? 0);
    const free = await freePorts(count * 3);
    const ports = new Map<string, NodePorts>();
    for (let number = 0; number < count; number += 1) {
      const [client = 0, peer = 0, proxy = 0] = free.slice(number * 3);
      const advertisedPeer = options.links === "proxied" ? proxy : peer;
      ports.set(`n${number + 1}`, { client, peer, advertisedPeer });
    }
    const cluster = new TestCluster({
      folder: await mkdtemp(join(tmpdir(), "rogerd-test-")),
      ports,
      founders: options.nodes,
      extraArgs: options.args ?? [],
      disk: options.disk ?? "real",
      env: options.env ?? {},
    });
    if (options.links === "proxied") await cluster.#openLinks();
    return cluster;
  }

  static async start(options: Parameters<typeof TestCluster.prepare>[0]): Promise<TestCluster> {
    const cluster = await TestCluster.prepare(options);
    for (const name of cluster.#founders) cluster.startNode(name);
    await cluster.leader();
    return cluster;
  }

  startNode(name: string, extra: { readonly args?: readonly string[] } = {}): DaemonProcess {
    const ports = this.#portsOf(name);
    const founders = this.#founders.map(
      (each) => `${each}=127.0.0.1:${this.#portsOf(each).advertisedPeer}`,
    );
    const isFounder = this.#founders.length > 1 && this.#founders.includes(name);
    return this.startAs(name, [
      ...["serve", "--name", name, "--data-dir", this.dataDirectory(name)],
      ...["--listen-client", `127.0.0.1:${ports.client}`],
      ...["--listen-peer", `127.0.0.1:${ports.peer}`],
      ...["--advertise-peer", `127.0.0.1:${ports.advertisedPeer}`],
      ...(isFounder ? ["--founders", founders.join(",")] : []),
      ...this.#extraArgs,
      ...(extra.args ?? []),
    ]);
  }

  /** By a command that somebody else made up: the words after `rogerd`. */
  startAs(name: string, args: readonly string[]): DaemonProcess {
    if (this.#processes.get(name)?.isRunning) throw new Error(`${name} is running`);
    const daemon = new DaemonProcess({ disk: this.#disk, args, env: this.#env });
    this.#processes.set(name, daemon);
    return daemon;
  }

  /** Invites a node that is to join, and starts it with the secret that was given. */
  async joinNode(name: string): Promise<DaemonProcess> {
    const { advertisedPeer, client } = this.#portsOf(name);
    const addresses = ["--peer", `127.0.0.1:${advertisedPeer}`, "--client", `127.0.0.1:${client}`];
    const { code, stderr, stdout } = await this.rogerctl(
      ...["member", "add", name, ...addresses, "-o", "json"],
    );
    if (code !== 0) throw new Error(`member add ${name} ended with ${code}: ${stderr}`);
    const { secret } = JSON.parse(stdout) as { readonly secret: string };
    const file = join(this.folder, `${name}.secret`);
    await writeFile(file, `${secret}\n`);
    const leader = this.#portsOf(await this.leader()).advertisedPeer;
    const args = ["--join", `127.0.0.1:${leader}`, "--join-secret-file", file];
    return this.startNode(name, { args });
  }

  process(name: string): DaemonProcess {
    const daemon = this.#processes.get(name);
    if (daemon === undefined) throw new Error(`${name} was never started`);
    return daemon;
  }

  dataDirectory(name: string): string {
    return join(this.folder, name);
  }

  clientPort(name: string): number {
    return this.#portsOf(name).client;
  }

  get endpoints(): readonly string[] {
    return this.names.map((name) => `127.0.0.1:${this.clientPort(name)}`);
  }

  /** Cuts every peer link to and from `name`. */
  cutLinksOf(name: string): void {
    for (const [target, link] of this.#links) {
      if (target === name) link.cut();
      else link.cut({ source: name });
    }
  }

  mendLinks(): void {
    for (const link of this.#links.values()) link.mend();
  }

  rogerctl(...args: readonly string[]): Promise<CommandLineOutcome> {
    return runRogerctl({ endpoints: this.endpoints, args });
  }

  async status(...args: readonly string[]): Promise<ClusterStatus> {
    const { stdout, stderr } = await this.rogerctl(
      "status",
      "-o",
      "json",
      "--timeout",
      "2s",
      ...args,
    );
    if (stdout === "") throw new Error(`rogerctl status printed nothing: ${stderr}`);
    return JSON.parse(stdout) as ClusterStatus;
  }

  /** Waits until a node says that it leads, asking nodes directly: cheaper than the command line. */
  async leader(
    options: { readonly other?: string; readonly withinMs?: number } = {},
  ): Promise<string> {
    return eventually(
      `one of ${this.names.join(", ")} leads`,
      async () => {
        this.#expectSomeoneRuns();
        for (const name of this.names) {
          if (name === options.other || !this.#processes.get(name)?.isRunning) continue;
          if ((await this.nodeStatus(name).catch(() => undefined))?.role === "leader") return name;
        }
        return undefined;
      },
      options.withinMs === undefined ? {} : { withinMs: options.withinMs },
    );
  }

  /** The node's own view, from its `GET /status`. */
  async nodeStatus(name: string, query = ""): Promise<MemberStatus> {
    const response = await fetch(`http://127.0.0.1:${this.clientPort(name)}/status${query}`, {
      signal: AbortSignal.timeout(2_000),
    });
    return (await response.json()) as MemberStatus;
  }

  /** Waits until every running node has applied the same entries, and gives their state hashes there. */
  async stateHashes(): Promise<
    ReadonlyMap<string, { readonly index: number; readonly hash: string }>
  > {
    return eventually("all nodes have applied the same entries", async () => {
      const hashes = new Map<string, { readonly index: number; readonly hash: string }>();
      for (const name of this.names) {
        if (!this.#processes.get(name)?.isRunning) continue;
        const { stateHash } = await this.nodeStatus(name, "?hash=now");
        if (stateHash === null) return undefined;
        hashes.set(name, stateHash);
      }
      const indexes = new Set([...hashes.values()].map(({ index }) => index));
      return indexes.size === 1 ? hashes : undefined;
    });
  }

  logs(): string {
    return [...this.#processes]
      .map(([name, daemon]) => `—— ${name} ——\n${daemon.log()}`)
      .join("\n");
  }

  async close(): Promise<void> {
    const running = [...this.#processes.values()].filter((daemon) => daemon.isRunning);
    for (const daemon of running) daemon.signal("SIGCONT");
    await Promise.all(running.map((daemon) => daemon.kill()));
    await Promise.all([...this.#links.values()].map((link) => link.close()));
    await rm(this.folder, { recursive: true, force: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #openLinks(): Promise<void> {
    for (const [name, { peer, advertisedPeer }] of this.#ports) {
      this.#links.set(name, await LinkProxy.open({ port: advertisedPeer, targetPort: peer }));
    }
  }

  /** A cluster whose every process has ended will never have a leader: say why, at once. */
  #expectSomeoneRuns(): void {
    const isSomeoneRunning = [...this.#processes.values()].some((daemon) => daemon.isRunning);
    if (!isSomeoneRunning) throw new HopelessError(`every node has ended:\n${this.logs()}`);
  }

  #portsOf(name: string): NodePorts {
    const ports = this.#ports.get(name);
    if (ports === undefined) throw new Error(`no node ${name}`);
    return ports;
  }
}
