// healing.ts — the second phase of a run: a quorum, drawn, is healed for good while the others stay cut off,
// deaf or with a disk that hangs, and must go on; then all are healed, the operator ends its work, and all members must come
// together. What must be so, and within which time, is in convergence.ts.
import type { Answered, Convergence } from "./convergence.ts";
import type { Dice } from "./dice.ts";
import type { Fleet } from "./fleet.ts";
import { wishForLeader } from "./hand-over.ts";
import type { Machine } from "./machine.ts";
import { leaderOf } from "./nemesis.ts";
import type { Operator } from "./operator.ts";
import type { Findings } from "./violation.ts";
import type { World } from "./world.ts";

export interface HealingParts {
  readonly world: World;
  readonly fleet: Fleet;
  readonly operator: Operator;
  readonly callers: readonly Caller[];
  readonly clients: Answered;
  readonly convergence: Convergence;
  readonly findings: Findings;
  readonly dice: Dice;
  readonly isFounded: () => boolean;
  readonly callsMs: number;
}

/** Whoever makes calls. */
interface Caller {
  /** No new ones from now on. */
  finish(): void;
  readonly isIdle: boolean;
}

const operatorBoundMs = 60_000;
/** A client may have to find out about every node that is lost, and to open another session. */
const answeredMs = 20_000;
/** A hung disk beside those that are healed hangs longer than they may take to go on. */
const hangsOnMs = 2_000;

export class Healing {
  readonly #parts: HealingParts;

  constructor(parts: HealingParts) {
    this.#parts = parts;
  }

  async run(): Promise<void> {
    const { convergence, callers, clients, fleet, operator } = this.#parts;
    operator.rest();
    const core = this.#drawCore();
    this.#say(`healed for good: ${namesOf(core)}`);
    this.#heal(core, fleet.all);
    // Who is removed by what is committed meanwhile, or may not start any more, is not waited for.
    const isThere = (each: Machine): boolean =>
      this.#members().includes(each) && fleet.isSound(each);
    const there = (): readonly Machine[] => core.filter(isThere);
    await convergence.agreeOnLeader(there);
    this.#wishForOutsider(core);
    await this.#passes(400);
    await convergence.allAreAnswered(clients, { core, ms: answeredMs });
    for (const caller of callers) caller.finish();
    const isIdle = (): boolean => callers.every((caller) => caller.isIdle);
    await convergence.allCallsEnd(isIdle, { ms: this.#parts.callsMs, core });
    await convergence.holdTheSame(there, 20_000);
    await this.#healAll(core);
  }

  async #healAll(core: readonly Machine[]): Promise<void> {
    const { convergence, findings, fleet, operator } = this.#parts;
    const isAll = fleet.living.every((machine) => core.includes(machine));
    if (findings.first !== undefined || (isAll && operator.isIdle)) return;
    this.#say("all are healed");
    this.#heal(fleet.living, []);
    operator.goOn();
    await convergence.operatorEnds(operator, { ms: operatorBoundMs, fleet });
    const members = this.#members();
    if (findings.first !== undefined) return;
    this.#say(`members: ${namesOf(members)}`);
    await convergence.agreeOnLeader(() => members);
    await convergence.holdTheSame(() => members, 20_000);
  }

  /** Those of the first configuration, if nobody has told of one. */
  #members(): readonly Machine[] {
    const { fleet } = this.#parts;
    return fleet.members.length === 0 ? fleet.living : fleet.members;
  }

  /** All members, or as many of them, drawn, as are a quorum: what the others do must not matter. */
  #drawCore(): readonly Machine[] {
    const { fleet, isFounded } = this.#parts;
    const dice = this.#parts.dice.fork("core");
    const possible = fleet.possibleMembers;
    const among = possible.length === 0 ? fleet.living : possible;
    const sound = among.filter((machine) => fleet.isSound(machine));
    if (dice.chance(0.5) || !isFounded()) return sound;
    const order = sound
      .map((machine) => ({ machine, at: dice.draw() }))
      .sort((one, other) => one.at - other.at)
      .map(({ machine }) => machine);
    const drawn: Machine[] = [];
    const isIn = (id: string): boolean => drawn.some(({ nodeId }) => nodeId === id);
    for (const machine of order) {
      if (drawn.length > 0 && fleet.suffices(isIn)) break;
      drawn.push(machine);
    }
    return sound.filter((machine) => drawn.includes(machine));
  }

  #heal(core: readonly Machine[], all: readonly Machine[]): void {
    const { network } = this.#parts.world;
    // A message takes far less than an election timeout, or there is no leader to wait for (§3.9).
    const hiccupMsMax = this.#parts.convergence.electionTimeoutMs / 3;
    network.links.restoreAll({ hiccupMsMax });
    const dice = this.#parts.dice.fork("outside");
    for (const outside of all) {
      if (core.includes(outside)) continue;
      if (dice.fork(outside.name).chance(0.3)) {
        this.#hang(outside, core);
        continue;
      }
      // Cut off, or deaf: it still speaks, and must not keep the others from going on.
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

  /** A hand-over that can't succeed: who leads goes on, and so does everybody who has calls open. */
  #wishForOutsider(core: readonly Machine[]): void {
    const { fleet, world } = this.#parts;
    const at = leaderOf(core);
    const to = fleet.living.find((machine) => !core.includes(machine));
    if (at === undefined || to === undefined) return;
    this.#say(`${at.name} is to hand over to ${to.name}, which can't take it`);
    wishForLeader(world, { at, to });
  }

  /** Heard by all, and hears them: only what it writes is not answered, until the others must have gone on (L3). */
  #hang(outside: Machine, core: readonly Machine[]): void {
    const { convergence, world } = this.#parts;
    const lastsMs = convergence.leaderBoundMs(core) + hangsOnMs;
    outside.healDisk();
    outside.suspectDisk(lastsMs);
    outside.trouble.hungUntil = world.time.now + lastsMs;
    this.#say(`the disk of ${outside.name} hangs`);
  }

  #passes(forMs: number): Promise<void> {
    const { findings, world } = this.#parts;
    const isOver = (): boolean => findings.first !== undefined;
    return world.time.run({ untilMs: world.time.now + forMs, isOver });
  }

  #say(text: string): void {
    this.#parts.world.trace.say("phase", text);
  }
}

function namesOf(machines: readonly Machine[]): string {
  return machines.map(({ name }) => name).join(" ");
}
