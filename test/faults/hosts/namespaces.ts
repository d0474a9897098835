// namespaces.ts — hosts as network namespaces: compiles network.c, starts it and tells it the rules of links. It runs in
// a private network only (`privateNetwork`), so that nobody else's is touched. All ends with the process that started it.
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import type { NodePlace } from "../../processes/test-cluster.ts";
import { projectRoot } from "../../project-root.ts";
import type { HostName, Hosts, LinkRule, LinkTrouble } from "./hosts.ts";
import { orphansEnd } from "./orphans.ts";

const source = join(projectRoot, "test", "faults", "hosts", "network.c");
const clientPort = 7401;
const peerPort = 7501;
const million = 1_000_000;

/** The words before a command that is to run in a private network; without root, in a world of its own where it is. */
export function privateNetwork(): readonly string[] {
  return process.getuid?.() === 0
    ? ["unshare", "-n", "-m", "--"]
    : ["unshare", "-r", "-n", "-m", "--"];
}

/** True, or why this machine can't: found out by trying. */
export async function canHaveNamespaces(): Promise<true | string> {
  const folder = await mkdtemp(join(tmpdir(), "rogerd-network-"));
  try {
    const words = orphansEnd.join(" ");
    await run([...privateNetwork(), "sh", "-c", `${words} nsenter -t $$ -n -- true`]);
    // It ends by itself when there is nothing for it to read.
    await run([...privateNetwork(), await compile(folder), "2", "1"]);
    return true;
  } catch (problem) {
    return problem instanceof Error ? problem.message : String(problem);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** To be called inside a private network: the caller becomes one of its hosts, to which no link is ever cut. */
export async function startNamespaces(options: {
  readonly nodes: number;
  readonly clients: number;
  readonly seed: number;
}): Promise<Hosts> {
  const names = [
    ...["desk"],
    ...Array.from({ length: options.nodes }, (_, at) => `n${at + 1}`),
    ...Array.from({ length: options.clients }, (_, at) => `c${at + 1}`),
  ];
  const folder = await mkdtemp(join(tmpdir(), "rogerd-network-"));
  try {
    const command = [await compile(folder), String(names.length), String(options.seed)];
    return new Namespaces({ names, network: await Network.start(command) });
  } finally {
    // What runs does not need its file.
    await rm(folder, { recursive: true, force: true });
  }
}

class Namespaces implements Hosts {
  readonly kind = "namespaces";
  readonly impossible: ReadonlySet<LinkTrouble> = new Set<LinkTrouble>(["repeats", "reorders"]);
  readonly nodes: ReadonlyMap<HostName, NodePlace>;
  readonly clients: readonly HostName[];
  readonly #names: readonly HostName[];
  readonly #network: Network;
  readonly #rules = new Set<string>();

  constructor(parts: { readonly names: readonly HostName[]; readonly network: Network }) {
    this.#names = parts.names;
    this.#network = parts.network;
    this.clients = parts.names.filter((name) => name.startsWith("c"));
    const nodes = parts.names.filter((name) => name.startsWith("n"));
    this.nodes = new Map(nodes.map((name) => [name, this.#place(name)]));
  }

  endpointsFor(_client: HostName): readonly string[] {
    return [...this.nodes.values()].map(({ listenClient }) => listenClient);
  }

  within(host: HostName): readonly string[] {
    const at = this.#at(host);
    return at === 0
      ? []
      : [...orphansEnd, "nsenter", "-t", `${this.#network.pids[at]}`, "-n", "--"];
  }

  async link(
    way: { readonly from: HostName; readonly to: HostName },
    rule: LinkRule,
  ): Promise<void> {
    if (rule.repeats !== undefined || rule.reorders !== undefined) {
      throw new Error("namespaces carry packets: they know no messages");
    }
    const pair = `${this.#at(way.from)} ${this.#at(way.to)}`;
    this.#rules.add(pair);
    const { isCut = false, delayMs = 0, jitterMs = 0, loss = 0, bytesPerSecond = 0 } = rule;
    const numbers = [delayMs * 1_000, jitterMs * 1_000, loss * million, bytesPerSecond];
    await this.#network.tell(`link ${pair} ${isCut ? 1 : 0} ${numbers.map(Math.round).join(" ")}`);
  }

  async restore(): Promise<void> {
    const pairs = [...this.#rules];
    this.#rules.clear();
    await Promise.all(pairs.map((pair) => this.#network.tell(`link ${pair} 0 0 0 0 0`)));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#network.end();
  }

  #at(host: HostName): number {
    const at = this.#names.indexOf(host);
    if (at < 0) throw new Error(`there is no host ${host}`);
    return at;
  }

  #place(node: HostName): NodePlace {
    const address = `10.77.0.${this.#at(node) + 1}`;
    const listenPeer = `${address}:${peerPort}`;
    return {
      listenClient: `${address}:${clientPort}`,
      listenPeer,
      advertisePeer: listenPeer,
      within: this.within(node),
    };
  }
}

/** The process between the hosts: each line that it is told, it answers by one, in order. */
class Network {
  /** Of a process in each host's namespace. */
  readonly pids: number[] = [];
  readonly #process: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #ended: Promise<unknown>;
  #awaited: { readonly resolve: () => void; readonly reject: (reason: Error) => void }[] = [];
  #complaint = "";

  private constructor(command: readonly string[]) {
    const [program = "", ...words] = command;
    this.#process = spawn(program, words, { stdio: ["pipe", "pipe", "pipe"] });
    this.#process.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#complaint += text;
    });
    this.#process.stdin.on("error", (error) => {
      this.#complaint += error.message;
    });
    createInterface({ input: this.#process.stdout }).on("line", (line) => this.#hear(line));
    this.#ended = new Promise<void>((resolve) => {
      this.#process.once("error", (error) => {
        this.#complaint += error.message;
        resolve();
      });
      this.#process.once("close", () => resolve());
    }).then(() => this.#refuseAll());
  }

  static async start(command: readonly string[]): Promise<Network> {
    const network = new Network(command);
    await network.#answer();
    return network;
  }

  async tell(line: string): Promise<void> {
    if (this.#process.exitCode !== null) throw this.#gone();
    this.#process.stdin.write(`${line}\n`);
    await this.#answer();
  }

  async end(): Promise<void> {
    this.#process.stdin.end();
    await this.#ended;
  }

  #hear(line: string): void {
    const host = /^host \d+ (\d+)$/.exec(line)?.[1];
    if (host === undefined) this.#awaited.shift()?.resolve();
    else this.pids.push(Number(host));
  }

  #answer(): Promise<void> {
    return new Promise((resolve, reject) => this.#awaited.push({ resolve, reject }));
  }

  #refuseAll(): void {
    for (const { reject } of this.#awaited) reject(this.#gone());
    this.#awaited = [];
  }

  #gone(): Error {
    return new Error(`the network has ended: ${this.#complaint.trim()}`);
  }
}

async function compile(folder: string): Promise<string> {
  const program = join(folder, "network");
  await run(["cc", "-O2", "-o", program, source]);
  return program;
}

/** To its end, with nothing to read. */
function run(command: readonly string[]): Promise<void> {
  const [program = "", ...words] = command;
  const child = spawn(program, words, { stdio: ["ignore", "ignore", "pipe"] });
  let complaint = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    complaint += text;
  });
  return new Promise((resolve, reject) => {
    child.once("error", (error) => reject(new Error(`${program}: ${error.message}`)));
    child.once("close", (code) => {
      if (code === 0) resolve();
      else reject(new Error(`${command.join(" ")} ended with ${code}: ${complaint.trim()}`));
    });
  });
}
