// disk-faults.ts — what goes wrong with a machine's disk: it is slow, hangs, fails, is full; a bit changes,
// a write went elsewhere, all is gone. Of what can be repaired only from others, no more than others
// can repair (RAFT E4): a quorum without that node has what it had promised, or it says that it has not.
import { DamagedDataError, type MemoryDisk, type Recovered } from "@rogerd/raft";
import { recovered } from "./disk-checks.ts";
import type { Fault } from "./fault-plan.ts";
import type { Fleet } from "./fleet.ts";
import type { Ledger } from "./ledger.ts";
import type { Machine } from "./machine.ts";
import type { Operator } from "./operator.ts";
import { rotDisk } from "./rot.ts";
import { RotBeneath } from "./rot-beneath.ts";
import type { WalWrite } from "./virtual-disk.ts";
import type { World } from "./world.ts";

export interface DiskFaultsParts {
  readonly world: World;
  readonly fleet: Fleet;
  readonly ledger: Ledger;
  readonly operator: Operator;
  /** A majority has the first entry. */
  readonly isFounded: () => boolean;
  /** Unless all is calm by then. */
  readonly later: (afterMs: number, run: () => void) => void;
  readonly startAfter: (afterMs: number, machine: Machine) => void;
  readonly count: (what: string) => void;
}

/** After so long somebody looks after a disk that is known to have rotted. */
const careAfterMs = 1_500;
/** What hangs when all is healed still takes as long as it was to: less than a cluster has to come together. */
const hangMsMax = 12_000;

export class DiskFaults {
  readonly #parts: DiskFaultsParts;
  readonly #beneath: RotBeneath;

  constructor(parts: DiskFaultsParts) {
    this.#parts = parts;
    this.#beneath = new RotBeneath(parts);
  }

  /** A daemon has said that a snapshot is on its disk. */
  snapshotStored(machine: Machine): void {
    this.#beneath.stored(machine);
  }

  /** False: not a fault of disks. */
  act(fault: Fault, machine: Machine): boolean {
    const { forMs, kind, variant } = fault;
    switch (kind) {
      case "slow-disk":
      case "hung-disk":
      case "failing-disk":
      case "full-disk":
        this.#hamper(fault, machine);
        return true;
      case "rot":
        this.#rot(machine, { forMs, variant });
        return true;
      case "rot-beneath":
        if (this.#isSound(machine) && this.#parts.fleet.canLose(machine)) {
          void this.#beneath.act(machine, variant).then(() => this.#lookAfter(machine, forMs));
        }
        return true;
      case "misdirect":
        if (this.#isSound(machine)) void this.#misdirect(machine, { forMs, variant });
        return true;
      case "wipe-disk":
        this.#wipe(machine, forMs);
        return true;
      default:
        return false;
    }
  }

  /** What the disk holds is left as it is. */
  #hamper({ forMs, kind, variant }: Fault, machine: Machine): void {
    const { later, world } = this.#parts;
    const { memory, trouble } = machine;
    const hangsMs = Math.min(forMs * (1 + (variant % 3)), hangMsMax);
    const lastsMs = kind === "hung-disk" ? hangsMs : forMs;
    // A failing disk speaks for itself; on a slow one a write may take longer than it may.
    if (kind !== "failing-disk") machine.suspectDisk(lastsMs);
    if (kind === "slow-disk") {
      trouble.slowdown = 10 + (variant % 100);
      later(forMs, () => {
        trouble.slowdown = 1;
      });
    }
    if (kind === "hung-disk") trouble.hungUntil = world.time.now + lastsMs;
    if (kind === "failing-disk") trouble.failNext = variant % 2 === 0 ? "sync" : "write";
    if (kind !== "full-disk") return;
    void memory.freeBytes("/").then((free) => {
      const used = Number.MAX_SAFE_INTEGER - free;
      memory.limit({ capacityBytes: used + (variant % (256 * 1024)) });
    });
    later(forMs, () => memory.limit({ capacityBytes: Number.MAX_SAFE_INTEGER }));
  }

  /** A member, and nothing is wrong with what it holds. */
  #isSound(machine: Machine): boolean {
    const { fleet, isFounded } = this.#parts;
    const { isRotten, nodeId } = machine;
    if (!isFounded() || isRotten || nodeId === undefined) return false;
    return fleet.members.includes(machine) && !fleet.isLost(nodeId);
  }

  /** A bit changes while the node is down. It may refuse to start (65), and never believe it. */
  #rot(machine: Machine, rot: { readonly forMs: number; readonly variant: number }): void {
    if (!this.#isSound(machine) || !this.#parts.fleet.canLose(machine)) return;
    machine.kill();
    void rotDisk(machine.memory, { folder: machine.settings.dataDir, variant: rot.variant });
    this.#isDamaged(machine, rot.forMs);
  }

  #isDamaged(machine: Machine, downMs: number): void {
    machine.isRotten = true;
    this.#parts.fleet.loses(machine);
    this.#parts.startAfter(downMs, machine);
    this.#lookAfter(machine, downMs);
  }

  /** If it does start, its operator has heard of the damage all the same, and gets to it. */
  #lookAfter(machine: Machine, downMs: number): void {
    const { operator, world } = this.#parts;
    const care = (): void => {
      if (!machine.isRotten) return;
      if (!machine.runsOnRot) operator.brings(machine);
      world.time.schedule({ afterMs: careAfterMs, run: care });
    };
    world.time.schedule({ afterMs: downMs + careAfterMs, run: care });
  }

  /** It starts again as it was set up, finds a cluster that does not know it, and says what to do (78). */
  #wipe(machine: Machine, downMs: number): void {
    const { fleet, operator, startAfter, world } = this.#parts;
    if (!this.#isSound(machine) || !fleet.canLose(machine)) return;
    fleet.loses(machine);
    machine.wipe();
    // One that was founded alone would found another cluster: nobody starts it before it is let in.
    if (machine.settings.founders.length > 1) startAfter(downMs, machine);
    else machine.use = "new";
    world.time.schedule({ afterMs: downMs * 2, run: () => operator.brings(machine) });
  }

  /**
   * A batch that was synced is not where it should be, but elsewhere in the file, or nowhere. An earlier one
   * is noticed at the start. Of the latest nothing may be left to be seen: so only where others hold it.
   */
  async #misdirect(
    machine: Machine,
    how: { readonly forMs: number; readonly variant: number },
  ): Promise<void> {
    const { variant, forMs } = how;
    const { synced } = machine.trouble;
    const write = synced.at(variant % 2 === 0 ? -1 : -1 - (variant % Math.max(1, synced.length)));
    if (write === undefined || !this.#parts.fleet.canLose(machine)) return;
    machine.kill();
    const disk = machine.memory.copy();
    if (!(await displace(disk, write, variant >>> 8)))
      return this.#parts.startAfter(forMs, machine);
    const before = await recovered(machine, machine.memory.copy());
    const after = await stillReadable(machine, disk.copy());
    if (before === undefined) return this.#parts.startAfter(forMs, machine);
    if (after === "refused") {
      machine.tamper(disk);
      this.#parts.count("misdirect refused");
      return this.#isDamaged(machine, forMs);
    }
    if (after === undefined || !(await this.#isHeldByOthers(machine, before, after))) {
      return this.#parts.startAfter(forMs, machine);
    }
    machine.tamper(disk);
    this.#parts.count("misdirect unseen");
    this.#parts.ledger.forgives(machine.nodeId ?? "");
    this.#isDamaged(machine, forMs);
  }

  /** Term and vote are still there, and a quorum of others has all entries on disk (RAFT E4.4). */
  async #isHeldByOthers(machine: Machine, before: Recovered, after: Recovered): Promise<boolean> {
    const { fleet } = this.#parts;
    const isSameVote =
      before.hardState.term === after.hardState.term &&
      before.hardState.votedFor === after.hardState.votedFor;
    if (!isSameVote) return false;
    const last = before.entries.at(-1) ?? before.base;
    const holders = new Set<string>();
    for (const other of fleet.members) {
      if (other === machine || other.nodeId === undefined) continue;
      const left = await stillReadable(other, other.memory.afterCrash({ keep: "nothing" }));
      if (left === undefined || left === "refused") continue;
      const isThere = left.entries.some(
        ({ index, term }) => index === last.index && term === last.term,
      );
      if (isThere || (left.snapshot?.index ?? 0) >= last.index) holders.add(other.nodeId);
    }
    return fleet.suffices((id) => holders.has(id));
  }
}

/** False: it is not there any more. */
async function displace(disk: MemoryDisk, write: WalWrite, variant: number): Promise<boolean> {
  const { at, bytes, path } = write;
  const cut = path.lastIndexOf("/");
  const names = await disk.list(path.slice(0, cut));
  if (!names.includes(path.slice(cut + 1))) return false;
  const there = disk.peek(path);
  const isStill = there
    .subarray(at, at + bytes.length)
    .every((byte, place) => byte === bytes[place]);
  if (!isStill) return false;
  disk.damage({ path, at, bytes: new Uint8Array(bytes.length) });
  const to = at + (variant % 2 === 0 ? 512 : -512) * ((variant >>> 1) % 24);
  const isInFile = to >= 0 && to !== at && to + bytes.length <= there.length;
  if (isInFile) disk.damage({ path, at: to, bytes });
  return true;
}

async function stillReadable(
  machine: Machine,
  disk: MemoryDisk,
): Promise<Recovered | "refused" | undefined> {
  try {
    return await recovered(machine, disk);
  } catch (error) {
    if (error instanceof DamagedDataError) return "refused";
    throw error;
  }
}
