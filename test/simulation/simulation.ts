// simulation.ts — one run of one seed: a whole cluster of real daemons and clients in one process, on
// time, network and disks of ours. First faults, and safety is checked at every message and answer;
// then a majority is healed and must converge. The same seed gives the same run, event by event.
import type { Failure } from "@rogerd/daemon";
import { Convergence, standOf } from "./convergence.ts";
import { CurlCaller } from "./curl-caller.ts";
import { CurlReader } from "./curl-reader.ts";
import { Dice } from "./dice.ts";
import { drawPlan, type Fault } from "./fault-plan.ts";
import { Fleet } from "./fleet.ts";
import { Healing } from "./healing.ts";
import { Judges } from "./judges.ts";
import { Machine } from "./machine.ts";
import { leaderOf, Nemesis } from "./nemesis.ts";
import { Operator } from "./operator.ts";
import {
  clientPort,
  drawOptions,
  hostOf,
  newMachinesMax,
  type RunOptions,
  settingsOf,
} from "./options.ts";
import { Trace, type TraceLine } from "./trace.ts";
import { type Finding, Findings } from "./violation.ts";
import { Workload } from "./workload.ts";
import { type World, worldOf } from "./world.ts";

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
/** So much later than a lease is over its session has ended. */
const leaseEndsMs = 2_500;
/** A daemon says so when a snapshot is on its disk, and its log knows. */
const snapshotLines: ReadonlySet<string> = new Set([
  "snapshot stored",
  "snapshot installed",
  "raft: newest snapshot stored anew",
]);
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
  readonly #fleet = new Fleet();
  readonly #operator: Operator;
  readonly #judges: Judges;
  readonly #workload: Workload;
  readonly #nemesis: Nemesis;
  readonly #curl: CurlReader;
  readonly #script: CurlCaller;
  #wasFounded = false;
  #carriedOut: readonly Fault[] = [];

  constructor(request: RunRequest) {
    this.#seed = request.seed;
    this.#plan = request.plan;
    this.#dice = new Dice(request.seed);
    this.#options = drawOptions(this.#dice.fork("options"));
    this.#trace = new Trace({ lines: request.lines ?? "last" });
    this.#world = worldOf(this.#dice, {
      trace: this.#trace,
      times: this.#options.links,
    });
    const [findings, fleet, world] = [this.#findings, this.#fleet, this.#world];
    this.#judges = new Judges({
      world,
      options: this.#options,
      fleet,
      findings,
      isFounded: () => this.#isFounded(),
    });
    fleet.reads(this.#judges.ledger);
    world.network.tap = this.#judges.wiretap.tap;
    world.network.replays.isSameNode = (one, other) => {
      const id = fleet.idOf(one);
      return id !== undefined && id === fleet.idOf(other);
    };
    for (let number = 1; number <= this.#options.nodes; number += 1) this.#addMachine();
    this.#operator = new Operator({ world, fleet, dice: this.#dice.fork("operator") });
    const hosts = Array.from({ length: this.#options.nodes + newMachinesMax }, (_, at) => at + 1);
    this.#workload = new Workload({
      world,
      options: this.#options,
      endpoints: hosts.map((number) => `${hostOf(number)}:${clientPort}`),
      checks: this.#judges.calls,
      holds: this.#judges.holds,
      told: this.#judges.told,
      dice: this.#dice.fork("workload"),
    });
    this.#judges.leases.watches(() => this.#workload.believers);
    this.#nemesis = new Nemesis({
      world,
      fleet,
      ledger: this.#judges.ledger,
      operator: this.#operator,
      newMachine: () => this.#addMachine(),
      clients: this.#workload,
      dice: this.#dice.fork("nemesis"),
      isFounded: () => this.#isFounded(),
    });
    this.#curl = new CurlReader({
      world,
      checks: this.#judges.calls,
      machines: () => fleet.living,
    });
    const dice = this.#dice.fork("script");
    const checks = this.#judges.calls;
    this.#script = new CurlCaller({ world, fleet, checks, findings, options: this.#options, dice });
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
      calls: this.#judges.calls.tally,
      counts: this.#judges.counts,
    };
  }

  async #phases(): Promise<void> {
    const { options } = this.#parts();
    const startDice = this.#dice.fork("start");
    for (const machine of this.#fleet.all) {
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
    this.#script.begin();
    this.#lookAtDisks();
    await this.#passes(options.safetyMs);
    await this.#converge();
    await this.#outlastLeases();
    this.#workload.tellLeft();
    this.#judges.judgeAll();
  }

  /** By the slowest clock, from when the last leader began. */
  async #outlastLeases(): Promise<void> {
    const { calls, clockDrift } = this.#options;
    if (this.#findings.first !== undefined || !calls.waitsForLeases) return;
    await this.#passes(calls.sessionTtlMs * (1 + 2 * clockDrift) + leaseEndsMs);
    this.#judges.holds.deadLeases = "over";
  }

  /** The second phase: a majority for good, then all. */
  async #converge(): Promise<void> {
    if (this.#findings.first !== undefined) return;
    const { world, options } = this.#parts();
    const [findings, fleet, operator] = [this.#findings, this.#fleet, this.#operator];
    this.#nemesis.calm();
    const { electionTimeoutMs } = options.daemon.raft;
    const healing = new Healing({
      world,
      fleet,
      operator,
      callers: [this.#workload, this.#script],
      clients: this.#workload,
      findings,
      dice: this.#dice,
      isFounded: () => this.#isFounded(),
      callsMs: options.calls.timeoutMs + 2_000,
      convergence: new Convergence({
        world,
        checks: this.#judges.calls,
        states: this.#judges.states,
        findings,
        electionTimeoutMs,
      }),
    });
    await healing.run();
  }

  /** By all its founders, and the first of them is needed until a majority has entry 1 (DESIGN §4). */
  #isFounded(): boolean {
    const isReady = this.#fleet.living.every(({ wasReady }) => wasReady);
    const isCommitted = this.#judges.ledger.committedCount > 0 || this.#options.nodes === 1;
    this.#wasFounded ||= isReady && isCommitted;
    return this.#wasFounded;
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
    const isServing = this.#fleet.all.every(({ status }) => status?.phase === "serving");
    return isServing && leaderOf(this.#fleet.all)?.status?.raft?.hasAppliedOwnTerm === true;
  }

  #notFormed(): void {
    this.#findings.broken(
      "liveness: without faults a cluster forms",
      this.#fleet.all.map((machine) => `${machine.name}  ${standOf(machine)}`),
    );
  }

  #lookAtDisks(): void {
    this.#later(diskLookMs, () => {
      for (const machine of this.#fleet.living) this.#judges.disks.checkLog(machine);
      this.#lookAtDisks();
    });
  }

  /** Undefined: there are no more. Its directory is empty, and nobody has heard of it. */
  #addMachine(): Machine | undefined {
    const { checks, clock, clockDrift, disk, nodes, raft } = this.#options;
    const number = this.#fleet.all.length + 1;
    if (number > nodes + newMachinesMax) return undefined;
    const drift = this.#dice.fork(`drift ${number}`).between({ from: -clockDrift, to: clockDrift });
    const machine = new Machine({
      world: this.#world,
      name: `n${number}`,
      host: hostOf(number),
      settings: settingsOf(this.#options, { number }),
      raft: { ...raft, checkEverything: checks === "all" },
      diskTimes: disk,
      clock: { ...clock, rate: 1 + drift },
      heard: (speaker, fields, message) => {
        this.#judges.states.heard(speaker.name, fields, message);
        if (message === "session expired") {
          this.#judges.leases.expires(speaker.name, Number(fields["session"]));
        }
        if (snapshotLines.has(message)) this.#nemesis.snapshotStored(speaker);
        if (message === "role changed" && fields["role"] === "leader") this.#curl.leads(speaker);
      },
      exited: (exiting, failure) => this.#exited(exiting, failure),
      named: (speaker, id) => this.#fleet.named(speaker, id),
    });
    machine.isStranger = number > nodes;
    if (number > nodes) machine.use = "new";
    this.#fleet.add(machine);
    return machine;
  }

  #exited(machine: Machine, failure: Failure): void {
    const { exitCode, sentence } = failure;
    const asksForOperator =
      (exitCode === 65 && machine.isRotten) || (exitCode === 78 && machine.isStranger);
    if (asksForOperator) return this.#operator.reads(machine, failure);
    if (exitCode === 78 && this.#fleet.wasRemoved(machine)) return;
    const isExpected = exitCode === 74 && machine.isDiskSuspect;
    if (!isExpected) {
      this.#findings.broken(`a daemon exits with ${exitCode}`, [`${machine.name}  ${sentence}`]);
    }
    this.#nemesis.startLater(machine);
  }

  #threw(error: unknown): void {
    const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
    const who = this.#fleet.all.find((each) => each.process === this.#world.time.current)?.name;
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
