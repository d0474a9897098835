// run.ts — one run of one seed: a cluster at work, nemeses after a schedule drawn before, all healed at the end, and what is
// left then. Whoever judges it stands in checkers/; this only makes what there is to judge.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { eventually } from "../processes/eventually.ts";
import type { DiskKind } from "../processes/test-cluster.ts";
import { Dice } from "../simulation/dice.ts";
import { Elections } from "./elections.ts";
import { Ground } from "./ground.ts";
import {
  type HistoryLine,
  nowUs,
  type RunLine,
  type StallLine,
  type WorkloadName,
} from "./history/history-line.ts";
import { FencedResource } from "./history/resource.ts";
import type { Hosts } from "./hosts/hosts.ts";
import { nothingIsHeld } from "./leftovers.ts";
import { committedLog } from "./log/committed-log.ts";
import { KeptLogs } from "./log/kept-logs.ts";
import { type CatalogueEntry, catalogue } from "./nemeses/catalogue.ts";
import { drawSchedule, lengthOf, type ScheduledStrike, type Turn } from "./nemeses/schedule.ts";
import { RunStage } from "./nemeses/stage.ts";
import { watchedPartitions } from "./workloads/watch.ts";
import type { WorkerEnd } from "./workloads/worker-process.ts";
import { Workers } from "./workloads/workers.ts";

export interface RunOptions {
  readonly seed: number;
  readonly forMs: number;
  readonly voters: number;
  readonly hosts: Hosts;
  /** Of the runner's host, as the others reach it. */
  readonly desk: string;
  readonly workers: number;
  readonly workloads: readonly WorkloadName[];
  /** Names of nemeses; undefined: all that the hosts allow. */
  readonly only: readonly string[] | undefined;
  /** The root of the version that nodes begin with; undefined: this one. */
  readonly product: string | undefined;
  readonly disk: DiskKind;
  /** Of all disks, from the beginning. */
  readonly syncLateMs: number;
  /** After a heal; whoever judges the run holds it to the same. */
  readonly answerWithinMs: number;
  readonly show: RunView;
}

/** Who looks on while it runs. */
export interface RunView {
  phase(says: string): void;
  strikes(says: string): void;
  heals(says: string): void;
  answered(calls: number): void;
}

export interface RunRecord {
  readonly lines: readonly HistoryLine[];
  /** Why it did not come to its end; undefined: it did. */
  readonly failure: string | undefined;
  readonly stateHashes: ReadonlyMap<string, { readonly index: number; readonly hash: string }>;
  /** Workers that ended by themselves. */
  readonly faultyWorkers: readonly WorkerEnd[];
  readonly refused: readonly { readonly name: string; readonly why: string }[];
  readonly missing: readonly string[];
}

/** Of workers' sessions, at the longest. */
const leaseMs = 10_000;
const lookEveryMs = 100;
/** Less is no stall. */
const stallLeastMs = 50;

export async function runFaults(options: RunOptions): Promise<RunRecord> {
  const { disk, hosts, product, syncLateMs, voters } = options;
  const folder = await mkdtemp(join(tmpdir(), "rogerd-faults-"));
  try {
    await using ground = await Ground.prepare({
      ...{ hosts, voters, disk, syncLateMs },
      ...(product === undefined ? {} : { product }),
    });
    await using resource = new FencedResource();
    const run = new Run(options, ground);
    return await run.through(folder, resource);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

class Run {
  readonly #options: RunOptions;
  readonly #ground: Ground;
  readonly #dice: Dice;
  readonly #lines: (RunLine | StallLine)[] = [];
  /** Of calls, by a node, so far. */
  #answers = (): number => 0;

  constructor(options: RunOptions, ground: Ground) {
    this.#options = options;
    this.#ground = ground;
    this.#dice = new Dice(options.seed);
  }

  async through(folder: string, resource: FencedResource): Promise<RunRecord> {
    const { hosts, show, workloads } = this.#options;
    const { cluster, power, shims } = this.#ground;
    this.#phase("forming");
    await using kept = new KeptLogs({ cluster, power });
    kept.begin();
    for (const name of cluster.founders) cluster.startNode(name);
    await cluster.leader();
    const elections = new Elections(cluster);
    await using workers = new Workers({
      ...{ hosts, workloads, folder },
      count: this.#options.workers,
      dice: this.#dice.fork("workers"),
      resource: await resource.open(this.#options.desk),
    });
    this.#answers = () => workers.answers;
    const watch = this.#lookOn(() => show.answered(this.#answers()));
    const stage = new RunStage({
      ...{ hosts, cluster },
      workers: () => workers.now,
      ...(shims === undefined ? {} : { shims }),
      ...(power === undefined ? {} : { power }),
    });
    const turns = await outcomeOf(async () => {
      await eventually("clients are answered", async () => this.#answers() > 100 || undefined);
      await this.#turns(stage);
    });
    this.#phase("finishing");
    await workers.finish();
    const left = await outcomeOf(() =>
      nothingIsHeld(cluster.endpoints, { withinMs: leaseMs + this.#options.answerWithinMs }),
    );
    const states = await outcomeOf(() => cluster.stateHashes());
    clearInterval(watch);
    await elections.end();
    const own = [...this.#lines, ...this.#ground.ends, ...elections.lines, ...resource.lines];
    const stateHashes = states.value ?? new Map();
    const log = await outcomeOf(() => this.#log(kept, stateHashes));
    const lines = await workers.history([...own, ...(log.value ?? [])]);
    return {
      ...{ lines, stateHashes },
      failure: turns.failure ?? left.failure ?? states.failure ?? log.failure,
      faultyWorkers: workers.faulty,
      refused: this.#refused(stage),
      missing: this.#ground.missing,
    };
  }

  /** All nodes are ended for it: while they run, their logs go on. */
  async #log(kept: KeptLogs, states: RunRecord["stateHashes"]): ReturnType<typeof committedLog> {
    const at = nowUs();
    this.#options.show.phase("reading the log");
    await this.#ground.cluster.endAll();
    await kept.end();
    return committedLog({ kept, states, at, partitions: watchedPartitions });
  }

  async #turns(stage: RunStage): Promise<void> {
    const { forMs } = this.#options;
    const allowed = this.#allowed(stage);
    const startedAt = performance.now();
    const schedule = drawSchedule(this.#dice.fork("schedule"), { forMs, allowed });
    this.#phase("quiet");
    await wait(schedule.quietMs);
    for (const turn of schedule.turns) {
      // A shorter one may fit.
      if (performance.now() - startedAt + lengthOf(turn) > forMs) continue;
      await this.#turn(stage, turn);
    }
    await wait(Math.max(0, startedAt + forMs - performance.now()));
  }

  async #turn(stage: RunStage, turn: Turn): Promise<void> {
    const strikes = turn.strikes.map((strike) => this.#strike(stage, strike));
    const struck = await Promise.allSettled(strikes);
    // Whatever two did together, what one that failed has left, and whoever ended by itself meanwhile.
    await stage.restore();
    for (const each of struck) if (each.status === "rejected") throw each.reason;
    this.#phase("healed");
    await this.#isWell(turn.healedMs);
  }

  /** For so long; and on, until somebody is answered or it is too late for that: a dead cluster is not struck again. */
  async #isWell(forMs: number): Promise<void> {
    const { answerWithinMs } = this.#options;
    const [from, before] = [performance.now(), this.#answers()];
    await wait(forMs);
    while (this.#answers() === before && performance.now() - from < answerWithinMs) await wait(100);
  }

  async #strike(stage: RunStage, scheduled: ScheduledStrike): Promise<void> {
    const { show } = this.#options;
    const { afterMs, dice, forMs, nemesis } = scheduled;
    const { name } = nemesis;
    await wait(afterMs);
    // What it is to say, it knows when it is done; nothing is well from when it begins.
    const at = nowUs();
    const strike = await nemesis.strike(stage, dice);
    const { says, whom } = strike;
    this.#lines.push({ kind: "strike", at, says, whom, name });
    show.strikes(says);
    await wait(forMs);
    await strike.heal();
    this.#lines.push({ kind: "heal", at: nowUs(), says, whom, name });
    show.heals(says);
  }

  #allowed(stage: RunStage): readonly CatalogueEntry[] {
    const { only } = this.#options;
    return catalogue.filter(({ nemesis }) => {
      const isWanted = only === undefined || only.includes(nemesis.name);
      return isWanted && nemesis.refusal(stage) === undefined;
    });
  }

  #refused(stage: RunStage): RunRecord["refused"] {
    return catalogue.flatMap(({ nemesis }) => {
      const why = nemesis.refusal(stage);
      return why === undefined ? [] : [{ name: nemesis.name, why }];
    });
  }

  #phase(says: string): void {
    this.#lines.push({ kind: "phase", at: nowUs(), says, whom: [] });
    this.#options.show.phase(says);
  }

  /** What this machine itself stood still is excused, and told. */
  #lookOn(look: () => void): NodeJS.Timeout {
    let last = performance.now();
    return setInterval(() => {
      const now = performance.now();
      const ms = Math.round(now - last - lookEveryMs);
      last = now;
      if (ms >= stallLeastMs) this.#lines.push({ kind: "stalled", at: nowUs() - ms * 1_000, ms });
      look();
    }, lookEveryMs);
  }
}

interface Outcome<Value> {
  readonly value?: Value;
  readonly failure?: string;
}

/** What goes wrong here is found, and told with all that went before. */
async function outcomeOf<Value>(of: () => Promise<Value>): Promise<Outcome<Value>> {
  try {
    return { value: await of() };
  } catch (error) {
    // With its cause: what was seen last, of something that never came true.
    return { failure: inspect(error) };
  }
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
