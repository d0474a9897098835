// fleet.ts — the machines of a run, a list that grows: who is where, which ids each has had, whose data
// is gone for good, and whether the cluster could do without some more. It knows all logs at once; nobody
// in the cluster does. It changes no machine.
import type { Configuration } from "@rogerd/raft";
import type { Machine } from "./machine.ts";
import { isQuorum } from "./quorums.ts";
import type { VirtualProcess } from "./virtual-time.ts";

/** What the fleet asks the ledger. */
export interface LogView {
  readonly committedConfiguration: Configuration | undefined;
  possibleConfigurations(): readonly Configuration[];
  /** It was committed, and another is now. */
  isSuperseded(configuration: Configuration): boolean;
}

export class Fleet {
  readonly #machines: Machine[] = [];
  readonly #names = new Map<string, { readonly machine: Machine; readonly label: string }>();
  readonly #ids = new Map<VirtualProcess, string>();
  /** Ids whose directories are no more. */
  readonly #lost = new Set<string>();
  /** Asked for, and not known yet whether it is in a log. */
  readonly #wished = new Set<Configuration>();
  /** Ids of those at an address of which the others may not know. */
  readonly #moving = new Set<string>();
  #log: LogView | undefined;

  /** Set once: the ledger asks the fleet for names. */
  reads(log: LogView): void {
    this.#log = log;
  }

  add(machine: Machine): void {
    this.#machines.push(machine);
  }

  get all(): readonly Machine[] {
    return this.#machines;
  }

  /** Without those that were taken out for good, or wait for their first start. */
  get living(): readonly Machine[] {
    return this.#machines.filter(({ use }) => use === "in use");
  }

  at(host: string): Machine | undefined {
    return this.#machines.find((each) => each.host === host);
  }

  named(machine: Machine, id: string): void {
    if (machine.process !== undefined) this.#ids.set(machine.process, id);
    if (this.#names.has(id)) return;
    const earlier = [...this.#names.values()].filter((each) => each.machine === machine).length;
    this.#names.set(id, { machine, label: `${machine.name}${"'".repeat(earlier)}` });
  }

  /** Who a process was, also after its end. Early on it is who ran there before. */
  idOf(process: VirtualProcess): string | undefined {
    return this.#ids.get(process) ?? this.all.find((each) => each.process === process)?.nodeId;
  }

  machineOf(id: string): Machine | undefined {
    return this.#names.get(id)?.machine;
  }

  nameOf(id: string): string {
    return this.#names.get(id)?.label ?? id.slice(0, 8);
  }

  /** What this machine's disk held is gone, or is going to be given up. */
  loses(machine: Machine): void {
    if (machine.nodeId !== undefined) this.#lost.add(machine.nodeId);
  }

  /** What had changed on it by itself was written anew. */
  finds(id: string): void {
    this.#lost.delete(id);
  }

  isLost(id: string): boolean {
    return this.#lost.has(id);
  }

  /** Undefined: no message has shown it. */
  get committed(): Configuration | undefined {
    return this.#ofSoleVoter() ?? this.#log?.committedConfiguration;
  }

  /** It needs nobody, so it may tell nobody. */
  #ofSoleVoter(): Configuration | undefined {
    for (const { status } of this.#machines) {
      const raft = status?.raft;
      if (raft?.role !== "leader" || !raft.hasAppliedOwnTerm) continue;
      const { voters, votersOutgoing } = raft.configuration;
      const isSole = voters.length === 1 && voters[0] === raft.nodeId;
      if (isSole && votersOutgoing.length === 0) return raft.configuration;
    }
    return undefined;
  }

  /** By a configuration that some log holds: that it is committed may not have been told yet. */
  wasRemoved({ nodeId }: Machine): boolean {
    const shown = this.#log?.possibleConfigurations() ?? [];
    const own = this.#machines.map(({ lastConfiguration }) => lastConfiguration);
    return [...shown, ...own].some((each) => each?.removed.some((id) => id === nodeId) === true);
  }

  /** Members whose data is there, by what is committed. */
  get members(): readonly Machine[] {
    const members = this.committed?.members ?? [];
    return this.#machines.filter(
      ({ nodeId, use }) => use === "in use" && members.some(({ id }) => id === nodeId),
    );
  }

  /** By what is committed, or by what may be: a sole voter may have let somebody in and told nobody. */
  get possibleMembers(): readonly Machine[] {
    const members = this.#possible().flatMap((each) => each.members);
    return this.living.filter(({ nodeId }) => members.some(({ id }) => id === nodeId));
  }

  /** A change is asked for; call the result when it is known what became of it. */
  wishes(configuration: Configuration): () => void {
    this.#wished.add(configuration);
    return () => void this.#wished.delete(configuration);
  }

  /** It is somewhere else from now on; call the result when that is committed. */
  moves({ nodeId }: Machine): () => void {
    if (nodeId !== undefined) this.#moving.add(nodeId);
    return () => void this.#moving.delete(nodeId ?? "");
  }

  /** Its data is there, or what it lacks is not needed as long as it runs; and whoever is to find it does. */
  isSound({ isStranger, nodeId, runsOnRot }: Machine): boolean {
    if (isStranger) return false;
    if (nodeId === undefined) return true;
    return (runsOnRot || !this.#lost.has(nodeId)) && !this.#moving.has(nodeId);
  }

  /**
   * Whether these, without the lost, are a quorum of whatever may come to be in force. Who is moving is not
   * counted on: it may lag behind, and two who do not know of each other's addresses never meet.
   */
  suffices(has: (id: string) => boolean, planned: readonly Configuration[] = []): boolean {
    const isThere = (id: string): boolean =>
      !this.#lost.has(id) && !this.#moving.has(id) && has(id);
    const possible = this.#possible();
    if (possible.length === 0) return false;
    return [...possible, ...planned].every((each) => isQuorum(each, isThere));
  }

  /** Whether all could go on if this machine's data were gone. */
  canLose(machine: Machine): boolean {
    const { nodeId } = machine;
    return nodeId !== undefined && this.suffices((id) => id !== nodeId);
  }

  /** Of logs that may still win: who was removed has none. */
  #possible(): readonly Configuration[] {
    const log = this.#log;
    // Before anybody has told of a commit: what nodes say themselves.
    const isKnown = this.committed !== undefined;
    const ofMembers = (isKnown ? this.members : this.living)
      .map(({ lastConfiguration }) => lastConfiguration)
      .filter((each) => each !== undefined)
      .filter((each) => each.voters.length > 0 && log?.isSuperseded(each) !== true);
    return [...(log?.possibleConfigurations() ?? []), ...ofMembers, ...this.#wished];
  }
}
