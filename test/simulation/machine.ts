// machine.ts — one node's machine: its disk, its power, and the daemon that runs on it just now, the
// real one. A process ends by SIGKILL (what it wrote stays in the page cache), by a power cut (what was
// not synced may go), in order, or by itself with an exit code. Its operator may empty its disk, start it
// with other settings, move it elsewhere. It decides nothing about Raft.
import { hash } from "node:crypto";
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
import {
  type Configuration,
  DiskError,
  MemoryDisk,
  nodeId,
  type PowerCut,
  RecoveryRefusedError,
  recoverRejoin,
} from "@rogerd/raft";
import type { Dice } from "./dice.ts";
import { type DiskTimes, type DiskTrouble, VirtualDisk } from "./virtual-disk.ts";
import { type ClockOfProcess, VirtualProcess } from "./virtual-time.ts";
import type { World } from "./world.ts";

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
  /** A daemon has said who it is. */
  readonly named: (machine: Machine, id: string) => void;
}

/** A write that was begun at the end of trouble with the disk has ended by then, or was told to take too long. */
const diskTroubleEndsMs = 5_000;

interface Run {
  readonly process: VirtualProcess;
  readonly does: "serve" | "recover";
  daemon: Daemon | undefined;
}

export type Keeps = "nothing" | "everything" | "some";

export class Machine {
  readonly name: string;
  readonly trouble: DiskTrouble;
  readonly #parts: MachineParts;
  readonly #dice: Dice;
  #host: string;
  #settings: Settings;
  #memory: MemoryDisk = new MemoryDisk();
  #run: Run | undefined;
  #lastConfiguration: Configuration | undefined;
  wallOffsetMs = 0;
  /** Until when something is done to its disk that lets a daemon end with 74. */
  #diskTroubleUntil = 0;
  /** A bit of its disk has changed by itself: it may refuse to start (RAFT E4), never believe it. */
  isRotten = false;
  /** It ran when a bit changed, and needs none of it as long as it runs: then it makes good what it can. */
  rotsBeneath: VirtualProcess | undefined;
  /** Of the directory on its disk now, once its daemon has said it. */
  nodeId: string | undefined;
  /** It has belonged to a cluster. */
  wasReady = false;
  /** It has no cluster, or not any more: the others may turn it away (78). */
  isStranger = false;
  /** New: nobody has set it up yet. Retired: taken out for good. Neither is started. */
  use: "new" | "in use" | "retired" = "in use";

  constructor(parts: MachineParts) {
    this.#parts = parts;
    this.name = parts.name;
    this.#host = parts.host;
    this.#settings = parts.settings;
    this.#dice = parts.world.dice.fork(parts.name);
    this.trouble = {
      synced: [],
      unsynced: [],
      slowdown: 1,
      hungUntil: 0,
      answeredAt: 0,
      failNext: undefined,
      crashAt: undefined,
      crash: () => this.powerCut("some"),
      failed: () => this.suspectDisk(0),
    };
  }

  get runsOnRot(): boolean {
    return this.rotsBeneath !== undefined && this.rotsBeneath === this.process;
  }

  get isRunning(): boolean {
    return this.#run !== undefined;
  }

  get isRecovering(): boolean {
    return this.#run?.does === "recover";
  }

  get process(): VirtualProcess | undefined {
    return this.#run?.process;
  }

  get settings(): Settings {
    return this.#settings;
  }

  get host(): string {
    return this.#host;
  }

  get memory(): MemoryDisk {
    return this.#memory;
  }

  /** What its log last had in force, as it said itself while it ran. */
  get lastConfiguration(): Configuration | undefined {
    return this.status?.raft?.configuration ?? this.#lastConfiguration;
  }

  /** What is done to its disk lasts so long; what it had begun by then may end later. */
  suspectDisk(forMs: number): void {
    const end = this.#parts.world.time.now + forMs + diskTroubleEndsMs;
    this.#diskTroubleUntil = Math.max(this.#diskTroubleUntil, end);
  }

  /** A daemon on it may end with 74 just now. */
  get isDiskSuspect(): boolean {
    return this.#parts.world.time.now <= this.#diskTroubleUntil;
  }

  /** So long until all that was asked of its disk so far is answered. */
  get diskAnswersInMs(): number {
    const { answeredAt } = this.trouble;
    return this.#run === undefined ? 0 : Math.max(0, answeredAt - this.#parts.world.time.now);
  }

  /** Of the daemon that runs and has come so far that it can be asked. */
  get status(): DaemonStatus | undefined {
    return this.#run?.daemon?.status();
  }

  start(): void {
    if (this.#run !== undefined || this.use !== "in use") return;
    const { raft } = this.#parts;
    const settings = this.#settings;
    const run = this.#begin("serve");
    const { process } = run;
    const log = this.#log(process);
    const onFailed = (failure: Failure): void => this.#failed(run, failure);
    const platform = this.#platform(process);
    startDaemon({ settings, platform, log, onFailed, raft }).then(
      (daemon) => {
        run.daemon = daemon;
        const { nodeId: id } = daemon.status();
        this.nodeId = id;
        this.#parts.named(this, id);
      },
      (error: unknown) => {
        if (!(error instanceof DaemonFailedError)) throw error;
      },
    );
  }

  /** `rogerd recover --rejoin`: what was there is set aside, and it is a new node. */
  async rejoin(): Promise<void> {
    if (this.#run !== undefined) return;
    const run = this.#begin("recover");
    const platform = this.#platform(run.process);
    const newNodeId = nodeId(Buffer.from(platform.randomBytes(16)).toString("hex"));
    const { disk, process } = platform;
    try {
      await recoverRejoin({ disk, directory: this.#settings.dataDir, process, newNodeId });
    } catch (error) {
      const hasFailed = error instanceof DiskError;
      // Refused: it was done before, and the power went before that was told.
      if (!hasFailed && !(error instanceof RecoveryRefusedError)) throw error;
      if (hasFailed) return this.#end("fails to recover", { says: "broken" });
    }
    if (this.#run === run) this.#end("has recovered", { says: "broken" });
    this.#becomesStranger();
  }

  /** The disk is replaced by an empty one. */
  wipe(): void {
    this.powerCut("everything");
    this.#memory = new MemoryDisk();
    this.#becomesStranger();
    this.#parts.world.trace.say(this.name, "has an empty disk");
  }

  /** The disk as somebody has changed it while nothing ran. */
  tamper(memory: MemoryDisk): void {
    this.kill();
    this.#memory = memory;
  }

  #becomesStranger(): void {
    this.trouble.synced = [];
    this.trouble.unsynced = [];
    this.nodeId = undefined;
    this.#lastConfiguration = undefined;
    this.isRotten = false;
    this.rotsBeneath = undefined;
    this.isStranger = true;
  }

  /** From its next start on. */
  configure(change: Partial<Settings>): void {
    this.#settings = { ...this.#settings, ...change };
  }

  /** Its next start is at another address. */
  moveTo(host: string): void {
    this.kill();
    this.#host = host;
    const { listenClient, listenPeer } = this.#settings;
    this.configure({
      listenClient: { ...listenClient, host },
      listenPeer: { ...listenPeer, host },
    });
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
    this.trouble.unsynced = [];
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

  #begin(does: Run["does"]): Run {
    const { world, clock } = this.#parts;
    const process = new VirtualProcess({
      time: world.time,
      pid: world.nextPid(),
      clock: { ...clock, originMs: this.#dice.between({ from: 0, to: 1e6 }) },
    });
    const run: Run = { process, does, daemon: undefined };
    this.trouble.answeredAt = 0;
    this.#run = run;
    world.network.setPower(this.host, "on");
    world.trace.say(this.name, `${does}s, pid ${process.pid}`);
    return run;
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
    this.#lastConfiguration = run.daemon?.status().raft?.configuration ?? this.#lastConfiguration;
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
      digest: (bytes) => hash("sha256", bytes, "buffer"),
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
      if (message === "daemon ready") {
        this.wasReady = true;
        this.isStranger = false;
      }
      this.#parts.heard(this, fields, message);
    };
    return { debug: write, info: write, warn: write, error: write, fatal: write };
  }
}
