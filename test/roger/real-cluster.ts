// real-cluster.ts — the differential test on real processes: three compiled daemons, whose leaders are ended by SIGKILL
// and started again, and the real client on the real network.
import { connect } from "@rogerd/client";
import { eventually } from "../processes/eventually.ts";
import { TestCluster } from "../processes/test-cluster.ts";
import { Dice } from "../simulation/dice.ts";
import { type Comparison, compareWithReference } from "./differential.ts";

export interface RealRun extends Comparison {
  readonly faults: Readonly<Record<string, number>>;
}

export async function runOnProcesses(request: {
  readonly seed: number;
  readonly calls: number;
  readonly callsPerFault: number;
}): Promise<RealRun> {
  // Small snapshots: who was killed is brought up by one now and then.
  const args = ["--snapshot-every-entries", "400", "--trailing-entries", "50"];
  await using cluster = await TestCluster.start({ nodes: 3, args });
  await using client = await connect({ endpoints: cluster.endpoints });
  const dice = new Dice(request.seed).fork("calls");
  const killer = new LeaderKiller(cluster);
  const compared = await compareWithReference({
    ...request,
    client,
    dice: (sides) => dice.below(sides),
    wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    strike: () => killer.kill(),
  });
  return { ...compared, faults: { "kill leader": killer.kills } };
}

class LeaderKiller {
  readonly #cluster: TestCluster;
  #killed: string | undefined;
  kills = 0;

  constructor(cluster: TestCluster) {
    this.#cluster = cluster;
  }

  /** Whoever was killed before is back by then, so that a majority lives. */
  async kill(): Promise<void> {
    const [cluster, killed] = [this.#cluster, this.#killed];
    if (killed !== undefined) {
      await eventually(`${killed} is back`, async () => {
        return (await cluster.nodeStatus(killed)).appliedIndex > 0 || undefined;
      });
    }
    const leader = await cluster.leader();
    await cluster.process(leader).kill();
    cluster.startNode(leader);
    this.#killed = leader;
    this.kills += 1;
  }
}
