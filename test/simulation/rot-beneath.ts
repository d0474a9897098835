// rot-beneath.ts — a bit of the newest snapshot changes beneath a daemon that runs. As long as it runs it has its
// state in memory, and nobody needs the file but a follower: then the daemon must notice, and store it anew. Once
// what was written there is gone from the disk, even if the power goes, the machine is as sound as any other.
import type { Fleet } from "./fleet.ts";
import type { Machine } from "./machine.ts";
import { filesBelow, usedBytes } from "./rot.ts";
import type { World } from "./world.ts";

interface Damage {
  readonly path: string;
  readonly bytes: Uint8Array;
}

export interface RotBeneathParts {
  readonly world: Pick<World, "trace">;
  readonly fleet: Fleet;
  readonly count: (what: string) => void;
}

export class RotBeneath {
  readonly #parts: RotBeneathParts;
  readonly #damages = new Map<Machine, Damage>();

  constructor(parts: RotBeneathParts) {
    this.#parts = parts;
  }

  /** Nothing happens to who does not run, or has no snapshot. */
  async act(machine: Machine, variant: number): Promise<void> {
    const { memory, process } = machine;
    const files = await filesBelow(memory, machine.settings.dataDir);
    const path = files
      .filter((each) => each.endsWith(".snap"))
      .sort()
      .at(-1);
    if (path === undefined || process === undefined || machine.process !== process) return;
    const at = (variant >>> 3) % usedBytes(memory.peek(path));
    memory.flipBit({ path, at, bit: variant % 8 });
    this.#damages.set(machine, { path, bytes: memory.peek(path) });
    machine.isRotten = true;
    machine.rotsBeneath = process;
    this.#parts.fleet.loses(machine);
    this.#parts.count("rot-beneath of a snapshot");
  }

  stored(machine: Machine): void {
    const damage = this.#damages.get(machine);
    if (damage === undefined || machine.nodeId === undefined) return;
    const { bytes, path } = damage;
    const left = machine.memory.afterCrash({ keep: "nothing" }).peekIfThere(path);
    if (left !== undefined && Buffer.compare(left, bytes) === 0) return;
    this.#damages.delete(machine);
    if (!machine.isRotten || machine.rotsBeneath === undefined) return;
    machine.isRotten = false;
    machine.rotsBeneath = undefined;
    this.#parts.fleet.finds(machine.nodeId);
    this.#parts.count("rot-beneath made good");
    this.#parts.world.trace.say(machine.name, "has no rotten snapshot any more");
  }
}
