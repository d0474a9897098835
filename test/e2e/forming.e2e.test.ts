// forming.e2e.test.ts — three founders become one cluster, whoever is killed or wiped meanwhile: or
// somebody says what to do. Never two configurations (DESIGN §4).
import { rm } from "node:fs/promises";
import { describe, expect, onTestFailed, test } from "vitest";
import { eventually } from "../processes/eventually.ts";
import { TestCluster } from "../processes/test-cluster.ts";
import { seededDice } from "./random-calls.ts";

const rounds = process.env["ROGERD_LONG"] === "1" ? 40 : 5;

interface FormingStatus {
  readonly clusterId: string | null;
  readonly role: string;
  readonly leader: { readonly name: string } | null;
}

describe.each(["killed", "wiped"] as const)(
  "a founder that is %s at a random moment of forming",
  (fate) => {
    test.each(Array.from({ length: rounds }, (_, round) => round))(
      "leaves one cluster, or a message that says what to do (round %i)",
      async (round) => {
        const seed = Math.floor(Math.random() * 2 ** 32);
        const dice = seededDice(seed);
        await using cluster = await TestCluster.prepare({ nodes: 3 });
        onTestFailed(() => console.error(`seed ${seed.toString(16)}\n${cluster.logs()}`));
        for (const name of cluster.names) cluster.startNode(name);
        const victim = cluster.names[round % 3] ?? "n1";

        await new Promise((resolve) => setTimeout(resolve, 300 + dice(900)));
        await cluster.process(victim).kill();
        if (fate === "wiped")
          await rm(cluster.dataDirectory(victim), { recursive: true, force: true });
        cluster.startNode(victim);

        const ending = await eventually("one cluster, or a message", () => endingOf(cluster));
        expect(await clusterIds(cluster)).toHaveLength(
          ending === "one cluster" ? 1 : (await clusterIds(cluster)).length,
        );
        expect((await clusterIds(cluster)).length).toBeLessThanOrEqual(1);
        if (fate === "killed") expect(ending).toBe("one cluster");
      },
    );
  },
);

/** A cluster is formed when two of three agree on a leader; else someone must have said what to do. */
async function endingOf(cluster: TestCluster): Promise<string | undefined> {
  const views = await Promise.all(cluster.names.map((name) => formingStatus(cluster, name)));
  const leaders = views.flatMap((view) => view?.leader?.name ?? []);
  const isAgreed = leaders.some(
    (leader) => leaders.filter((other) => other === leader).length >= 2,
  );
  if (isAgreed) return "one cluster";
  const advice = /rogerctl member remove|empty (these|the) (directories|data)|Empty /i.exec(
    cluster.logs(),
  );
  return advice === null ? undefined : advice[0];
}

async function clusterIds(cluster: TestCluster): Promise<readonly string[]> {
  const views = await Promise.all(cluster.names.map((name) => formingStatus(cluster, name)));
  return [...new Set(views.flatMap((view) => view?.clusterId ?? []))];
}

async function formingStatus(
  cluster: TestCluster,
  name: string,
): Promise<FormingStatus | undefined> {
  const view: unknown = await cluster.nodeStatus(name).catch(() => undefined);
  return view as FormingStatus | undefined;
}
