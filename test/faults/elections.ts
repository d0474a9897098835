// elections.ts — who led when, as the nodes themselves say, for the history: each node is asked again and again.
import type { TestCluster } from "../processes/test-cluster.ts";
import { nowUs, type RunLine } from "./history/history-line.ts";

const askEveryMs = 200;

export class Elections {
  readonly lines: RunLine[] = [];
  readonly #cluster: TestCluster;
  readonly #seen = new Set<string>();
  #isOver = false;
  readonly #asking: Promise<unknown>;

  constructor(cluster: TestCluster) {
    this.#cluster = cluster;
    this.#asking = Promise.all(cluster.names.map((name) => this.#follow(name)));
  }

  async end(): Promise<void> {
    this.#isOver = true;
    await this.#asking;
  }

  async #follow(name: string): Promise<void> {
    while (!this.#isOver) {
      await new Promise((resolve) => setTimeout(resolve, askEveryMs));
      // Whoever is down, frozen or not there yet does not answer.
      const status = await this.#cluster.nodeStatus(name).catch(() => undefined);
      if (status?.role !== "leader") continue;
      const says = `${name} leads term ${status.term}`;
      if (this.#seen.has(says)) continue;
      this.#seen.add(says);
      this.lines.push({ kind: "elected", at: nowUs(), says, whom: [name], term: status.term });
    }
  }
}
