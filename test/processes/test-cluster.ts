// test-cluster.ts — a cluster of real daemons on loopback in a temporary folder: form, kill, freeze,
// restart, look at. Everything is removed at the end; a failing test prints the logs.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { projectRoot } from "../project-root.ts";
import { DaemonProcess, type Exit } from "./daemon-process.ts";
import { eventually, HopelessError } from "./eventually.ts";
import { freePorts } from "./free-port.ts";
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

export interface NodeSetup {
  /** The root of another version of the project, built. */
  readonly product?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** Where a node runs; addresses are `host:port`. */
export interface NodePlace {
  readonly listenClient: string;
  readonly listenPeer: string;
  /** Where the other nodes reach it. */
  readonly advertisePeer: string;
  /** The command that becomes it: in another network, say. */
  readonly within: readonly string[];
}

export interface NodeEnd extends Exit {
  readonly name: string;
  /** By whoever started it; else it ended by itself. */
  readonly isAsked: boolean;
  /** For people, the last ones. */
  readonly words: string;
}

export class TestCluster {
  readonly folder: string;
  /** All nodes, those too that are still to join. */
  readonly names: readonly string[];
  /** Those who form it, and are its first voters. */
  readonly founders: readonly string[];
  readonly #places: ReadonlyMap<string, NodePlace>;
  readonly #extraArgs: readonly string[];
  readonly #disk: DiskKind;
  readonly #env: NodeJS.ProcessEnv;
  /** What nodes are started with from now on, by name, where one has its own. */
  readonly setups = new Map<string, NodeSetup>();
  /** The root of the version that all others are started from. */
  readonly product: string;
  readonly #processes = new Map<string, DaemonProcess>();
  readonly #whenEnded: (end: NodeEnd) => void;

  private constructor(parts: {
    readonly folder: string;
    readonly places: ReadonlyMap<string, NodePlace>;
    readonly founders: number;
    readonly extraArgs: readonly string[];
    readonly disk: DiskKind;
    readonly env: NodeJS.ProcessEnv;
    readonly product: string;
    readonly whenEnded: (end: NodeEnd) => void;
  }) {
    this.folder = parts.folder;
    this.names = [...parts.places.keys()];
    this.founders = this.names.slice(0, parts.founders);
    this.#places = parts.places;
    this.#extraArgs = parts.extraArgs;
    this.#disk = parts.disk;
    this.#env = parts.env;
    this.product = parts.product;
    this.#whenEnded = parts.whenEnded;
  }

  /** Ports and a folder; nothing runs yet. */
  static async prepare(options: {
    readonly nodes: number;
    /** Nodes that may join later, named on after the others. */
    readonly joining?: number;
    readonly args?: readonly string[];
    readonly env?: NodeJS.ProcessEnv;
    /** Of all nodes, by name, founders first; absent: on loopback. */
    readonly places?: ReadonlyMap<string, NodePlace>;
    readonly disk?: DiskKind;
    /** The root of another version of the project, built. */
    readonly product?: string;
    readonly whenEnded?: (end: NodeEnd) => void;
  }): Promise<TestCluster> {
    const places = options.places ?? (await onLoopback(options.nodes + (options.joining ?? 0)));
    return new TestCluster({
      folder: await mkdtemp(join(tmpdir(), "rogerd-test-")),
      places,
      founders: options.nodes,
      extraArgs: options.args ?? [],
      disk: options.disk ?? "real",
      env: options.env ?? {},
      product: options.product ?? projectRoot,
      whenEnded: options.whenEnded ?? (() => {}),
    });
  }

  static async start(options: Parameters<typeof TestCluster.prepare>[0]): Promise<TestCluster> {
    const cluster = await TestCluster.prepare(options);
    for (const name of cluster.founders) cluster.startNode(name);
    await cluster.leader();
    return cluster;
  }

  startNode(name: string, extra: { readonly args?: readonly string[] } = {}): DaemonProcess {
    const { advertisePeer, listenClient, listenPeer } = this.place(name);
    const founders = this.founders.map((each) => `${each}=${this.place(each).advertisePeer}`);
    const joins = extra.args?.includes("--join") === true;
    const isFounder = this.founders.length > 1 && this.founders.includes(name) && !joins;
    return this.startAs(name, [
      ...["serve", "--name", name, "--data-dir", this.dataDirectory(name)],
      ...["--listen-client", listenClient, "--listen-peer", listenPeer],
      ...["--advertise-peer", advertisePeer],
      ...(isFounder ? ["--founders", founders.join(",")] : []),
      ...this.#extraArgs,
      ...(extra.args ?? []),
    ]);
  }

  /** By a command that somebody else made up: the words after `rogerd`. */
  startAs(name: string, args: readonly string[]): DaemonProcess {
    if (this.#processes.get(name)?.isRunning) throw new Error(`${name} is running`);
    const { within } = this.place(name);
    const setup = this.setups.get(name);
    const daemon = new DaemonProcess({
      ...{ args, within, disk: this.#disk },
      product: setup?.product ?? this.product,
      env: { ...this.#env, ...setup?.env },
    });
    this.#processes.set(name, daemon);
    void daemon.exited.then((exit) => {
      this.#whenEnded({ ...exit, name, isAsked: daemon.isAsked, words: lastWordsOf(daemon) });
    });
    return daemon;
  }

  /** Invites a node that is to join, and starts it with the secret that was given. */
  async joinNode(name: string): Promise<DaemonProcess> {
    const { advertisePeer, listenClient } = this.place(name);
    const addresses = ["--peer", advertisePeer, "--client", listenClient];
    const { code, stderr, stdout } = await this.rogerctl(
      ...["member", "add", name, ...addresses, "-o", "json"],
    );
    if (code !== 0) throw new Error(`member add ${name} ended with ${code}: ${stderr}`);
    const { secret } = JSON.parse(stdout) as { readonly secret: string };
    const file = join(this.folder, `${name}.secret`);
    await writeFile(file, `${secret}\n`);
    const leader = this.place(await this.leader()).advertisePeer;
    const args = ["--join", leader, "--join-secret-file", file];
    return this.startNode(name, { args });
  }

  process(name: string): DaemonProcess {
    const daemon = this.#processes.get(name);
    if (daemon === undefined) throw new Error(`${name} was never started`);
    return daemon;
  }

  isRunning(name: string): boolean {
    return this.#processes.get(name)?.isRunning === true;
  }

  /** A folder of its own, where a file system may be mounted. */
  diskOf(name: string): string {
    return join(this.folder, name);
  }

  dataDirectory(name: string): string {
    return join(this.diskOf(name), "data");
  }

  place(name: string): NodePlace {
    const place = this.#places.get(name);
    if (place === undefined) throw new Error(`no node ${name}`);
    return place;
  }

  clientPort(name: string): number {
    return portOf(this.place(name).listenClient);
  }

  get endpoints(): readonly string[] {
    return this.names.map((name) => this.place(name).listenClient);
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

  /** Another one leads then, and the killed one is back: whoever kills again leaves a majority. */
  async killLeader(): Promise<void> {
    const killed = await this.leader();
    await this.process(killed).kill();
    await this.leader({ other: killed });
    this.startNode(killed);
    await eventually(`${killed} is back`, async () => {
      return (await this.nodeStatus(killed)).appliedIndex > 0 || undefined;
    });
  }

  /** The node's own view, from its `GET /status`. */
  async nodeStatus(name: string, query = ""): Promise<MemberStatus> {
    const response = await fetch(`http://${this.place(name).listenClient}/status${query}`, {
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

  /** Kills what runs, frozen ones too; all else stays. */
  async endAll(): Promise<void> {
    const running = [...this.#processes.values()].filter((daemon) => daemon.isRunning);
    for (const daemon of running) daemon.signal("SIGCONT");
    await Promise.all(running.map((daemon) => daemon.kill()));
  }

  async close(): Promise<void> {
    await this.endAll();
    await rm(this.folder, { recursive: true, force: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** A cluster whose every process has ended will never have a leader: say why, at once. */
  #expectSomeoneRuns(): void {
    const isSomeoneRunning = [...this.#processes.values()].some((daemon) => daemon.isRunning);
    if (!isSomeoneRunning) throw new HopelessError(`every node has ended:\n${this.logs()}`);
  }
}

/** For people; the log beside them says the same. */
export function lastWordsOf(daemon: DaemonProcess): string {
  const lines = daemon.log().split("\n");
  return lines.filter((line) => line.startsWith("rogerd: ")).join("\n");
}

async function onLoopback(count: number): Promise<ReadonlyMap<string, NodePlace>> {
  const free = (await freePorts(count * 2)).map((port) => `127.0.0.1:${port}`);
  const places = Array.from({ length: count }, (_, at): readonly [string, NodePlace] => {
    const [listenClient = "", listenPeer = ""] = free.slice(at * 2);
    return [`n${at + 1}`, { listenClient, listenPeer, advertisePeer: listenPeer, within: [] }];
  });
  return new Map(places);
}

function portOf(address: string): number {
  return Number(address.slice(address.lastIndexOf(":") + 1));
}
