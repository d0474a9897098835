// cluster.ts — `rogerd cluster`: some nodes on this machine, each a `rogerd serve` of its own, for trying
// things out and for development. This process alone hears the signals of the terminal. A node that ends
// is reported, never started again, and never takes the others with it, at the start no less than later:
// what a dead node means is for the operator to see.
import { addressText } from "../settings/parse-setting.ts";
import { waitForLeader } from "./cluster-leader.ts";
import { type ClusterForm, readRecord, writeRecord } from "./cluster-record.ts";
import { type ExitCode, exitCodeFrom, exitCodeMeanings, exitCodes } from "./exit-codes.ts";
import type { Ended, NodeProcess, Surroundings } from "./surroundings.ts";

export interface ClusterAsked extends ClusterForm {
  readonly dataDir: string;
  /** Of the nodes. Undefined: as ROGERD_LOG_LEVEL says, or else warnings only. */
  readonly logLevel: string | undefined;
}

interface PlannedNode {
  readonly name: string;
  readonly clientPort: number;
  readonly peerPort: number;
}

/** A node's own limit is 10 s; what is later than this does not answer any more. */
const stopMsMax = 15_000;

export async function runCluster(
  surroundings: Surroundings,
  asked: ClusterAsked,
): Promise<ExitCode> {
  const recorded = await readRecord(surroundings, asked);
  if (recorded.kind === "other") {
    surroundings.say(`rogerd: ${recorded.sentence}`);
    return exitCodes.settings;
  }
  const planned = planNodes(asked);
  const taken = await takenPorts(surroundings, planned);
  if (taken.length > 0) {
    surroundings.say(
      `rogerd: ${taken.length === 1 ? "port" : "ports"} ${taken.join(", ")} on 127.0.0.1 taken; stop the other cluster, or choose another --base-port and --data-dir`,
    );
    return exitCodes.taken;
  }
  const unwritten = recorded.kind === "none" ? await writeRecord(surroundings, asked) : undefined;
  if (unwritten !== undefined) {
    surroundings.say(`rogerd: ${unwritten}`);
    return exitCodes.settings;
  }
  return new RunningCluster(surroundings, { asked, planned }).run();
}

/** Client ports follow the base port, peer ports the hundred after it. */
export function planNodes({ nodes, basePort }: ClusterForm): readonly PlannedNode[] {
  return Array.from({ length: nodes }, (_, position) => ({
    name: `n${position + 1}`,
    clientPort: basePort + position + 1,
    peerPort: basePort + 100 + position + 1,
  }));
}

async function takenPorts(
  surroundings: Surroundings,
  planned: readonly PlannedNode[],
): Promise<readonly number[]> {
  const ports = planned.flatMap(({ clientPort, peerPort }) => [clientPort, peerPort]);
  const free = await Promise.all(ports.map((port) => surroundings.isPortFree(port)));
  return ports.filter((_, position) => free[position] === false);
}

export function serveArguments(
  node: PlannedNode,
  {
    asked,
    planned,
    logLevel,
  }: {
    readonly asked: ClusterAsked;
    readonly planned: readonly PlannedNode[];
    readonly logLevel: string;
  },
): readonly string[] {
  const founders = planned.map(({ name, peerPort }) => `${name}=${loopback(peerPort)}`).join(",");
  return [
    "serve",
    `--name=${node.name}`,
    `--data-dir=${asked.dataDir}/${node.name}`,
    `--listen-client=${loopback(node.clientPort)}`,
    `--listen-peer=${loopback(node.peerPort)}`,
    `--log-level=${logLevel}`,
    ...(planned.length > 1 ? [`--founders=${founders}`] : []),
  ];
}

function loopback(port: number): string {
  return addressText({ host: "127.0.0.1", port });
}

/** With the number of each process: whoever wants to see one die need not search for it. */
function introduction(
  asked: ClusterAsked,
  planned: readonly PlannedNode[],
  running: ReadonlyMap<string, NodeProcess>,
): string {
  const nodes = planned.map(({ name, clientPort, peerPort }) => {
    const pid = running.get(name)?.pid ?? "-";
    return `  ${name}  clients ${loopback(clientPort)}  peers ${loopback(peerPort)}  pid ${pid}\n`;
  });
  return `${planned.length} nodes on this machine, data in ${asked.dataDir}\n\n${nodes.join("")}\n`;
}

function commandsToTry(asked: ClusterAsked, planned: readonly PlannedNode[]): string {
  const isDefault = asked.basePort === 7400 && asked.nodes === 3;
  const list = planned.map(({ clientPort }) => loopback(clientPort)).join(",");
  const lines = [
    ...(isDefault ? [] : [`export ROGERCTL_ENDPOINTS=${list}`]),
    "npx rogerctl status",
    'npx rogerctl pause mail --partition acme --reason "provider down"',
    "npx rogerctl paused --partition acme",
  ];
  return `\nTo try in another terminal:\n\n${lines.map((line) => `  ${line}\n`).join("")}\nCtrl-C stops all nodes; the data stays.\n`;
}

/** What it said itself went to the same stderr just before. */
function howEnded({ code, signal }: Ended): string {
  if (signal !== null) return signal;
  const meaning = exitCodeMeanings[exitCodeFrom(code)];
  return `exit code ${code}: ${meaning}`;
}

class RunningCluster {
  readonly #surroundings: Surroundings;
  readonly #asked: ClusterAsked;
  readonly #planned: readonly PlannedNode[];
  readonly #running = new Map<string, NodeProcess>();
  #phase: "starting" | "running" | "stopping" = "starting";
  #worst: ExitCode = exitCodes.stopped;

  constructor(
    surroundings: Surroundings,
    plan: { readonly asked: ClusterAsked; readonly planned: readonly PlannedNode[] },
  ) {
    this.#surroundings = surroundings;
    this.#asked = plan.asked;
    this.#planned = plan.planned;
  }

  async run(): Promise<ExitCode> {
    this.#surroundings.onStopWish({ stop: () => this.#stop(), endAtOnce: () => this.#kill() });
    const ends = this.#planned.map((node) => this.#start(node));
    this.#surroundings.out(introduction(this.#asked, this.#planned, this.#running));
    void this.#announceLeader();
    await Promise.all(ends);
    return this.#worst;
  }

  async #start(node: PlannedNode): Promise<void> {
    const logLevel =
      this.#asked.logLevel ?? this.#surroundings.environment["ROGERD_LOG_LEVEL"] ?? "warn";
    const args = serveArguments(node, { asked: this.#asked, planned: this.#planned, logLevel });
    const started = this.#surroundings.startNode(args);
    this.#running.set(node.name, started);
    const ended = await started.ended;
    this.#running.delete(node.name);
    this.#onEnded(node, ended);
  }

  #onEnded(node: PlannedNode, ended: Ended): void {
    const exitCode = exitCodeFrom(ended.code);
    if (exitCode !== exitCodes.stopped) this.#worst = exitCode;
    if (this.#phase === "stopping" && exitCode === exitCodes.stopped) return;
    const left = this.#running.size;
    const { length: all } = this.#planned;
    this.#surroundings.say(
      `${node.name} ended (${howEnded(ended)}) and is not started again; ${left} of ${all} nodes are left`,
    );
    if (this.#phase !== "starting" || left === 0) return;
    this.#surroundings.say(
      `waiting for a leader without ${node.name}; if these nodes never were one cluster, that takes all of them: Ctrl-C, put ${node.name} right, start again`,
    );
  }

  async #announceLeader(): Promise<void> {
    const ports = this.#planned.map(({ clientPort }) => clientPort);
    const leader = await waitForLeader(this.#surroundings, {
      endpoints: ports.map(loopback),
      isWanted: () => this.#phase === "starting" && this.#running.size > 0,
    });
    if (leader === undefined || this.#phase !== "starting" || this.#running.size === 0) return;
    this.#phase = "running";
    this.#surroundings.out(`${leader} leads.\n${commandsToTry(this.#asked, this.#planned)}`);
  }

  #stop(): void {
    if (this.#phase === "stopping") return;
    this.#phase = "stopping";
    this.#surroundings.say("stopping all nodes; once more ends them at once");
    for (const node of this.#running.values()) node.stop();
    void this.#surroundings.sleep(stopMsMax).then(() => this.#kill());
  }

  #kill(): void {
    for (const node of this.#running.values()) node.kill();
  }
}
