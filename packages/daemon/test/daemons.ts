// daemons.ts — real daemons in this process, on real sockets, with disks in memory that can lose power:
// for tests that form, elect, die and start again. Nothing here waits by the clock: it waits for
// facts, up to a bound.
import { MemoryDisk } from "@rogerd/raft";
import { freePorts } from "../../../test/processes/free-port.ts";
import {
  type Daemon,
  DaemonFailedError,
  defaultSettings,
  type Failure,
  type Founder,
  type Log,
  type LogFields,
  type LogMessage,
  type Platform,
  type Settings,
  startDaemon,
} from "../src/index.ts";
import { KillableWorld } from "./killable-world.ts";

export interface Line extends LogFields {
  readonly level: string;
  readonly message: LogMessage;
}

export interface Cut {
  readonly keep: "nothing" | "everything";
}

/** One data directory, and the daemon that runs on it just now. */
export class Station {
  readonly name: string;
  /** Of all its runs. */
  readonly lines: Line[] = [];
  settings: Settings;
  failure: Failure | undefined;
  disk: MemoryDisk = new MemoryDisk();
  /** For the next run, and for it alone. */
  change: (platform: Platform) => Platform = (platform) => platform;
  #world: KillableWorld | undefined;
  #daemon: Daemon | undefined;

  constructor(settings: Settings) {
    this.settings = settings;
    this.name = settings.name;
  }

  get daemon(): Daemon {
    if (this.#daemon === undefined) throw new Error(`${this.name} does not run`);
    return this.#daemon;
  }

  get isRunning(): boolean {
    if (this.failure !== undefined) return false;
    return this.#daemon !== undefined && this.#world?.isDead === false;
  }

  get isServing(): boolean {
    return this.isRunning && this.#daemon?.status().phase === "serving";
  }

  /** A failure is in `failure`; it does not reject. Resolves also when the run is killed on the way. */
  async start(): Promise<void> {
    this.failure = undefined;
    const world = new KillableWorld(this.disk);
    this.#world = world;
    const platform = this.change(world.platform);
    this.change = (same) => same;
    const up = startDaemon({
      settings: this.settings,
      platform,
      log: collectingLog(this.lines),
      onFailed: (failure) => {
        if (!world.isDead) this.failure = failure;
      },
    }).catch((error: unknown) => {
      if (!(error instanceof DaemonFailedError)) throw error;
      return undefined;
    });
    const daemon = await Promise.race([up, world.death]);
    if (!world.isDead) this.#daemon = daemon;
  }

  async stop(): Promise<void> {
    const daemon = this.#daemon;
    this.#daemon = undefined;
    if (this.#world?.isDead === false) await daemon?.stop();
  }

  /** SIGKILL and a power cut at once; the next run finds what the cut left. */
  async kill(cut: Cut): Promise<void> {
    this.#daemon = undefined;
    if (this.#world?.isDead !== false) return;
    this.disk = this.disk.afterCrash(cut);
    await this.#world.kill();
  }

  /** The next run dies just before its n-th change of the disk (from 1). Resolves when it has; never,
   *  if it never comes so far. */
  async diesAt(when: { readonly change: number; readonly cut: Cut }): Promise<void> {
    const { disk } = this;
    await new Promise<void>((resolve) => {
      let isDead = false;
      let changes = 0;
      disk.watch({
        before: ({ kind }) => {
          if (changing.has(kind)) changes += 1;
          if (changes === when.change && !isDead) {
            isDead = true;
            void this.kill(when.cut).then(resolve);
          }
          return isDead ? new Promise<void>(() => undefined) : undefined;
        },
      });
    });
  }

  said(message: LogMessage): readonly Line[] {
    return this.lines.filter((line) => line.message === message);
  }

  /** The disk is new. Only while it does not run. */
  wipe(): void {
    if (this.isRunning) throw new Error(`${this.name} still runs`);
    this.disk = new MemoryDisk();
  }
}

export interface Stations {
  readonly all: readonly Station[];
  station(name: string): Station;
  startAll(): Promise<void>;
  /** Serves, and has applied the first entry of its own term. */
  leader(): Station | undefined;
  /** All serve, and agree who leads. */
  isSettled(): boolean;
  /** Of those that run; one, if all is well. */
  clusterIds(): readonly (string | undefined)[];
  [Symbol.asyncDispose](): Promise<void>;
}

/** `n1`, `n2`, … which are to found one cluster; none is started. */
export async function stations(
  count: number,
  change: (settings: Settings) => Settings = (settings) => settings,
): Promise<Stations> {
  const names = Array.from({ length: count }, (_, at) => `n${at + 1}`);
  const ports = await freePorts(2 * count);
  const founders: Founder[] = names.map((name, at) => ({
    name,
    host: "127.0.0.1",
    port: ports[at] ?? 0,
  }));
  const all = founders.map(({ name, host, port }, at) => {
    const settings: Settings = {
      ...defaultSettings,
      name,
      dataDir: `/data/${name}`,
      listenPeer: { host, port },
      listenClient: { host, port: ports[count + at] ?? 0 },
      founders,
      walSegmentBytes: 64 * 1024,
      diskReserveBytes: 64 * 1024,
      raft: { ...defaultSettings.raft, heartbeatMs: 20, electionTimeoutMs: 100 },
    };
    return new Station(change(settings));
  });
  const leader = (): Station | undefined =>
    all.find((each) => each.isServing && each.daemon.status().raft?.hasAppliedOwnTerm === true);
  return {
    all,
    leader,
    isSettled: () => {
      const id = leader()?.daemon.status().nodeId;
      const knows = (each: Station) => each.daemon.status().raft?.leaderId === id;
      return id !== undefined && all.every((each) => each.isServing && knows(each));
    },
    clusterIds: () => [
      ...new Set(
        all.filter((each) => each.isRunning).map((each) => each.daemon.status().clusterId),
      ),
    ],
    station: (name) => {
      const station = all.find((each) => each.name === name);
      if (station === undefined) throw new Error(`there is no ${name}`);
      return station;
    },
    startAll: async () => {
      await Promise.all(all.map((station) => station.start()));
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all(all.map((station) => station.kill({ keep: "everything" })));
    },
  };
}

/** Operations of a disk that leave something behind. */
const changing: ReadonlySet<string> = new Set([
  "create",
  "write",
  "sync-data",
  "rename",
  "link",
  "remove",
  "make-directory",
  "sync-directory",
]);

/** Looks again and again until it is so. `what` is told where it never came to be. */
export async function until(what: string, isSo: () => boolean): Promise<void> {
  const boundMs = 20_000;
  const start = performance.now();
  while (!isSo()) {
    if (performance.now() - start > boundMs) throw new Error(`it never came to be: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

function collectingLog(lines: Line[]): Log {
  const at = (level: string) => (fields: LogFields, message: LogMessage) => {
    lines.push({ ...fields, level, message });
  };
  return {
    debug: at("debug"),
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
    fatal: at("fatal"),
  };
}
