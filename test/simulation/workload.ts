// workload.ts — what clients do: the real client library makes random calls of Roger on a partition
// that all share and on one of its own, several at once, and every call is recorded from its begin to
// its end. A client can be paused, cut off or killed; another then takes its place.

import type { ClientPlatform } from "@rogerd/client";
import {
  type Caller,
  connect,
  PartitionNotStartedError,
  type Question,
  type RogerdClient,
  RogerGlobal,
} from "@rogerd/client";
import { drawCall, makeCall } from "../e2e/random-calls.ts";
import type { ClientChecks } from "./client-checks.ts";
import type { Dice } from "./dice.ts";
import { DroppingLane } from "./dropping-lane.ts";
import { ErrandLane } from "./errand-lane.ts";
import type { HoldChecks } from "./hold-checks.ts";
import { JobLane } from "./job-lane.ts";
import { KeyLane } from "./key-lane.ts";
import type { Lane, LaneParts } from "./lane.ts";
import type { Believer } from "./lease-checks.ts";
import type { Machine } from "./machine.ts";
import { clientPort, type RunOptions } from "./options.ts";
import { type PartitionAnswer, type PartitionCall, stoppedNowAndThen } from "./partition-model.ts";
import { PassingLane } from "./passing-lane.ts";
import { SteeringLane } from "./steering-lane.ts";
import type { ToldChecks } from "./told-checks.ts";
import { clientPlatform } from "./virtual-client.ts";
import { keeperStarter } from "./virtual-keeper.ts";
import { type ClockOfProcess, VirtualProcess } from "./virtual-time.ts";
import { WatchLane } from "./watch-lane.ts";
import type { World } from "./world.ts";

export interface WorkloadParts {
  readonly world: World;
  readonly options: RunOptions;
  readonly endpoints: readonly string[];
  readonly checks: ClientChecks;
  readonly holds: HoldChecks;
  readonly told: ToldChecks;
  readonly dice: Dice;
}

/** The thread that keeps a client's session, where it has one. */
interface Keeping {
  readonly thread: VirtualProcess;
  /** Undefined: it has none. */
  readonly maxStallMs: number | undefined;
  readonly dice: Dice;
}

interface Worker {
  readonly process: VirtualProcess;
  readonly keeper: Keeping;
  readonly platform: ClientPlatform;
  readonly name: string;
  readonly ownPartition: string;
  readonly dice: Dice;
  client: RogerdClient | undefined;
  /** Calls of this one that have not ended. */
  open: number;
  /** When one last was answered. */
  answeredAtMs: number;
  /** What it does beside calls of Roger. */
  lanes: readonly Lane[];
}

/** A stale read is made so much more rarely than a call. */
const lookBackThinks = 8;
const looks: readonly [Question, ...Question[]] = [
  { command: "roger.queueGetPaused", partition: "shared", args: {} },
  { command: "list", partition: "shared", args: { kind: "cancelMarks", limit: 100 } },
  { command: "list", partition: "shared", args: { kind: "executionKeys", limit: 100 } },
];

export class Workload {
  readonly hosts: readonly string[];
  readonly #parts: WorkloadParts;
  readonly #workers: (Worker | undefined)[];
  #made = 0;
  #isOver = false;

  constructor(parts: WorkloadParts) {
    this.#parts = parts;
    this.hosts = Array.from({ length: parts.options.clients }, (_, at) => `10.0.1.${at + 1}`);
    this.#workers = this.hosts.map(() => undefined);
  }

  begin(): void {
    for (const at of this.hosts.keys()) this.#begin(at);
  }

  /** What the clients that live hold to be their sessions. */
  get believers(): readonly Believer[] {
    const { time } = this.#parts.world;
    return this.#workers.flatMap((worker) => {
      if (worker?.client === undefined) return [];
      const { client, name, process } = worker;
      // Who just wakes looks at its clocks first.
      return [{ name, isAwake: process.busyUntil < time.now, session: client.session }];
    });
  }

  /** The whole process, or its loop alone. */
  pause(at: number, forMs: number): void {
    const worker = this.#workers[at];
    worker?.process.pause(forMs);
    const { thread, dice } = worker?.keeper ?? {};
    if (dice?.chance(0.3) === true) thread?.pause(forMs);
  }

  /** Its calls stay open for ever: nobody knows what became of them. */
  replace(at: number): void {
    const worker = this.#workers[at];
    if (worker === undefined) return;
    const { trace, network } = this.#parts.world;
    trace.say(worker.name, "is killed");
    const { session } = worker.client ?? {};
    if (session?.id !== undefined) this.#parts.holds.hasDied(worker.name, session.id);
    for (const process of [worker.process, worker.keeper.thread]) {
      process.end();
      network.processEnded(process, { says: "broken" });
    }
    this.#begin(at);
  }

  /** No new calls from now on; those that are open go on. */
  finish(): void {
    this.#isOver = true;
  }

  /** Where nodes have moved, a client may know only addresses of nobody: then nothing is asked of it. */
  unansweredSince(atMs: number, core: readonly Machine[]): readonly string[] {
    const { endpoints } = this.#parts;
    if (core.some(({ host }) => !endpoints.includes(`${host}:${clientPort}`))) return [];
    return this.#workers.flatMap((worker) => {
      const isWaiting = worker?.client !== undefined && worker.answeredAtMs < atMs;
      return isWaiting ? [worker.name] : [];
    });
  }

  /** Of the clients that live. */
  get isIdle(): boolean {
    return this.#workers.every(
      (worker) => !worker?.lanes.some((lane) => lane.isOpen) && (worker?.open ?? 0) === 0,
    );
  }

  /** In order, as an application ends. */
  close(): void {
    for (const worker of this.#workers) void worker?.client?.close();
  }

  #begin(at: number): void {
    const { world, dice } = this.#parts;
    this.#made += 1;
    const name = `c${at + 1}.${this.#made}`;
    const own = dice.fork(name);
    const { network, time } = world;
    const clock = { originMs: own.below(1e6), rate: 1, turnMs: 0, lookMs: 0 };
    const host = this.hosts[at] ?? "";
    const process = new VirtualProcess({ time, pid: world.nextPid(), clock });
    const keeper = this.#keeping(own.fork("keeper"), clock);
    const startKeeper = keeperStarter({
      network,
      place: { host, process: keeper.thread },
      loop: process,
      dice: keeper.dice.fork("platform"),
    });
    const place = { host, process };
    const platform = clientPlatform({ network, place, dice: own.fork("platform"), startKeeper });
    const ownPartition = `own-${this.#made}`;
    const worker: Worker = {
      process,
      keeper,
      platform,
      name,
      ownPartition,
      dice: own,
      client: undefined,
      open: 0,
      answeredAtMs: 0,
      lanes: [],
    };
    this.#workers[at] = worker;
    process.setTimer(0, () => void this.#work(worker));
  }

  #keeping(dice: Dice, clock: ClockOfProcess): Keeping {
    const { world } = this.#parts;
    const thread = new VirtualProcess({ time: world.time, pid: world.nextPid(), clock });
    const maxStallMs = dice.chance(0.4) ? dice.pick([1_000, 2_000, 10_000]) : undefined;
    return { thread, maxStallMs, dice };
  }

  async #work(worker: Worker): Promise<void> {
    const { options, endpoints, checks } = this.#parts;
    const { maxStallMs } = worker.keeper;
    while (worker.client === undefined) {
      if (this.#isOver) return;
      try {
        worker.client = await connect({
          endpoints,
          platform: worker.platform,
          name: worker.name,
          timeoutMs: options.calls.timeoutMs,
          sessionTtlMs: options.calls.sessionTtlMs,
          pingIntervalMs: 1_000,
          encoding: worker.dice.chance(0.8) ? "msgpack" : "json",
          ...(maxStallMs === undefined ? {} : { keepalives: "thread", maxStallMs }),
        });
      } catch (error) {
        checks.refusedToConnect(worker.name, error);
      }
    }
    const caller = checks.watching(worker.name, worker.client);
    const roger = new RogerGlobal(caller);
    worker.lanes = this.#lanes(worker, worker.client, caller);
    await Promise.all([
      this.#lookBack(worker, caller),
      ...worker.lanes.map((lane) => lane.run()),
      ...Array.from({ length: options.calls.atOnce }, (_, lane) => this.#lane(worker, roger, lane)),
    ]);
  }

  #lanes(worker: Worker, client: RogerdClient, caller: Caller): readonly Lane[] {
    const { holds: checks, options, told } = this.#parts;
    const { errands, jobLanes, keyLanes, passing, thinkMs, watches } = options.calls;
    const { process } = worker;
    const isOver = (): boolean => this.#isOver;
    const partsOf = (what: string) => (_: unknown, at: number) => {
      const dice = worker.dice.fork(`${what} ${at}`);
      const who = `${worker.name}/${what}${at}`;
      return { who, process, client, checks, dice, thinkMs, isOver };
    };
    const make = (what: string, length: number): LaneParts[] =>
      Array.from({ length }, partsOf(what));
    return [
      ...make("keys", keyLanes).map((parts) => new KeyLane(parts)),
      ...make("jobs", jobLanes).map((parts) => new JobLane(parts)),
      ...make("steering", Math.min(1, jobLanes)).map((parts) => new SteeringLane(parts)),
      ...make("errands", errands).map((parts) => new ErrandLane({ ...parts, caller })),
      ...make("passing", passing).map((parts) => new PassingLane(parts)),
      ...make("dropping", passing).map((parts) => new DroppingLane(parts)),
      ...make("watch", watches).map((parts) => new WatchLane({ ...parts, told })),
    ];
  }

  /** All that they wanted has come to its end: what is in their sessions now is left behind. */
  tellLeft(): void {
    for (const worker of this.#workers) {
      const { id, state } = worker?.client?.session ?? {};
      if (worker === undefined || id === undefined) continue;
      if (state === "live" || state === "jeopardy") this.#parts.holds.lives(worker.name, id);
      if (worker.lanes.every(({ wasHeard }) => wasHeard)) {
        this.#parts.holds.hasLeft(worker.name, id);
      }
    }
  }

  /** Reads that may be old, of what all share: any node that is connected answers. */
  async #lookBack(worker: Worker, caller: Caller): Promise<void> {
    const { checks, options } = this.#parts;
    await this.#started(worker, new RogerGlobal(caller), "shared");
    while (!this.#isOver) {
      await this.#wait(worker, worker.dice.around(lookBackThinks * options.calls.thinkMs));
      if (this.#isOver) return;
      worker.open += 1;
      try {
        await caller.read(worker.dice.pick(looks), { stale: true });
      } catch (error) {
        checks.failedRead(worker.name, error);
      } finally {
        worker.open -= 1;
      }
    }
  }

  /** One call after the other. Each lane has a partition of its own: its answers are determined. */
  async #lane(worker: Worker, roger: RogerGlobal, lane: number): Promise<void> {
    const { options } = this.#parts;
    const own = `${worker.ownPartition}-${lane}`;
    await this.#started(worker, roger, own);
    await this.#started(worker, roger, "shared");
    while (!this.#isOver) {
      await this.#wait(worker, worker.dice.around(options.calls.thinkMs));
      if (this.#isOver) return;
      await this.#call(worker, roger, this.#draw(worker, own));
    }
  }

  #draw({ dice }: Worker, own: string): MadeCall {
    const { calls } = this.#parts.options;
    const isStopping = dice.chance(calls.shareStopped);
    const change = dice.below(isStopping ? 8 : 1);
    if (change > 5) {
      const form = change === 6 ? "startPartition" : "stopPartition";
      return { partition: stoppedNowAndThen, call: { form } };
    }
    const names = isStopping ? 2 : calls.names;
    const call = drawCall((sides) => dice.below(sides), names);
    if (isStopping) return { partition: stoppedNowAndThen, call };
    return { partition: dice.chance(calls.shareOwn) ? own : "shared", call };
  }

  async #started(worker: Worker, roger: RogerGlobal, partition: string): Promise<void> {
    while (!this.#isOver) {
      try {
        return await roger.startPartition(partition);
      } catch (error) {
        this.#parts.checks.failedStart(worker.name, error);
        await this.#wait(worker, 100);
      }
    }
  }

  async #call(worker: Worker, roger: RogerGlobal, made: MadeCall): Promise<void> {
    const { checks } = this.#parts;
    const record = checks.begin(worker.name, made);
    let answer: PartitionAnswer;
    worker.open += 1;
    try {
      answer = await answerTo(roger, made);
    } catch (error) {
      record.failed(error);
      return;
    } finally {
      worker.open -= 1;
    }
    worker.answeredAtMs = this.#parts.world.time.now;
    record.answered(answer);
  }

  #wait(worker: Worker, ms: number): Promise<void> {
    return new Promise((resolve) => void worker.process.setTimer(ms, resolve));
  }
}

interface MadeCall {
  readonly partition: string;
  readonly call: PartitionCall;
}

async function answerTo(roger: RogerGlobal, made: MadeCall): Promise<PartitionAnswer> {
  const { call, partition } = made;
  if (call.form === "startPartition") return roger.startPartition(partition).then(() => "ok");
  if (call.form === "stopPartition") return roger.stopPartition(partition).then(() => "ok");
  try {
    return await makeCall(roger, { partition, call });
  } catch (error) {
    const isStopped = partition === stoppedNowAndThen && error instanceof PartitionNotStartedError;
    if (isStopped) return "not_started";
    throw error;
  }
}
