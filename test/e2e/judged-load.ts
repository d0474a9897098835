// judged-load.ts — clients that make Roger's calls while something happens to their cluster, and who judges
// the answers: half the calls of each go to a partition of its own, where every answer is determined;
// half to a shared one, whose history is to be explained afterwards. Disturbs nothing.
import { connect, RogerGlobal } from "@rogerd/client";
import { expect } from "vitest";
import { HistoryRecorder } from "../checkers/history.ts";
import type { RogerAnswer, RogerCall } from "../checkers/roger-models.ts";
import { unexplained } from "../checkers/unexplained.ts";
import { eventually } from "../processes/eventually.ts";
import type { TestCluster } from "../processes/test-cluster.ts";
import { RogerReference } from "../roger/reference.ts";
import { drawCall, makeCall, seededDice } from "./random-calls.ts";

const sharedPartition = "shared";
const namesPerSet = 12;

export class JudgedLoad {
  readonly cluster: TestCluster;
  readonly seed: number = Math.floor(Math.random() * 2 ** 32);
  readonly #history = new HistoryRecorder<RogerCall, RogerAnswer>();
  callsMade = 0;

  constructor(cluster: TestCluster) {
    this.cluster = cluster;
  }

  /** Each client calls as long as `goesOn` says so, having made so many itself. */
  async run(load: {
    readonly clients: number;
    readonly goesOn: (made: number) => boolean;
  }): Promise<void> {
    const numbers = Array.from({ length: load.clients }, (_, client) => client);
    await Promise.all(numbers.map((client) => this.#makeCalls(client, load.goesOn)));
  }

  /** Beside the load, until it has ended. */
  async runDuring<Value>(
    load: { readonly clients: number },
    disturbance: () => Promise<Value>,
  ): Promise<Value> {
    let isOver = false;
    const disturbed = disturbance().finally(() => {
      isOver = true;
    });
    await Promise.all([disturbed, this.run({ ...load, goesOn: () => !isOver })]);
    return disturbed;
  }

  /** Resolves once so many calls were made in all. */
  reached(calls: number, options: { readonly withinMs?: number } = {}): Promise<true> {
    return eventually(
      `${calls} calls were made`,
      async () => this.callsMade >= calls || undefined,
      options,
    );
  }

  unexplained(): ReturnType<typeof unexplained> {
    return unexplained(this.#history.calls());
  }

  async #makeCalls(client: number, goesOn: (made: number) => boolean): Promise<void> {
    const dice = seededDice(this.seed + client);
    await using connection = await connect({ endpoints: this.cluster.endpoints });
    const roger = new RogerGlobal(connection);
    const ownPartition = `own-${client}`;
    const reference = new RogerReference();
    reference.answer({ partition: ownPartition, call: { form: "startPartition" } });
    await roger.startPartition(ownPartition);
    await roger.startPartition(sharedPartition);
    for (let made = 0; goesOn(made); made += 1) {
      const call = drawCall(dice, namesPerSet);
      if (dice(2) === 0) {
        const made = { partition: ownPartition, call };
        const answer = await makeCall(roger, made);
        expect({ call, answer }).toEqual({ call, answer: reference.answer(made) });
      } else {
        const record = this.#history.begin({ client, input: call });
        record.complete(await makeCall(roger, { partition: sharedPartition, call }));
      }
      this.callsMade += 1;
    }
  }
}
