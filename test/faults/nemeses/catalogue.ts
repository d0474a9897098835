// catalogue.ts — all nemeses there are, how often each comes beside the others, and who may strike together.
import { blockedLoop } from "./blocked-loop.ts";
import { churn } from "./churn.ts";
import { clientSide } from "./client-side.ts";
import { clockDrift, wallJump } from "./clock.ts";
import { bitRot, tornTail } from "./damaged-log.ts";
import { deafLeader } from "./deaf-leader.ts";
import { failingDisk, fullDisk, hungDisk, slowDisk } from "./disk.ts";
import { forgottenVote } from "./forgotten-vote.ts";
import { killAll, killMajority, killOne } from "./kill.ts";
import { leaderAlone } from "./leader-alone.ts";
import { leaderWithClients } from "./leader-with-clients.ts";
import { lyingSync } from "./lying-sync.ts";
import { memoryPressure } from "./memory-pressure.ts";
import type { Nemesis } from "./nemesis.ts";
import { oneWayCut } from "./one-way.ts";
import { partitionBridge } from "./partition-bridge.ts";
import { partitionMinority } from "./partition-minority.ts";
import { partitionRing } from "./partition-ring.ts";
import { pauseLong, pauseShort } from "./pause.ts";
import { pauseLeaders } from "./pause-leaders.ts";
import { disorderedLinks, lossyLinks, narrowLinks, slowLinks } from "./poor-links.ts";
import { powerCut } from "./power-cut.ts";
import { rollingUpgrade } from "./rolling-upgrade.ts";
import { rollingRestart } from "./rolling-restart.ts";
import { transferStorm } from "./transfer-storm.ts";
import { wipedDisk } from "./wiped-disk.ts";
import { workerFreeze, workerFreezeLong, workerKill } from "./workers.ts";

export interface CatalogueEntry {
  readonly nemesis: Nemesis;
  /** Cards of it in every deck but the first, which has one of each. */
  readonly weight: number;
  /** What it strikes at. Two of one kind never strike together; and `members` only beside workers, as their repair takes a
   * majority. */
  readonly at: "links" | "nodes" | "members" | "workers";
}

export const catalogue: readonly CatalogueEntry[] = [
  { nemesis: partitionMinority, weight: 3, at: "links" },
  { nemesis: partitionRing, weight: 2, at: "links" },
  { nemesis: partitionBridge, weight: 2, at: "links" },
  { nemesis: oneWayCut, weight: 2, at: "links" },
  { nemesis: deafLeader, weight: 2, at: "links" },
  { nemesis: leaderAlone, weight: 3, at: "links" },
  { nemesis: leaderWithClients, weight: 3, at: "links" },
  { nemesis: clientSide, weight: 3, at: "links" },
  { nemesis: slowLinks, weight: 1, at: "links" },
  { nemesis: lossyLinks, weight: 1, at: "links" },
  { nemesis: narrowLinks, weight: 1, at: "links" },
  { nemesis: disorderedLinks, weight: 2, at: "links" },
  { nemesis: pauseShort, weight: 2, at: "nodes" },
  { nemesis: pauseLong, weight: 2, at: "nodes" },
  { nemesis: pauseLeaders, weight: 2, at: "nodes" },
  { nemesis: killOne, weight: 3, at: "nodes" },
  { nemesis: killMajority, weight: 2, at: "nodes" },
  { nemesis: killAll, weight: 2, at: "nodes" },
  { nemesis: forgottenVote, weight: 2, at: "members" },
  { nemesis: rollingRestart, weight: 1, at: "nodes" },
  { nemesis: rollingUpgrade, weight: 1, at: "members" },
  { nemesis: blockedLoop, weight: 2, at: "nodes" },
  { nemesis: transferStorm, weight: 1, at: "nodes" },
  { nemesis: powerCut, weight: 3, at: "nodes" },
  { nemesis: memoryPressure, weight: 2, at: "nodes" },
  { nemesis: slowDisk, weight: 1, at: "nodes" },
  { nemesis: failingDisk, weight: 1, at: "nodes" },
  { nemesis: hungDisk, weight: 1, at: "nodes" },
  { nemesis: fullDisk, weight: 1, at: "nodes" },
  { nemesis: lyingSync, weight: 1, at: "members" },
  { nemesis: wallJump, weight: 1, at: "nodes" },
  { nemesis: clockDrift, weight: 1, at: "nodes" },
  { nemesis: churn, weight: 2, at: "members" },
  { nemesis: wipedDisk, weight: 1, at: "members" },
  { nemesis: tornTail, weight: 1, at: "members" },
  { nemesis: bitRot, weight: 1, at: "members" },
  { nemesis: workerKill, weight: 3, at: "workers" },
  { nemesis: workerFreeze, weight: 2, at: "workers" },
  { nemesis: workerFreezeLong, weight: 3, at: "workers" },
];
