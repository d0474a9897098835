// options.ts — everything that is drawn for a run before it begins: how large the cluster is, how it is
// set up, how fast its parts are, which faults there are and how often. Rates come from the seed too,
// so that some runs are all partitions and some all torn writes.
import { defaultSettings, type Settings } from "@rogerd/daemon";
import type { Dice } from "./dice.ts";
import { faultKinds, type WeighedKind } from "./fault-plan.ts";
import type { DiskTimes } from "./virtual-disk.ts";
import type { LinkTimes } from "./virtual-links.ts";
import type { ClockOfProcess } from "./virtual-time.ts";

export interface RunOptions {
  readonly nodes: number;
  readonly clients: number;
  /** How long faults and calls go on. */
  readonly safetyMs: number;
  /** Faults begin with the first daemon, or when the cluster is formed. */
  readonly faultsBegin: "at-once" | "formed";
  readonly faultGapMs: number;
  readonly faultWeights: Readonly<Record<WeighedKind, number>>;
  readonly links: LinkTimes;
  readonly disk: DiskTimes;
  readonly clock: Omit<ClockOfProcess, "originMs" | "rate">;
  readonly clockDrift: number;
  readonly daemon: Pick<
    Settings,
    "raft" | "stateHashEveryEntries" | "walSegmentBytes" | "diskReserveBytes"
  >;
  /** The product's own checks of all that it holds, after every step. */
  readonly checks: "all" | "cheap";
  /** Small ones, so that windows fill and a backlog needs many messages. */
  readonly raft: {
    readonly windowMessagesMax: number;
    readonly appendBytesMax: number;
    readonly uncommittedBytesMax: number;
    readonly pinnedBytesMax: number;
  };
  readonly calls: {
    readonly thinkMs: number;
    readonly atOnce: number;
    /** Owners in each client that want execution keys. */
    readonly keyLanes: number;
    /** Workers in each client that start jobs, with one who cancels and pauses them. */
    readonly jobLanes: number;
    /** In each client, each. */
    readonly errands: number;
    readonly passing: number;
    readonly watches: number;
    readonly names: number;
    readonly timeoutMs: number;
    readonly shareOwn: number;
    /** Of calls on a partition that is stopped and started. */
    readonly shareStopped: number;
    /** Of each client's session. */
    readonly sessionTtlMs: number;
    /** At the end, until the sessions of dead clients must have ended. */
    readonly waitsForLeases: boolean;
  };
}

/**
 * Some runs are longer than the shortest time-to-live, and leaders last in them: there the sessions of
 * dead clients expire. Elsewhere each new leader gives them all their time again. Longer, but with no more calls.
 */
const longer = { byMs: 10_000, faultGapMs: 2_000, thinkTimes: 3 };

export function drawOptions(dice: Dice): RunOptions {
  const drawn = drawShort(dice);
  if (!dice.chance(0.15)) return drawn;
  const safetyMs = drawn.safetyMs + longer.byMs;
  const thinkMs = longer.thinkTimes * drawn.calls.thinkMs;
  const calls = { ...drawn.calls, thinkMs, sessionTtlMs: 5_000, waitsForLeases: true };
  const faultWeights = { ...drawn.faultWeights, "kill-client": 3, "cut-client": 4 };
  return { ...drawn, calls, safetyMs, faultWeights, faultGapMs: longer.faultGapMs };
}

const scarceMemory = { uncommittedBytesMax: 2_000, pinnedBytesMax: 4_000 };
const muchMemory = { uncommittedBytesMax: 64 * 1024 * 1024, pinnedBytesMax: 64 * 1024 * 1024 };

function drawShort(dice: Dice): RunOptions {
  const cluster = drawCluster(dice);
  const daemon = drawSettings(dice);
  const sessionTtlMs = dice.pick([5_000, 5_000, 30_000]);
  return {
    ...cluster,
    daemon,
    checks: dice.chance(0.4) ? "all" : "cheap",
    raft: {
      windowMessagesMax: dice.pick([1, 4, 64]),
      appendBytesMax: dice.pick([100, 1_000, 256 * 1024]),
      ...dice.pick([scarceMemory, muchMemory, muchMemory]),
    },
    calls: {
      thinkMs: dice.pick([30, 60, 150]),
      atOnce: dice.pick([1, 2, 4]),
      names: dice.pick([2, 5, 20]),
      timeoutMs: dice.pick([700, 2_000, 10_000]),
      shareOwn: dice.pick([0.2, 0.5]),
      shareStopped: dice.pick([0, 0.1, 0.3]),
      sessionTtlMs,
      waitsForLeases: false,
      keyLanes: dice.pick([0, 1, 2]),
      jobLanes: dice.fork("jobs").pick([0, 1, 2]),
      errands: dice.fork("errands").pick([0, 0, 1]),
      passing: dice.fork("passing").pick([0, 0, 0, 1]),
      watches: dice.fork("watches").pick([0, 1]),
    },
  };
}

type Cluster = Omit<RunOptions, "daemon" | "checks" | "raft" | "calls">;

function drawCluster(dice: Dice): Cluster {
  return {
    nodes: dice.chance(0.75) ? 3 : dice.chance(0.8) ? 5 : 1,
    clients: 2 + dice.below(4),
    safetyMs: dice.between({ from: 2_000, to: 5_000 }),
    faultsBegin: dice.chance(0.2) ? "at-once" : "formed",
    faultGapMs: dice.pick([100, 250, 400, 1_000]),
    faultWeights: drawWeights(dice),
    links: {
      baseMs: dice.pick([0.1, 0.5, 5]),
      jitterMs: dice.pick([0.1, 0.5, 5]),
      hiccup: dice.pick([0, 0.002, 0.02]),
      hiccupMs: dice.pick([10, 100]),
    },
    disk: {
      readMs: 0.1,
      writeMs: dice.pick([0.05, 0.5]),
      syncMs: dice.pick([0.5, 2, 8]),
    },
    clock: { turnMs: dice.pick([0, 0.02, 0.1]), lookMs: dice.pick([0, 0.01, 0.5]) },
    clockDrift: dice.pick([0, 0.02, 0.1]),
  };
}

function drawSettings(dice: Dice): RunOptions["daemon"] {
  const electionTimeoutMs = dice.pick([150, 300, 300]);
  return {
    raft: {
      ...defaultSettings.raft,
      heartbeatMs: electionTimeoutMs / 6,
      electionTimeoutMs,
      diskStallTimeoutMs: dice.pick([2_000, 10_000]),
      snapshotEveryBytes: dice.pick([20_000, 1_000_000]),
      snapshotEveryEntries: dice.pick([20, 80, 400]),
      trailingEntries: dice.pick([0, 10, 100]),
    },
    stateHashEveryEntries: dice.pick([1, 7, 32]),
    walSegmentBytes: dice.pick([8, 16, 64]) * 1024,
    diskReserveBytes: dice.pick([16, 64]) * 1024,
  };
}

/** Half of the kinds do not occur in a run; of the others some far more often than the rest. */
function drawWeights(dice: Dice): Readonly<Record<WeighedKind, number>> {
  const weights = faultKinds.map((kind) => [kind, dice.chance(0.5) ? 0 : dice.around(1)] as const);
  return Object.fromEntries(weights) as Record<WeighedKind, number>;
}

export function settingsOf(options: RunOptions, node: { readonly number: number }): Settings {
  const { number } = node;
  const host = hostOf(number);
  return {
    ...defaultSettings,
    ...options.daemon,
    name: `n${number}`,
    dataDir: "/data",
    listenClient: { host, port: clientPort },
    listenPeer: { host, port: peerPort },
    founders:
      options.nodes === 1 || number > options.nodes
        ? []
        : Array.from({ length: options.nodes }, (_, at) => ({
            name: `n${at + 1}`,
            host: hostOf(at + 1),
            port: peerPort,
          })),
  };
}

export const clientPort = 7401;
export const peerPort = 7501;

/** So many machines may come to those that a run begins with. */
export const newMachinesMax = 4;

/** Where a machine is found after the so many-th move. */
export function movedHost(move: number): string {
  return `10.0.2.${move}`;
}

export function hostOf(number: number): string {
  return `10.0.0.${number}`;
}
