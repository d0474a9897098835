// convergence.ts — the second phase: part of the cluster, a majority, is healed for good and must come
// together within a bound of virtual time, whatever the others do (V20–V22); then all are healed and
// all must. Come together: one leader who stays, every open call has ended, new calls are answered,
// all have applied the same and hold the same state.
import type { ClientChecks } from "./client-checks.ts";
import type { Fleet } from "./fleet.ts";
import type { Machine } from "./machine.ts";
import { leaderOf } from "./nemesis.ts";
import { clientPort } from "./options.ts";
import type { StateChecks } from "./state-checks.ts";
import type { Findings } from "./violation.ts";
import type { World } from "./world.ts";

const lookMs = 40;
/** An operation of a disk that hung when all was healed still takes as long as it was to. */
const hashBoundMs = 20_000;
/** Who ended by his disk is started again, reads it, and is found. */
const comesBackMs = 10_000;

export interface Answered {
  /** Who has had no answer since then, though its calls go on and it knows where to ask. */
  unansweredSince(atMs: number, core: readonly Machine[]): readonly string[];
}

export interface ConvergenceParts {
  readonly world: World;
  readonly checks: ClientChecks;
  readonly states: StateChecks;
  readonly findings: Findings;
  readonly electionTimeoutMs: number;
}

export class Convergence {
  readonly #parts: ConvergenceParts;

  constructor(parts: ConvergenceParts) {
    this.#parts = parts;
  }

  get electionTimeoutMs(): number {
    return this.#parts.electionTimeoutMs;
  }

  /** One of the core leads, all of it follow, and nothing of that changes for twenty heartbeats. */
  async agreeOnLeader(core: () => readonly Machine[]): Promise<void> {
    const { world, electionTimeoutMs } = this.#parts;
    const steadyMs = (20 / 6) * electionTimeoutMs; // twenty heartbeats
    const boundMs = this.leaderBoundMs(core()) + steadyMs;
    const end = world.time.now + boundMs;
    let since = world.time.now;
    let seen = "";
    const isSteady = (): boolean => {
      const now = leadershipOf(core());
      if (now !== seen) since = world.time.now;
      seen = now;
      return now !== "" && world.time.now - since >= steadyMs;
    };
    await this.#until(isSteady, end);
    if (isSteady()) return;
    this.#late("one leader, who stays (V20)", boundMs, core());
  }

  /** Not only new ones: whoever has lived through all that gets answers from now on. */
  async allAreAnswered(
    clients: Answered,
    bound: { readonly ms: number; readonly core: readonly Machine[] },
  ): Promise<void> {
    const { time } = this.#parts.world;
    const begin = time.now;
    const unanswered = (): readonly string[] => clients.unansweredSince(begin, bound.core);
    await this.#until(() => unanswered().length === 0, begin + bound.ms);
    const left = unanswered();
    if (left.length === 0) return;
    this.#late(`${left.join(", ")}: a call is answered (V21)`, bound.ms, bound.core);
  }

  /**
   * Ten election timeouts, each as long as one may be (V20). Whose disk is not done with what was asked of it before
   * all was healed follows nobody yet, or ends by that and comes back.
   */
  leaderBoundMs(core: readonly Machine[]): number {
    const boundMs = 10 * 2 * this.#parts.electionTimeoutMs;
    const hungMs = Math.max(0, ...core.map(({ diskAnswersInMs }) => diskAnswersInMs));
    return hungMs > this.#parts.electionTimeoutMs ? boundMs + hungMs + comesBackMs : boundMs;
  }

  /** No call of a client that lives hangs. */
  async allCallsEnd(
    isAllEnded: () => boolean,
    bound: { readonly ms: number; readonly core: readonly Machine[] },
  ): Promise<void> {
    const end = this.#parts.world.time.now + bound.ms;
    await this.#until(isAllEnded, end);
    if (isAllEnded()) return;
    this.#late("every call has ended (V21)", bound.ms, bound.core);
  }

  /** What was begun is through, and who was lost is replaced: nothing but time was missing. */
  async operatorEnds(
    operator: { readonly isIdle: boolean; readonly openTasks: readonly string[] },
    bound: { readonly ms: number; readonly fleet: Fleet },
  ): Promise<void> {
    const end = this.#parts.world.time.now + bound.ms;
    await this.#until(() => operator.isIdle, end);
    if (operator.isIdle) return;
    const what = `the operator's changes are through (V22): ${operator.openTasks.join(", ")}`;
    this.#late(what, bound.ms, bound.fleet.all);
  }

  /** All have applied as far as the leader, and the hash of the state there is the same. */
  async holdTheSame(core: () => readonly Machine[], boundMs: number): Promise<void> {
    const end = this.#parts.world.time.now + boundMs;
    const isEqual = (): boolean => {
      const ranges = core().map(({ status }) => status?.raft);
      const [first] = ranges;
      if (first === undefined) return false;
      return ranges.every(
        (raft) =>
          raft !== undefined &&
          raft.appliedIndex === first.appliedIndex &&
          raft.commitIndex === first.commitIndex &&
          raft.lastIndex === first.commitIndex,
      );
    };
    await this.#until(isEqual, end);
    if (!isEqual()) return this.#late("all have applied the same entries (V22)", boundMs, core());
    for (const machine of core()) await this.#takeHash(machine);
  }

  /** Asked again while an epoch is open for something else. */
  async #takeHash(machine: Machine): Promise<void> {
    const { world, states, findings } = this.#parts;
    const end = world.time.now + hashBoundMs;
    while (world.time.now < end && findings.first === undefined) {
      const report = await this.#askForHash(machine);
      if (isObject(report)) {
        const { name: who } = machine;
        return states.stateAt({
          who,
          index: Number(report["index"]),
          hash: String(report["hash"]),
        });
      }
    }
    findings.broken("liveness: a healed node tells its state hash", [
      `${machine.name}  ${standOf(machine)}`,
    ]);
  }

  async #askForHash(machine: Machine): Promise<unknown> {
    const { world } = this.#parts;
    let body: string | undefined;
    const request = { method: "GET", path: "/status", query: { hash: "now" } };
    const ask = async (): Promise<void> => {
      body = (await world.network.ask(machine.host, clientPort, request))?.body ?? "";
    };
    world.time.schedule({ afterMs: 50, process: machine.process, run: () => void ask() });
    await this.#until(() => body !== undefined, world.time.now + 1_000);
    const told: unknown = body === undefined || body === "" ? undefined : JSON.parse(body);
    return isObject(told) ? told["stateHash"] : undefined;
  }

  /** Looked at now and then: what is to be true is to stay so. */
  async #until(isSo: () => boolean, untilMs: number): Promise<void> {
    const { world, findings } = this.#parts;
    const isOver = (): boolean => findings.first !== undefined;
    while (!isOver() && !isSo() && world.time.now < untilMs) {
      await world.time.run({ untilMs: Math.min(untilMs, world.time.now + lookMs), isOver });
    }
  }

  #late(what: string, boundMs: number, core: readonly Machine[]): void {
    this.#parts.findings.broken(
      `liveness: ${Math.round(boundMs / 1000)} s after healing not yet: ${what}`,
      core.map((machine) => `${machine.name}  ${standOf(machine)}`),
    );
  }
}

/** Who leads in which term, if all agree; otherwise nothing. */
function leadershipOf(core: readonly Machine[]): string {
  const leader = leaderOf(core);
  const raft = leader?.status?.raft;
  if (raft === undefined || !raft.hasAppliedOwnTerm) return "";
  const agrees = core.every((machine) => {
    const its = machine.status?.raft;
    return its?.term === raft.term && its.leaderId === raft.nodeId;
  });
  return agrees ? `${raft.term} ${raft.nodeId}` : "";
}

export function standOf(machine: Machine): string {
  const { status } = machine;
  if (!machine.isRunning) return "does not run";
  const raft = status?.raft;
  if (raft === undefined) return `is ${status?.phase ?? "starting"}`;
  const { role, term, lastIndex, persistedIndex, commitIndex, appliedIndex, snapshotIndex } = raft;
  return `t${term} ${role}, log through ${lastIndex} (on disk ${persistedIndex}), committed ${commitIndex}, applied ${appliedIndex}, snapshot ${snapshotIndex}`;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
