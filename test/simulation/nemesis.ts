// nemesis.ts — does to machines, network and clients what the fault plan says, and undoes it in time.
// What has ended by itself is started again after a while, as an operator would.
import type { Dice } from "./dice.ts";
import { DiskFaults } from "./disk-faults.ts";
import { type Fault, faultText } from "./fault-plan.ts";
import type { Fleet } from "./fleet.ts";
import { wishForLeader } from "./hand-over.ts";
import type { Ledger } from "./ledger.ts";
import type { Keeps, Machine } from "./machine.ts";
import type { Operator } from "./operator.ts";
import { movedHost } from "./options.ts";
import type { World } from "./world.ts";

/** What a nemesis needs of the clients. */
export interface Victims {
  readonly hosts: readonly string[];
  pause(client: number, forMs: number): void;
  /** It is gone; another takes its place. */
  replace(client: number): void;
}

export interface NemesisParts {
  readonly world: World;
  readonly fleet: Fleet;
  readonly ledger: Ledger;
  readonly operator: Operator;
  /** Another machine, with nothing on it; undefined: there are no more. */
  readonly newMachine: () => Machine | undefined;
  readonly clients: Victims;
  readonly dice: Dice;
  /** A majority has the first entry. */
  readonly isFounded: () => boolean;
}

export class Nemesis {
  readonly #parts: NemesisParts;
  readonly #disks: DiskFaults;
  #isCalm = false;
  #moves = 0;
  readonly done: Record<string, number> = {};

  constructor(parts: NemesisParts) {
    this.#parts = parts;
    this.#disks = new DiskFaults({
      ...parts,
      later: (afterMs, run) => this.#later(afterMs, run),
      startAfter: (afterMs, machine) => this.#startAfter(afterMs, machine),
      count: (what) => this.#count(what),
    });
  }

  carryOut(plan: readonly Fault[]): void {
    const { time } = this.#parts.world;
    for (const fault of plan) {
      time.schedule({ afterMs: fault.atMs - time.now, run: () => this.#act(fault) });
    }
  }

  /** A daemon has said that a snapshot is on its disk. */
  snapshotStored(machine: Machine): void {
    this.#disks.snapshotStored(machine);
  }

  /** Nothing new is done from now on. */
  calm(): void {
    this.#isCalm = true;
  }

  /** Of a daemon that ended by itself. */
  startLater(machine: Machine): void {
    this.#startAfter(this.#parts.dice.around(500), machine);
  }

  /** Also when all is calm: who was stopping then has to come back. */
  #startAfter(afterMs: number, machine: Machine): void {
    this.#parts.world.time.schedule({ afterMs, run: () => machine.start() });
  }

  #act(fault: Fault): void {
    if (this.#isCalm) return;
    const machine = this.#machineOf(fault);
    if (machine === undefined) return;
    this.#parts.world.trace.say("fault", `${faultText(fault)}: ${machine.name}`);
    this.#count(fault.kind);
    if (this.#onProcess(fault, machine)) return;
    if (this.#disks.act(fault, machine)) return;
    if (this.#onMembership(fault, machine)) return;
    this.#onNetwork(fault, machine);
  }

  #count(what: string): void {
    this.done[what] = (this.done[what] ?? 0) + 1;
  }

  /** The operator is told what is wanted; it takes its time, while other faults go on. */
  #onMembership({ forMs, kind }: Fault, machine: Machine): boolean {
    const { fleet, isFounded, newMachine, operator } = this.#parts;
    if (!kind.startsWith("member-")) return false;
    if (!isFounded()) return true;
    if (kind === "member-remove") operator.removes(machine);
    if (kind === "member-add" || kind === "member-replace") {
      const added = newMachine();
      if (added !== undefined)
        operator.brings(added, kind === "member-replace" ? machine : undefined);
    }
    if (kind === "member-update" && fleet.members.length > 1 && fleet.members.includes(machine)) {
      this.#moves += 1;
      operator.moves(machine, { host: movedHost(this.#moves), downMs: forMs });
    }
    return true;
  }

  #onProcess(fault: Fault, machine: Machine): boolean {
    const { forMs, variant } = fault;
    const backAgain = (): void => this.#startAfter(forMs, machine);
    switch (fault.kind) {
      case "kill":
        machine.kill();
        backAgain();
        return true;
      case "power-cut":
        machine.powerCut(keepsOf(variant));
        backAgain();
        return true;
      case "crash-at-io": {
        const moment = (["begin", "effect", "end"] as const)[variant % 3] ?? "begin";
        machine.trouble.crashAt = { changes: 1 + ((variant >>> 4) % 12), moment };
        machine.trouble.crash = () => {
          machine.powerCut(keepsOf(variant >>> 8));
          backAgain();
        };
        return true;
      }
      case "stop":
        // Who is not done with it when all is healed does not stay away as well.
        void machine.stop().then(() => (this.#isCalm ? machine.start() : backAgain()));
        return true;
      case "pause":
        machine.pause(forMs);
        return true;
      case "wall-jump":
        machine.wallOffsetMs += (variant % 2 === 0 ? 1 : -1) * (variant >>> 4) * 10;
        return true;
      case "transfer":
        this.#transfer(machine, variant);
        return true;
      default:
        return false;
    }
  }

  #onNetwork({ kind, forMs, variant }: Fault, machine: Machine): void {
    const { world, clients, fleet } = this.#parts;
    const machines = fleet.living;
    const { host } = machine;
    const nodes = machines.map((each) => each.host).filter((each) => each !== host);
    const other = nodes[variant % Math.max(1, nodes.length)] ?? host;
    const client = variant % clients.hosts.length;
    const clientHost = clients.hosts[client] ?? "";
    switch (kind) {
      case "isolate": {
        const everybody = variant % 2 === 0 ? nodes : [...nodes, ...clients.hosts];
        const way = (["both", "in", "out"] as const)[(variant >>> 8) % 3] ?? "both";
        return this.#cutFor(forMs, isolating(host, everybody, way));
      }
      case "split": {
        const isHere = (at: number): boolean => ((variant >>> (at % 16)) & 1) === 1;
        const all = machines.map((each) => each.host);
        const here = all.filter((_, at) => isHere(at));
        const there = all.filter((_, at) => !isHere(at));
        const pairs = here.flatMap((from) => there.map((to) => [from, to] as const));
        return this.#cutFor(forMs, [...pairs, ...pairs.map(([a, b]) => [b, a] as const)]);
      }
      case "divide": {
        const isHere = (at: number): boolean => ((variant >>> (8 + (at % 16))) & 1) === 1;
        const withIt = clients.hosts.filter((_, at) => isHere(at));
        const others = clients.hosts.filter((_, at) => !isHere(at));
        return this.#divideFor(forMs, [host, ...withIt], [...nodes, ...others]);
      }
      case "cut-one-way":
        return this.#cutFor(forMs, variant >>> 31 === 0 ? [[host, other]] : [[other, host]]);
      case "break-connections":
        return world.network.breakBetween(host, (variant >>> 8) % 2 === 0 ? other : clientHost);
      case "slow-link":
        return this.#slowFor(forMs, { from: host, to: other, factor: 5 + ((variant >>> 8) % 100) });
      case "pause-client":
        return clients.pause(client, forMs);
      case "kill-client":
        return clients.replace(client);
      case "cut-client":
        return this.#cutFor(forMs, isolating(clientHost, [host], "both"));
      default:
        return undefined;
    }
  }

  #cutFor(forMs: number, pairs: readonly (readonly [string, string])[]): void {
    const { links } = this.#parts.world.network;
    for (const [from, to] of pairs) links.between({ from, to }).cut();
    this.#later(forMs, () => {
      for (const [from, to] of pairs) links.between({ from, to }).mend();
    });
  }

  /** As a switch that fails: who is on the other side is gone at once, and that is noticed. */
  #divideFor(forMs: number, here: readonly string[], there: readonly string[]): void {
    const { network } = this.#parts.world;
    for (const one of here) for (const other of there) network.breakBetween(one, other);
    const pairs = here.flatMap((from) => there.map((to) => [from, to] as const));
    this.#cutFor(forMs, [...pairs, ...pairs.map(([from, to]) => [to, from] as const)]);
  }

  #slowFor(forMs: number, slow: { readonly from: string; readonly to: string; factor: number }) {
    const link = this.#parts.world.network.links.between(slow);
    link.slow(slow.factor);
    this.#later(forMs, () => link.slow(1));
  }

  /** To the best, or to somebody by name: who that is may be down, cut off, or no member. */
  #transfer(machine: Machine, variant: number): void {
    const { fleet, world } = this.#parts;
    const named = fleet.living[(variant >>> 8) % fleet.living.length];
    wishForLeader(world, { at: machine, to: variant % 2 === 0 ? undefined : named });
  }

  #later(afterMs: number, run: () => void): void {
    this.#parts.world.time.schedule({
      afterMs,
      run: () => {
        if (!this.#isCalm) run();
      },
    });
  }

  #machineOf({ target }: Fault): Machine | undefined {
    const machines = this.#parts.fleet.living;
    if (target !== "leader") return machines[(target - 1) % machines.length];
    return leaderOf(machines) ?? machines[0];
  }
}

/** Who leads in the highest term. */
export function leaderOf(machines: readonly Machine[]): Machine | undefined {
  let leader: Machine | undefined;
  let highest = -1;
  for (const machine of machines) {
    const raft = machine.status?.raft;
    if (raft?.role !== "leader" || raft.term <= highest) continue;
    highest = raft.term;
    leader = machine;
  }
  return leader;
}

function keepsOf(variant: number): Keeps {
  return (["nothing", "everything", "some", "some"] as const)[variant % 4] ?? "some";
}

function isolating(
  host: string,
  others: readonly string[],
  way: "both" | "in" | "out",
): readonly (readonly [string, string])[] {
  const out = others.map((other) => [host, other] as const);
  const into = others.map((other) => [other, host] as const);
  if (way === "both") return [...out, ...into];
  return way === "in" ? into : out;
}
