// blocked-loop.e2e.test.ts — workers whose event loops are blocked for longer than their sessions live, each with a key
// that somebody waits for: one that has a keeper on a thread of its own keeps it, also over an election; one without a
// keeper loses it, and so does one that is blocked for longer than its `maxStallMs`: both know it in their first turn.
import { connect, type RogerdClient } from "@rogerd/client";
import { expect, onTestFailed, test } from "vitest";
import { ClientProcess } from "../processes/client-process.ts";
import { eventually } from "../processes/eventually.ts";
import { TestCluster } from "../processes/test-cluster.ts";

interface Fact {
  readonly held?: number;
  readonly session?: number;
  readonly event?: string;
  readonly isBlocked?: boolean;
  readonly woke?: string;
  readonly released?: string;
}

type Worker = ClientProcess<Fact>;

const longMs = 600_000;

function aWorker(
  cluster: TestCluster,
  choice: { readonly key: string; readonly keepalives: string; readonly maxStallMs: number },
): Worker {
  const { key, keepalives, maxStallMs } = choice;
  const args = [key, keepalives, String(maxStallMs), ...cluster.endpoints];
  return new ClientProcess<Fact>({ program: "blocked-worker", args });
}

function factOf(worker: Worker, name: keyof Fact): Promise<Fact> {
  return eventually(`the worker has said ${name}`, async () =>
    worker.facts.find((fact) => fact[name] !== undefined),
  );
}

/** The token of whoever is next, as soon as it is. */
interface Rival {
  token: number | undefined;
}

function aRival(client: RogerdClient, key: string): Rival {
  const rival: Rival = { token: undefined };
  const asked = { owner: "rival", timeoutMs: longMs };
  void client
    .partition("acme")
    .acquireExecutionKey(key, asked)
    .then((acquired) => {
      if (acquired.status === "held") rival.token = acquired.token;
    });
  return rival;
}

function tokenOf(rival: Rival): Promise<number> {
  return eventually("the rival has the key", async () => rival.token);
}

test.each(["the leader stays", "the leader is killed meanwhile"])(
  "a blocked loop keeps its key by its thread, unless it is blocked for too long: %s",
  async (story) => {
    await using cluster = await TestCluster.start({ nodes: 3 });
    onTestFailed(() => console.error(cluster.logs()));
    await using client = await connect({ endpoints: cluster.endpoints });
    await client.partition("acme").start();
    await using kept = aWorker(cluster, { key: "kept", keepalives: "thread", maxStallMs: longMs });
    await using alone = aWorker(cluster, { key: "alone", keepalives: "loop", maxStallMs: 0 });
    await using hung = aWorker(cluster, { key: "hung", keepalives: "thread", maxStallMs: 1_000 });
    const workers = [kept, alone, hung];
    onTestFailed(() => console.error(workers.map(({ facts }) => facts)));
    const before = await Promise.all(workers.map((worker) => factOf(worker, "held")));
    const rivals = ["kept", "alone", "hung"].map((key) => aRival(client, key));
    const [next, ...others] = rivals;
    if (next === undefined) throw new Error("there are three");
    await Promise.all(workers.map((worker) => factOf(worker, "isBlocked")));

    if (story !== "the leader stays") {
      const killed = await cluster.leader();
      await cluster.process(killed).kill();
      await cluster.leader({ other: killed });
    }
    // Whoever has no keeper shows that a time-to-live has passed in which nothing was heard of the loops.
    const tokens = await Promise.all(others.map(tokenOf));
    const isTaken = next.token !== undefined;
    for (const worker of workers) worker.say("go on");
    const woke = await Promise.all(workers.map((worker) => factOf(worker, "woke")));
    const ends = await Promise.all(workers.map((worker) => factOf(worker, "released")));
    const token = await tokenOf(next);
    // With nothing left that holds them: no thread, either.
    const exits = await Promise.all(workers.map((worker) => worker.exited()));

    expect(exits).toEqual([0, 0, 0]);
    expect(isTaken).toBe(false);
    expect(woke.map(({ woke: found }) => found)).toEqual([
      "held",
      "LeaseLostError",
      "LeaseLostError",
    ]);
    expect(ends.map(({ released }) => released)).toEqual([
      "released",
      "LeaseLostError",
      "LeaseLostError",
    ]);
    expect(ends[0]?.session).toBe(before[0]?.session);
    expect(kept.facts.flatMap(({ event = [] }) => event)).toEqual([`${before[0]?.session} closed`]);
    expect(hung.facts.map(({ event }) => event)).toContain("stalled");
    for (const later of [token, ...tokens]) {
      expect(later).toBeGreaterThan(Math.max(...before.map(({ held = 0 }) => held)));
    }
  },
);
