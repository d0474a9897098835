// simulation.ts — one run of one seed: a whole cluster of real daemons and clients in one process, on
// time, network and disks of ours. First faults, and safety is checked at every message and answer;
// then a majority is healed and must converge. The same seed gives the same run, event by event.
import { decodePeerFrame, type Failure } from "@rogerd/daemon";
import { isNodeId, type Message, nodeId } from "@rogerd/raft";
import { ClientChecks } from "./client-checks.ts";
import { Convergence, standOf } from "./convergence.ts";
import { Dice } from "./dice.ts";
import { DiskChecks } from "./disk-checks.ts";
import { CurlReader } from "./curl-reader.ts";
import { drawPlan, type Fault } from "./fault-plan.ts";
import { Ledger } from "./ledger.ts";
import { Machine, type World } from "./machine.ts";
import { leaderOf, Nemesis } from "./nemesis.ts";
import {
  clientPort,
  drawOptions,
  hostOf,
  peerPort,
  type RunOptions,
  settingsOf,
} from "./options.ts";
import { StateChecks } from "./state-checks.ts";
import { Trace, type TraceLine } from "./trace.ts";
import { type Finding, Findings } from "./violation.ts";
import { VirtualNetwork } from "./virtual-network.ts";
import { VirtualTime } from "./virtual-time.ts";
import { Workload } from "./workload.ts";

export interface RunResult {
  readonly seed: number;
  readonly options: RunOptions;
  readonly plan: readonly Fault[];
  readonly finding: Finding | undefined;
  readonly virtualMs: number;
  readonly steps: number;
  readonly digest: string;
  readonly lines: readonly TraceLine[];
  readonly faults: Readonly<Record<string, number>>;
  readonly calls: Readonly<Record<string, number>>;
  readonly counts: Readonly<Record<string, number>>;
}

export interface RunRequest {
  readonly seed: number;
  /** Instead of the one that the seed draws: for smaller plans. */
  readonly plan?: readonly Fault[];
  readonly lines?: "all" | "last";
}

export function runSimulation(request: RunRequest): Promise<RunResult> {
  return new Simulation(request).run();
}

const formingBoundMs = 30_000;
/** A look at the disks of all nodes, so often. */
const diskLookMs = 1_200;

class Simulation {
  readonly #seed: number;
  readonly #dice: Dice;
  readonly #options: RunOptions;
  readonly #plan: readonly Fault[] | undefined;
  readonly #trace: Trace;
  readonly #world: World;
  readonly #findings = new Findings();
  readonly #machines: readonly Machine[];
  readonly #ledger: Ledger;
  readonly #disks: DiskChecks;
  readonly #states: StateChecks;
  readonly #calls: ClientChecks;
  readonly #workload: Workload;
  readonly #nemesis: Nemesis;
  readonly #curl: CurlReader;
  readonly #names = new Map<string, Machine>();
  #acks = 0;
  #ownCopies = 0;
  #carriedOut: readonly Fault[] = [];

  constructor(request: RunRequest) {
    this.#seed = request.seed;
    this.#plan = request.plan;
    this.#dice = new Dice(request.seed);
    this.#options = drawOptions(this.#dice.fork("options"));
    this.#trace = new Trace({ lines: request.lines ?? "last" });
    const time = new VirtualTime(this.#trace);
    const { links } = this.#options;
    const network = new VirtualNetwork({
      time,
      trace: this.#trace,
      dice: this.#dice.fork("network"),
      times: links,
    });
    let pids = 0;
    this.#world = {
      time,
      trace: this.#trace,
      network,
      dice: this.#dice.fork("machines"),
      nextPid: () => {
        pids += 1;
        return pids;
      },
    };
    const findings = this.#findings;
    this.#states = new StateChecks({ trace: this.#trace, findings });
    this.#calls = new ClientChecks({ trace: this.#trace, findings });
    this.#ledger = new Ledger({ view: this.#view(), findings });
    this.#disks = new DiskChecks({ ledger: this.#ledger, findings });
    this.#machines = Array.from({ length: this.#options.nodes }, (_, at) => this.#machine(at + 1));
    this.#workload = new Workload({
      world: this.#world,
      options: this.#options,
      endpoints: this.#machines.map(({ host }) => `${host}:${clientPort}`),
      checks: this.#calls,
      dice: this.#dice.fork("workload"),
    });
    this.#nemesis = new Nemesis({
      world: this.#world,
      machines: this.#machines,
      clients: this.#workload,
      dice: this.#dice.fork("nemesis"),
      isFounded: () => this.#isFounded(),
    });
    this.#curl = new CurlReader({
      world: this.#world,
      checks: this.#calls,
      machines: this.#machines,
    });
    network.tap = (frame) => this.#tapped(frame);
  }

  async run(): Promise<RunResult> {
    const rejected = (error: unknown): void => this.#threw(error);
    process.on("unhandledRejection", rejected);
    try {
      await this.#phases();
    } catch (error) {
      this.#threw(error);
    } finally {
      process.off("unhandledRejection", rejected);
    }
    const { time } = this.#world;
    return {
      seed: this.#seed,
      options: this.#options,
      plan: this.#carriedOut,
      finding: this.#findings.first,
      virtualMs: time.now,
      steps: time.steps,
      digest: this.#trace.digest,
      lines: this.#trace.lines,
      faults: this.#nemesis.done,
      calls: this.#calls.tally,
      counts: {
        terms: this.#ledger.termCount,
        committed: this.#ledger.committedCount,
        "disk checks": this.#disks.done,
        "hashes compared": this.#states.compared,
      },
    };
  }

  async #phases(): Promise<void> {
    const { options } = this.#parts();
    const startDice = this.#dice.fork("start");
    for (const machine of this.#machines) {
      this.#later(startDice.around(100), () => machine.start());
    }
    if (options.faultsBegin === "at-once") this.#disturb();
    else {
      const isOver = (): boolean => this.#findings.first !== undefined || this.#isFormed();
      while (!isOver() && this.#world.time.now < formingBoundMs) await this.#passes(50);

      if (this.#findings.first === undefined && !this.#isFormed()) this.#notFormed();
      this.#disturb();
    }
    this.#workload.begin();
    this.#curl.begin();
    this.#lookAtDisks();
    await this.#passes(options.safetyMs);
    await this.#converge();
    if (this.#findings.first === undefined) this.#calls.judgeHistories();
  }

  /** The second phase: a majority for good, then all. */
  async #converge(): Promise<void> {
    if (this.#findings.first !== undefined) return;
    const { world } = this.#parts();
    const { electionTimeoutMs } = this.#options.daemon.raft;
    const core = this.#drawCore();
    this.#nemesis.calm();
    this.#trace.say("phase", `healed for good: ${core.map(({ name }) => name).join(" ")}`);
    this.#heal(core);
    const convergence = new Convergence({
      world,
      checks: this.#calls,
      states: this.#states,
      findings: this.#findings,
      electionTimeoutMs,
    });
    await convergence.agreeOnLeader(core, 20_000 + 20 * electionTimeoutMs);
    await this.#passes(1_000);
    this.#workload.finish();
    const callsMs = this.#options.calls.timeoutMs + 2_000;
    const isIdle = (): boolean => this.#workload.isIdle;
    await convergence.allCallsEnd(isIdle, { ms: callsMs, core });
    await convergence.holdTheSame(core, 20_000);
    if (this.#findings.first !== undefined || core.length === this.#sound.length) return;
    this.#trace.say("phase", "all are healed");
    this.#heal(this.#sound);
    await convergence.agreeOnLeader(this.#sound, 30_000 + 20 * electionTimeoutMs);
    await convergence.holdTheSame(this.#sound, 20_000);
  }

  /** All, or a random majority: what the others do must not matter. */
  #drawCore(): readonly Machine[] {
    const dice = this.#dice.fork("core");
    const sound = this.#sound;
    if (dice.chance(0.5) || !this.#isFounded()) return sound;
    const size = Math.floor(this.#machines.length / 2) + 1;
    const drawn = sound
      .map((machine) => ({ machine, at: dice.draw() }))
      .sort((one, other) => one.at - other.at)
      .slice(0, size)
      .map(({ machine }) => machine);
    return this.#machines.filter((machine) => drawn.includes(machine));
  }

  /** By all its founders, and the first of them is needed until a majority has entry 1 (DESIGN §4). */
  #isFounded(): boolean {
    const isReady = this.#machines.every(({ wasReady }) => wasReady);
    return isReady && (this.#ledger.committedCount > 0 || this.#options.nodes === 1);
  }

  /** Who has rotted may be gone for good; its operator would replace it. */
  get #sound(): readonly Machine[] {
    return this.#machines.filter(({ isRotten }) => !isRotten);
  }

  #heal(core: readonly Machine[]): void {
    const { network } = this.#world;
    network.links.restoreAll();
    const dice = this.#dice.fork("outside");
    for (const outside of this.#machines) {
      if (core.includes(outside)) continue;
      // Cut off, or deaf: it still speaks, and must not keep the others from going on (L3).
      const isDeaf = dice.chance(0.4);
      for (const inside of core) {
        network.links.between({ from: inside.host, to: outside.host }).cut();
        if (!isDeaf) network.links.between({ from: outside.host, to: inside.host }).cut();
      }
    }
    for (const machine of core) {
      machine.healDisk();
      machine.start();
    }
  }

  #disturb(): void {
    const { options } = this.#parts();
    const fromMs = this.#world.time.now;
    this.#carriedOut =
      this.#plan ??
      drawPlan(this.#dice.fork("plan"), {
        nodes: options.nodes,
        fromMs,
        forMs: options.safetyMs,
        gapMs: options.faultGapMs,
        weights: options.faultWeights,
      });
    this.#nemesis.carryOut(this.#carriedOut);
  }

  #isFormed(): boolean {
    const isServing = this.#machines.every(({ status }) => status?.phase === "serving");
    return isServing && leaderOf(this.#machines)?.status?.raft?.hasAppliedOwnTerm === true;
  }

  #notFormed(): void {
    this.#findings.broken(
      "liveness: without faults a cluster forms",
      this.#machines.map((machine) => `${machine.name}  ${standOf(machine)}`),
    );
  }

  #lookAtDisks(): void {
    this.#later(diskLookMs, () => {
      for (const machine of this.#machines) this.#disks.checkLog(machine);
      this.#lookAtDisks();
    });
  }

  #machine(number: number): Machine {
    const { clock, clockDrift, disk, raft } = this.#options;
    const drift = this.#dice.fork(`drift ${number}`).between({ from: -clockDrift, to: clockDrift });
    return new Machine({
      world: this.#world,
      name: `n${number}`,
      host: hostOf(number),
      settings: settingsOf(this.#options, { number }),
      raft: { ...raft, checkEverything: true },
      diskTimes: disk,
      clock: { ...clock, rate: 1 + drift },
      heard: (machine, fields, message) => {
        this.#states.heard(machine.name, fields, message);
        if (message === "role changed" && fields["role"] === "leader") this.#curl.leads(machine);
      },
      exited: (machine, failure) => this.#exited(machine, failure),
    });
  }

  #exited(machine: Machine, failure: Failure): void {
    const isRefusal = failure.exitCode === 65 && machine.isRotten;
    if (isRefusal) return;
    const isExpected = failure.exitCode === 74 && machine.hadDiskTrouble;
    if (!isExpected) {
      this.#findings.broken(`a daemon exits with ${failure.exitCode}`, [
        `${machine.name}  ${failure.sentence}`,
      ]);
    }
    this.#nemesis.startLater(machine);
  }

  #view(): ConstructorParameters<typeof Ledger>[0]["view"] {
    const machineOf = (id: string): Machine | undefined => this.#names.get(id);
    return {
      voters: this.#options.nodes,
      nameOf: (id) => machineOf(id)?.name ?? id.slice(0, 8),
      persistedIndexOf: (id) => machineOf(id)?.status?.raft?.persistedIndex ?? 0,
      countedItself: (id, entry) => {
        const machine = machineOf(id);
        this.#ownCopies += 1;
        if (machine !== undefined && this.#ownCopies % 24 === 0) {
          this.#disks.checkOwnCopy(machine, entry);
        }
      },
      say: (who, text) => this.#trace.say(who, text),
    };
  }

  /** What leaves one node for another, at that moment. */
  #tapped(frame: {
    readonly from: string;
    readonly to: string;
    readonly port: number;
    readonly data: Uint8Array | string;
  }): void {
    if (frame.port !== peerPort || typeof frame.data === "string") return;
    const from = this.#machineAt(frame.from);
    const to = this.#machineAt(frame.to);
    if (!isNodeId(from?.nodeId) || !isNodeId(to?.nodeId)) return;
    const route = { from: nodeId(from.nodeId), to: nodeId(to.nodeId) };
    const decoded = decodePeerFrame(frame.data, route);
    if (decoded.kind !== "messages") return;
    for (const message of decoded.messages) this.#left(from, message);
  }

  #left(machine: Machine, message: Message): void {
    this.#ledger.left(message);
    if (message.kind === "vote-granted" || message.kind === "request-vote") {
      this.#disks.checkVote(machine, message);
    }
    if (message.kind !== "append-accepted") return;
    this.#acks += 1;
    if (this.#acks % 128 === 0) this.#disks.checkLog(machine);
  }

  #machineAt(host: string): Machine | undefined {
    const machine = this.#machines.find((each) => each.host === host);
    if (machine?.nodeId !== undefined) this.#names.set(machine.nodeId, machine);
    return machine;
  }

  #threw(error: unknown): void {
    const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
    const who = this.#machines.find((each) => each.process === this.#world.time.current)?.name;
    this.#findings.broken("nothing is thrown that nobody catches", [`${who ?? "?"}  ${what}`]);
  }

  #passes(forMs: number): Promise<void> {
    const { time } = this.#world;
    const isOver = (): boolean => this.#findings.first !== undefined;
    return time.run({ untilMs: time.now + forMs, isOver });
  }

  #later(afterMs: number, run: () => void): void {
    this.#world.time.schedule({ afterMs, run });
  }

  #parts(): { readonly options: RunOptions; readonly world: World } {
    return { options: this.#options, world: this.#world };
  }
}
