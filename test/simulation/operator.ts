// operator.ts — who adds, replaces, moves and removes nodes, and repairs what the messages of the daemons
// ask for (docs/decisions/0002-joining.md): looks at the members, does the next thing, looks again. It
// never does what would leave less than a quorum for good; a product can't be saved from that.
import type { Failure } from "@rogerd/daemon";
import type { Configuration } from "@rogerd/raft";
import type { Dice } from "./dice.ts";
import type { Fleet } from "./fleet.ts";
import type { Machine } from "./machine.ts";
import { type Answer, type Listed, OperatorDesk } from "./operator-desk.ts";
import { clientPort, peerPort } from "./options.ts";
import type { World } from "./world.ts";

/** `enter`: to be a voter, in another's place or beside all. `leave`: out for good. `move`: to an address. */
type Task =
  | { readonly kind: "enter"; readonly machine: Machine; readonly replaces: string | undefined }
  | { readonly kind: "leave"; readonly machine: Machine; readonly id: string }
  | { readonly kind: "move"; readonly machine: Machine; readonly isKnown: () => void };

/** No pause of a process is longer. */
const wishMs = 10_000;

type Progress = "done" | "go on";

export interface OperatorParts {
  readonly world: World;
  readonly fleet: Fleet;
  readonly dice: Dice;
}

export class Operator {
  readonly #parts: OperatorParts;
  readonly #desk: OperatorDesk;
  readonly #tasks = new Set<Task>();
  /** Whom it was asked to bring while it was busy with something else of theirs. */
  readonly #next = new Map<Machine, Task>();
  /** One-time secrets that were not used as far as is known. */
  readonly #secrets = new Map<Machine, string>();
  #isResting = false;

  constructor(parts: OperatorParts) {
    this.#parts = parts;
    this.#desk = new OperatorDesk(parts);
  }

  get isIdle(): boolean {
    return this.#tasks.size === 0;
  }

  get openTasks(): readonly string[] {
    return [...this.#tasks].map(({ kind, machine }) => `${kind} ${machine.name}`);
  }

  /** Nothing is changed while it rests. */
  rest(): void {
    this.#isResting = true;
  }

  goOn(): void {
    this.#isResting = false;
  }

  /** A new machine, or one whose data is gone; `replaces`: whose vote it takes. */
  brings(machine: Machine, replaces?: Machine): void {
    const task: Task = { kind: "enter", machine, replaces: replaces?.nodeId };
    if (this.#isBusyWith(machine)) this.#next.set(machine, task);
    else this.#begin(task);
  }

  /** Not one whose disk was emptied: the cluster knows it by another id, and it is being replaced. */
  removes(machine: Machine): void {
    const { nodeId: id } = machine;
    const { fleet } = this.#parts;
    const isKnown = fleet.members.includes(machine) || fleet.wasRemoved(machine);
    if (id === undefined || !isKnown || this.#isBusyWith(machine)) return;
    this.#begin({ kind: "leave", machine, id });
  }

  /** It is found at another address from now on, and the others are told, before or after. */
  moves(machine: Machine, to: { readonly host: string; readonly downMs: number }): void {
    // One at a time: who has moved finds those who have not.
    const isMoving = [...this.#tasks].some(({ kind }) => kind === "move");
    const { fleet } = this.#parts;
    if (isMoving || this.#isBusyWith(machine) || !fleet.canLose(machine)) return;
    const isKnown = fleet.moves(machine);
    machine.moveTo(to.host);
    this.#parts.world.time.schedule({ afterMs: to.downMs, run: () => machine.start() });
    this.#begin({ kind: "move", machine, isKnown });
  }

  /** A daemon has ended with a sentence that asks for an operator. */
  reads(machine: Machine, { exitCode }: Failure): void {
    if (machine.use === "retired") return;
    this.#secrets.delete(machine);
    if (exitCode === 65) this.#parts.fleet.loses(machine);
    this.brings(machine);
  }

  #isBusyWith(machine: Machine): boolean {
    return [...this.#tasks].some((task) => task.machine === machine);
  }

  #begin(task: Task): void {
    this.#tasks.add(task);
    void this.#work(task);
  }

  async #work(task: Task): Promise<void> {
    for (;;) {
      await this.#wait();
      if (this.#isResting) continue;
      const listed = await this.#desk.members();
      if (listed === undefined || this.#isResting) continue;
      const progress = await this.#advance(task, listed);
      if (progress === "done") break;
    }
    this.#parts.world.trace.say("operator", `done: ${task.kind} ${task.machine.name}`);
    this.#tasks.delete(task);
    const next = this.#next.get(task.machine);
    this.#next.delete(task.machine);
    const isInPlace = this.#parts.fleet.members.includes(task.machine);
    if (next !== undefined && !isInPlace) this.#begin(next);
  }

  #advance(task: Task, listed: Listed): Promise<Progress> {
    if (task.kind === "enter") return this.#enter(task, listed);
    if (task.kind === "leave") return this.#leave(task);
    return this.#move(task);
  }

  async #enter(
    task: Extract<Task, { readonly kind: "enter" }>,
    { members }: Listed,
  ): Promise<Progress> {
    const { fleet } = this.#parts;
    const { machine } = task;
    if (machine.use === "retired") return "done";
    const listed = members.find(({ name }) => name === machine.name);
    if (listed === undefined) return this.#invite(machine, members);
    if (listed.id !== machine.nodeId || fleet.isLost(listed.id)) {
      const isOnItsWay = this.#secrets.has(machine) && !fleet.isLost(listed.id);
      if (isOnItsWay) return this.#waitFor(machine, members);
      if (listed.role !== "learner" && !fleet.isLost(listed.id)) return "go on";
      return this.#change("remove", { name: listed.id }, without(fleet.committed, listed.id));
    }
    // It may not have heard yet that it was let in.
    if (machine.isStranger) return this.#waitFor(machine, members);
    if (listed.role === "learner") return this.#giveVote(task, listed.id);
    const isThrough = fleet.committed?.voters.some((id) => id === machine.nodeId) === true;
    if (!isThrough || this.#isJoint()) return "go on";
    const replaced = task.replaces === undefined ? undefined : fleet.machineOf(task.replaces);
    if (replaced !== undefined) this.removes(replaced);
    return "done";
  }

  /** Whom it was told to ask may be gone by now. */
  #waitFor(machine: Machine, members: Listed["members"]): Progress {
    const joinSecret = this.#secrets.get(machine);
    if (joinSecret !== undefined && this.#parts.dice.chance(0.1)) {
      this.#startAsNew(machine, { joinSecret, members });
    }
    return "go on";
  }

  #startAsNew(
    machine: Machine,
    known: { readonly joinSecret: string; readonly members: Listed["members"] },
  ): void {
    const { joinSecret, members } = known;
    const others = members.filter(({ name }) => name !== machine.name);
    const asked = others[this.#parts.dice.below(Math.max(1, others.length))];
    if (asked === undefined) return;
    const { hostname, port } = new URL(asked.peerUrl);
    machine.kill();
    machine.use = "in use";
    machine.configure({ founders: [], join: { host: hostname, port: Number(port) }, joinSecret });
    machine.start();
  }

  async #invite(machine: Machine, members: Listed["members"]): Promise<Progress> {
    if (machine.isRecovering) return "go on";
    if (machine.isRotten || this.#parts.fleet.wasRemoved(machine)) {
      // As the message of exit 65 says; or the machine gets an empty disk.
      machine.kill();
      if (this.#parts.dice.chance(0.7)) void machine.rejoin();
      else machine.wipe();
      return "go on";
    }
    const { host, name } = machine;
    const asked = { name, peer: `${host}:${peerPort}`, client: `${host}:${clientPort}` };
    const answer = await this.#desk.change("add", asked);
    if (answer.kind !== "changed" || answer.secret === undefined) return "go on";
    const { secret: joinSecret } = answer;
    this.#secrets.set(machine, joinSecret);
    this.#startAsNew(machine, { joinSecret, members });
    return "go on";
  }

  #giveVote(
    { machine, replaces }: Extract<Task, { readonly kind: "enter" }>,
    id: string,
  ): Promise<Progress> {
    const { committed } = this.#parts.fleet;
    this.#secrets.delete(machine);
    const isVoter = committed?.voters.some((each) => each === replaces) === true;
    if (replaces === undefined || !isVoter) {
      return this.#change("promote", { name: id }, withVote(committed, id));
    }
    const planned = without(withVote(committed, id), replaces);
    return this.#change("replace", { name: replaces, by: id }, planned);
  }

  async #leave(task: Extract<Task, { readonly kind: "leave" }>): Promise<Progress> {
    const { dice, fleet } = this.#parts;
    const { id, machine } = task;
    const { committed } = fleet;
    if (committed === undefined) return "go on";
    if (committed.members.some((member) => member.id === id)) {
      const planned = without(committed, id);
      if (planned?.voters.length === 0) return "done";
      return this.#change("remove", { name: id, force: dice.chance(0.3) }, planned);
    }
    if (machine.nodeId !== id || dice.chance(0.3)) return "done";
    // Some are left running: they must not disturb who is still there.
    machine.use = "retired";
    machine.kill();
    return "done";
  }

  async #move({ isKnown, machine }: Extract<Task, { readonly kind: "move" }>): Promise<Progress> {
    const { committed } = this.#parts.fleet;
    if (committed === undefined) return "go on";
    const member = committed.members.find(({ id }) => id === machine.nodeId);
    if (member === undefined) return "done";
    const [peer, client] = [`${machine.host}:${peerPort}`, `${machine.host}:${clientPort}`];
    if (member.peerUrl === `ws://${peer}` && member.clientUrl === `ws://${client}`) {
      isKnown();
      return "done";
    }
    await this.#desk.change("update", { name: member.id, peer, client });
    return "go on";
  }

  /** Not while it might leave too few for good. */
  async #change(
    action: string,
    body: Readonly<Record<string, unknown>>,
    planned: Configuration | undefined,
  ): Promise<Progress> {
    const { fleet, world } = this.#parts;
    if (planned === undefined || !fleet.suffices(() => true, [planned])) return "go on";
    const isOver = fleet.wishes(planned);
    const answer: Answer = await this.#desk.change(action, body);
    // Unknown: it may wait in a process that is paused. Later it is in a log, or nowhere.
    if (answer.kind === "unknown") world.time.schedule({ afterMs: wishMs, run: isOver });
    else isOver();
    return answer.kind === "declined" && answer.reason === "last-voter" ? "done" : "go on";
  }

  #isJoint(): boolean {
    return (this.#parts.fleet.committed?.votersOutgoing.length ?? 0) > 0;
  }

  #wait(): Promise<void> {
    const { dice, world } = this.#parts;
    return new Promise((resolve) => {
      world.time.schedule({ afterMs: 20 + dice.around(150), run: resolve });
    });
  }
}

function without(from: Configuration | undefined, id: string): Configuration | undefined {
  if (from === undefined) return undefined;
  return { ...from, voters: from.voters.filter((each) => each !== id) };
}

function withVote(to: Configuration | undefined, id: string): Configuration | undefined {
  const voter = to?.learners.find((each) => each === id);
  return to === undefined || voter === undefined ? to : { ...to, voters: [...to.voters, voter] };
}
