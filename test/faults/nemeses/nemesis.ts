// nemesis.ts — who does something to real processes, and takes it back. A nemesis is a small file of its own; which
// comes when is drawn from the run's seed (schedule.ts).
import type { TestCluster } from "../../processes/test-cluster.ts";
import type { Dice } from "../../simulation/dice.ts";
import type { Hosts } from "../hosts/hosts.ts";
import type { PowerSupply } from "../shims/power-supply.ts";
import type { Shims } from "../shims/shims.ts";

/** Those who are struck, and what they can be asked for. */
export interface Stage {
  readonly hosts: Hosts;
  readonly cluster: TestCluster;
  /** Undefined: nothing is preloaded into the nodes. */
  readonly shims: Shims | undefined;
  /** Undefined: their disks have none that could be cut. */
  readonly power: PowerSupply | undefined;
  /** The names of the voters now. */
  members(): Promise<readonly string[]>;
  /** Starts it again as it was started first, if it does not run; follows what its exit code asks for. */
  revive(node: string): Promise<void>;
  /** Worker processes, by name, to be killed or frozen; they are replaced when they are gone. */
  readonly workers: readonly WorkerHandle[];
}

export interface WorkerHandle {
  readonly name: string;
  freeze(): void;
  thaw(): void;
  kill(): Promise<void>;
}

export interface Strike {
  /** What was done to whom, for the report. */
  readonly says: string;
  readonly whom: readonly string[];
  /** Takes it back; the cluster can work from then on. */
  heal(): Promise<void>;
}

export interface Range {
  readonly from: number;
  readonly to: number;
}

export interface Nemesis {
  readonly name: string;
  /** For how long a strike is left, before it is healed; schedule.ts draws it. */
  readonly lastsMs: Range;
  /** Why it can't be done on these hosts; undefined: it can. */
  refusal(stage: Stage): string | undefined;
  strike(stage: Stage, dice: Dice): Promise<Strike>;
}
