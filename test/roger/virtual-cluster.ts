// virtual-cluster.ts — the differential test in the simulator's world: three real daemons and the real client on
// virtual time, network and disks. Leaders are killed or lose their power, and now and then the client
// is frozen for longer than its session lives. Nobody judges here but the reference.
import { type Caller, connect, type RogerdClient } from "@rogerd/client";
import { defaultSettings, type Settings } from "@rogerd/daemon";
import { Dice } from "../simulation/dice.ts";
import { Machine } from "../simulation/machine.ts";
import { leaderOf } from "../simulation/nemesis.ts";
import { clientPort, hostOf, peerPort } from "../simulation/options.ts";
import { Trace } from "../simulation/trace.ts";
import { clientPlatform } from "../simulation/virtual-client.ts";
import { VirtualProcess } from "../simulation/virtual-time.ts";
import { type World, worldOf } from "../simulation/world.ts";
import { type Comparison, compareWithReference } from "./differential.ts";

export interface VirtualRun extends Comparison {
  readonly faults: Readonly<Record<string, number>>;
  readonly virtualMs: number;
}

export interface RunRequest {
  readonly seed: number;
  readonly calls: number;
  readonly callsPerFault: number;
  readonly through?: (caller: Caller) => Caller;
}

const nodes = [1, 2, 3];
const linkTimes = { baseMs: 0.1, jitterMs: 0.1, hiccup: 0.001, hiccupMs: 10 };
const sessionTtlMs = 5_000;
/** So that the lease is lost, and the leader ends the session too. */
const frozenMs = 9_000;
/** As long as half a call takes, on average. */
const strikeMs = 0.6;
const sliceMs = 1_000;
/** What is lost for ever is not waited for: far more than all calls of a run take. */
const callMsMax = 60_000;

export function runInSimulator(request: RunRequest): Promise<VirtualRun> {
  return new VirtualCluster(request).run();
}

class VirtualCluster {
  readonly #request: RunRequest;
  readonly #dice: Dice;
  readonly #world: World;
  readonly #machines: readonly Machine[];
  readonly #clientProcess: VirtualProcess;
  readonly #faults: Record<string, number> = {
    "kill leader": 0,
    "power cut": 0,
    "freeze client": 0,
  };
  #ended: Failure[] = [];

  constructor(request: RunRequest) {
    this.#request = request;
    this.#dice = new Dice(request.seed);
    this.#world = worldOf(this.#dice, { trace: new Trace({ lines: "last" }), times: linkTimes });
    this.#machines = nodes.map((number) => this.#machine(number));
    this.#clientProcess = this.#process();
  }

  async run(): Promise<VirtualRun> {
    const { time } = this.#world;
    const { calls } = this.#request;
    for (const machine of this.#machines) machine.start();
    let outcome: PromiseSettledResult<Comparison> | undefined;
    this.#clientProcess.setTimer(0, () => {
      void Promise.allSettled([this.#compare()]).then(([settled]) => {
        outcome = settled;
      });
    });
    const isOver = (): boolean => outcome !== undefined || this.#ended.length > 0;
    const endMs = time.now + (calls + 1) * callMsMax;
    while (!isOver() && time.now < endMs) await time.run({ untilMs: time.now + sliceMs, isOver });
    const [failure] = this.#ended;
    if (failure !== undefined) throw new Error(`a daemon ended by itself: ${failure}`);
    if (outcome === undefined) throw new Error("the calls do not come to an end");
    if (outcome.status === "rejected") throw outcome.reason;
    return { ...outcome.value, faults: this.#faults, virtualMs: time.now };
  }

  async #compare(): Promise<Comparison> {
    const client = await this.#connect();
    const dice = this.#dice.fork("calls");
    return compareWithReference({
      ...this.#request,
      client,
      dice: (sides) => dice.below(sides),
      wait: (ms) => this.#wait(ms),
      strike: () => this.#strike(),
    });
  }

  #connect(): Promise<RogerdClient> {
    const { network } = this.#world;
    const place = { host: "10.0.1.1", process: this.#clientProcess };
    return connect({
      endpoints: nodes.map((number) => `${hostOf(number)}:${clientPort}`),
      platform: clientPlatform({ network, place, dice: this.#dice.fork("client") }),
      sessionTtlMs,
    });
  }

  /** Seldom the client itself: it then learns of most of its calls what they did. */
  async #strike(): Promise<void> {
    const dice = this.#dice.fork(`fault ${this.#world.time.now}`);
    await this.#wait(dice.around(strikeMs));
    if (dice.chance(0.1)) {
      this.#count("freeze client");
      this.#clientProcess.pause(frozenMs);
      return;
    }
    const leader = leaderOf(this.#machines.filter(({ isRunning }) => isRunning));
    if (leader === undefined) return;
    const isPowerCut = dice.chance(0.5);
    this.#count(isPowerCut ? "power cut" : "kill leader");
    if (isPowerCut) leader.powerCut("some");
    else leader.kill();
    this.#world.time.schedule({ afterMs: dice.around(300), run: () => leader.start() });
  }

  #count(fault: string): void {
    this.#faults[fault] = (this.#faults[fault] ?? 0) + 1;
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => void this.#clientProcess.setTimer(ms, resolve));
  }

  #process(): VirtualProcess {
    const clock = { originMs: 0, rate: 1, turnMs: 0, lookMs: 0 };
    return new VirtualProcess({ time: this.#world.time, pid: this.#world.nextPid(), clock });
  }

  #machine(number: number): Machine {
    return new Machine({
      world: this.#world,
      name: `n${number}`,
      host: hostOf(number),
      settings: settingsOf(number),
      raft: { checkEverything: false },
      diskTimes: { readMs: 0.1, writeMs: 0.05, syncMs: 0.5 },
      clock: { rate: 1, turnMs: 0, lookMs: 0 },
      heard: () => undefined,
      exited: (machine, { sentence }) => void this.#ended.push(`${machine.name}: ${sentence}`),
      named: () => undefined,
    });
  }
}

type Failure = string;

/** Small snapshots: a leader that comes back is brought up by one now and then. */
function settingsOf(number: number): Settings {
  const host = hostOf(number);
  return {
    ...defaultSettings,
    name: `n${number}`,
    dataDir: "/data",
    listenClient: { host, port: clientPort },
    listenPeer: { host, port: peerPort },
    founders: nodes.map((each) => ({ name: `n${each}`, host: hostOf(each), port: peerPort })),
    raft: { ...defaultSettings.raft, snapshotEveryEntries: 300, trailingEntries: 20 },
    stateHashEveryEntries: 32,
    walSegmentBytes: 64 * 1024,
    diskReserveBytes: 16 * 1024,
  };
}
