// worker.ts — a client's process of a fault run: it connects as applications do and runs its workloads until it
// is told to finish; then no new thing begins, what is open ends, and it leaves. What it does it tells on stdout,
// in lines of history. When its runner is gone, so is it.
import { createInterface } from "node:readline";
import { connect, type RogerdClient, RogerdError } from "@rogerd/client";
import { Dice } from "../../simulation/dice.ts";
import { writeAll } from "./pipe.ts";
import { StallWatch } from "./stall-watch.ts";
import { Teller } from "./teller.ts";
import type { WorkerOrder } from "./worker-order.ts";
import type { Lane } from "./workload.ts";
import { workloadOf } from "./workloads.ts";

/** Shorter than what a cluster without a leader makes calls wait: then some fail. */
const callsMayTakeMs = 8_000;
const sessionTtlMs = 5_000;

const order = JSON.parse(process.argv[2] ?? "") as WorkerOrder;
const teller = new Teller({ worker: order.name, write: writeAll });
let isOver = false;

/** Nobody may answer now: then later. */
async function connects(): Promise<RogerdClient | undefined> {
  const { encoding, endpoints, keepalives, name } = order;
  while (!isOver) {
    try {
      return await connect({
        ...{ endpoints, name, encoding, keepalives, sessionTtlMs },
        timeoutMs: callsMayTakeMs,
      });
    } catch (error) {
      if (!(error instanceof RogerdError)) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  return undefined;
}

function lanesOf(client: RogerdClient): readonly Lane[] {
  const dice = new Dice(order.seed);
  return order.workloads.map(workloadOf).flatMap(({ name, lanes }) =>
    lanes.map((KindOfLane, at) => {
      const who = `${order.name}-${name}-${at + 1}`;
      const { name: worker, resource } = order;
      const parts = { who, worker, client, teller, resource, isOver: () => isOver };
      return new KindOfLane({ ...parts, dice: dice.fork(who) });
    }),
  );
}

async function listens(): Promise<void> {
  for await (const line of createInterface({ input: process.stdin })) {
    if (line !== "finish") continue;
    isOver = true;
    return;
  }
  process.exit(1);
}

void listens();
const stalls = new StallWatch({ teller, worker: order.name });
const client = await connects();
if (client !== undefined) {
  await Promise.all(lanesOf(client).map((lane) => lane.run()));
  await client.close();
}
stalls.stop();
teller.flush();
process.stdin.destroy();
