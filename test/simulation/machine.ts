// machine.ts — one node's machine: its disk, its power, and the daemon that runs on it just now, the
// real one. A process ends by SIGKILL (what it wrote stays in the page cache), by a power cut (what was
// not synced may go), in order, or by itself with an exit code; it decides nothing about Raft.
import { createHash } from "node:crypto";
import {
  type Daemon,
  DaemonFailedError,
  type DaemonParts,
  type DaemonStatus,
  type Failure,
  type Log,
  type LogFields,
  type LogMessage,
  type Platform,
  type Settings,
  startDaemon,
} from "@rogerd/daemon";
import { MemoryDisk, type PowerCut } from "@rogerd/raft";
import type { Dice } from "./dice.ts";
import type { Trace } from "./trace.ts";
import { type DiskTimes, type DiskTrouble, VirtualDisk } from "./virtual-disk.ts";
import type { VirtualNetwork } from "./virtual-network.ts";
import { type ClockOfProcess, VirtualProcess, type VirtualTime } from "./virtual-time.ts";

/** What all machines of one simulation share. */
export interface World {
  readonly time: VirtualTime;
  readonly trace: Trace;
  readonly network: VirtualNetwork;
  readonly dice: Dice;
  nextPid(): number;
}

export interface MachineParts {
  readonly world: World;
  readonly name: string;
  readonly host: string;
  readonly settings: Settings;
  readonly raft: NonNullable<DaemonParts["raft"]>;
  readonly diskTimes: DiskTimes;
  readonly clock: Omit<ClockOfProcess, "originMs">;
  /** Every log line, as it is written. */
  readonly heard: (machine: Machine, fields: LogFields, message: LogMessage) => void;
  /** A daemon has ended by itself. */
  readonly exited: (machine: Machine, failure: Failure) => void;
}

interface Run {
  readonly process: VirtualProcess;
  daemon: Daemon | undefined;
}

export type Keeps = "nothing" | "everything" | "some";

export class Machine {
  readonly name: string;
  readonly host: string;
  readonly memory: MemoryDisk = new MemoryDisk();
  readonly trouble: DiskTrouble;
  readonly #parts: MachineParts;
  readonly #dice: Dice;
  #run: Run | undefined;
  wallOffsetMs = 0;
  /** Whatever was done to its disk that lets a daemon end with 74. */
  hadDiskTrouble = false;
  /** A bit of its disk has changed by itself: it may refuse to start (RAFT E4), never believe it. */
  isRotten = false;
  nodeId: string | undefined;
  /** It has belonged to a cluster. */
  wasReady = false;

  constructor(parts: MachineParts) {
    this.#parts = parts;
    this.name = parts.name;
    this.host = parts.host;
    this.#dice = parts.world.dice.fork(parts.name);
    this.trouble = {
      slowdown: 1,
      hungUntil: 0,
      failNext: undefined,
      crashAt: undefined,
      crash: () => this.powerCut("some"),
    };
  }

  get isRunning(): boolean {
    return this.#run !== undefined;
  }

  get process(): VirtualProcess | undefined {
    return this.#run?.process;
  }

  get settings(): Settings {
    return this.#parts.settings;
  }

  /** Of the daemon that runs and has come so far that it can be asked. */
  get status(): DaemonStatus | undefined {
    return this.#run?.daemon?.status();
  }

  start(): void {
    if (this.#run !== undefined) return;
    const { world, clock, settings, raft } = this.#parts;
    const process = new VirtualProcess({
      time: world.time,
      pid: world.nextPid(),
      clock: { ...clock, originMs: this.#dice.between({ from: 0, to: 1e6 }) },
    });
    const run: Run = { process, daemon: undefined };
    this.#run = run;
    world.network.setPower(this.host, "on");
    world.trace.say(this.name, `starts, pid ${process.pid}`);
    const log = this.#log(process);
    const onFailed = (failure: Failure): void => this.#failed(run, failure);
    const platform = this.#platform(process);
    startDaemon({ settings, platform, log, onFailed, raft }).then(
      (daemon) => {
        run.daemon = daemon;
        this.nodeId = daemon.status().nodeId;
      },
      (error: unknown) => {
        if (!(error instanceof DaemonFailedError)) throw error;
      },
    );
  }

  /** SIGKILL: at once, and what it had handed to the kernel stays. */
  kill(): void {
    this.#end("is killed", { says: "broken" });
  }

  /** What was not synced is kept or lost, each sector and each change of a folder by itself. */
  powerCut(keeps: Keeps): void {
    if (this.#run === undefined) return;
    this.#parts.world.network.setPower(this.host, "off");
    this.#end(`loses power, keeps ${keeps}`, { says: "nothing" });
    this.memory.crash(this.cutThatKeeps(keeps));
  }

  cutThatKeeps(keeps: Keeps): PowerCut {
    if (keeps !== "some") return { keep: keeps };
    const share = this.#dice.share();
    return { keep: () => this.#dice.chance(share) };
  }

  pause(forMs: number): void {
    this.#run?.process.pause(forMs);
  }

  /** In order, as for SIGTERM. Resolves when it has stopped; never, if it dies on the way. */
  async stop(): Promise<void> {
    const run = this.#run;
    if (run?.daemon === undefined) return;
    this.#parts.world.trace.say(this.name, "is stopped");
    await run.daemon.stop();
    if (this.#run === run) this.#end("has stopped", { says: "broken" });
  }

  /** The disk works again as it did. */
  healDisk(): void {
    this.trouble.slowdown = 1;
    this.trouble.hungUntil = 0;
    this.trouble.failNext = undefined;
    this.trouble.crashAt = undefined;
    this.memory.limit({ capacityBytes: Number.MAX_SAFE_INTEGER });
  }

  #failed(run: Run, failure: Failure): void {
    if (this.#run !== run) return;
    const { world, exited } = this.#parts;
    world.time.schedule({
      afterMs: 0,
      run: () => {
        if (this.#run !== run) return;
        this.#end(`exits with ${failure.exitCode}: ${failure.sentence}`, { says: "broken" });
        exited(this, failure);
      },
    });
  }

  #end(how: string, wire: { readonly says: "broken" | "nothing" }): void {
    const run = this.#run;
    if (run === undefined) return;
    this.#run = undefined;
    run.process.end();
    const { trace, network } = this.#parts.world;
    trace.say(this.name, how);
    network.processEnded(run.process, wire);
  }

  #platform(process: VirtualProcess): Platform {
    const { world, diskTimes } = this.#parts;
    const dice = this.#dice.fork(`process ${process.pid}`);
    return {
      monotonicNow: () => process.monotonicNow(),
      wallNow: () => 1.76e12 + world.time.now + this.wallOffsetMs,
      setTimer: (delayMs, callback) => process.setTimer(delayMs, callback),
      afterTurn: (callback) => process.afterTurn(callback),
      drawSeed: () => dice.draw(),
      randomBytes: (count) => Uint8Array.from({ length: count }, () => dice.below(256)),
      digest: (bytes) => createHash("sha256").update(bytes).digest(),
      isSameSecret: ({ given, expected }) => given === expected,
      disk: new VirtualDisk({
        memory: this.memory,
        time: world.time,
        process,
        times: diskTimes,
        trouble: this.trouble,
        dice,
      }),
      process: {
        pid: process.pid,
        startTimeOf: (pid) =>
          Promise.resolve(pid === this.#run?.process.pid ? `start of ${pid}` : undefined),
      },
      loadModule: () => Promise.reject(new Error("there are no modules here")),
      network: world.network.of({ host: this.host, process }),
    };
  }

  #log(process: VirtualProcess): Log {
    const write = (fields: LogFields, message: LogMessage): void => {
      if (process.isEnded) return;
      if (message === "daemon ready") this.wasReady = true;
      this.#parts.heard(this, fields, message);
    };
    return { debug: write, info: write, warn: write, error: write, fatal: write };
  }
}
