// workers.e2e.test.ts — three workers with all workloads against a real cluster of three nodes, one of them killed and
// one frozen: what they tell can be read, every workload makes calls, and nothing fails that nothing makes fail.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFailed, test } from "vitest";
import { eventually } from "../../processes/eventually.ts";
import { TestCluster } from "../../processes/test-cluster.ts";
import { Dice } from "../../simulation/dice.ts";
import { possibleCodes } from "../history/calls.ts";
import {
  type BeginLine,
  type EndLine,
  type HistoryLine,
  isServed,
} from "../history/history-line.ts";
import { FencedResource } from "../history/resource.ts";
import { WorkerProcess } from "./worker-process.ts";
import { Workers } from "./workers.ts";
import { workloadNames } from "./workloads.ts";

async function aFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), "rogerd-workers-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

const begins = (lines: readonly HistoryLine[]): readonly BeginLine[] =>
  lines.filter((line) => line.kind === "begin");
const ends = (lines: readonly HistoryLine[]): readonly EndLine[] =>
  lines.filter((line) => line.kind === "end");

test("workers make calls of all workloads, are replaced when they are gone, and finish", async () => {
  await using cluster = await TestCluster.start({ nodes: 3 });
  onTestFailed(() => console.error(cluster.logs()));
  await using folder = await aFolder();
  await using resource = new FencedResource();
  await using workers = new Workers({
    hosts: { clients: ["c1"], within: () => [], endpointsFor: () => cluster.endpoints },
    count: 3,
    workloads: workloadNames,
    dice: new Dice(7),
    folder: folder.path,
    resource: await resource.open("127.0.0.1"),
  });
  onTestFailed(() => console.error(workers.faulty));

  const answered = (calls: number): Promise<true> =>
    eventually(`${calls} calls`, async () => workers.answers >= calls || undefined);
  await answered(500);
  const [first, second] = workers.now;
  await first?.kill();
  second?.freeze();
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  second?.thaw();
  await answered(workers.answers + 1_000);
  await workers.finish();

  const lines = await workers.history(resource.lines);
  const names = new Set(begins(lines).map(({ worker }) => worker));
  expect(names).toEqual(new Set(["w1", "w2", "w3", "w4"]));
  expect(workers.faulty).toEqual([]);
  expect(new Set(begins(lines).map(({ workload }) => workload))).toEqual(new Set(workloadNames));
  const codes = new Set(ends(lines).flatMap(({ code }) => code ?? []));
  expect([...codes].filter((code) => !possibleCodes.has(code))).toEqual([]);
  const counted = ends(lines).filter(isServed).length;
  expect(counted).toBe(workers.answers);
});

test("a worker whose runner is gone is gone, too", async () => {
  await using cluster = await TestCluster.start({ nodes: 1 });
  await using folder = await aFolder();
  await using resource = new FencedResource();
  const { ended, ...worker } = aWorker({
    endpoints: cluster.endpoints,
    resource: await resource.open("127.0.0.1"),
    folder: folder.path,
  });
  await eventually("it works", async () => worker.answered() > 0 || undefined);

  worker.process.leave();

  expect(await ended).toMatchObject({ code: 1, signal: null });
});

function aWorker(parts: {
  readonly endpoints: readonly string[];
  readonly resource: string;
  readonly folder: string;
}) {
  const { endpoints, folder, resource } = parts;
  let answered = 0;
  const order = {
    ...{ name: "w1", seed: 1, endpoints, resource, workloads: workloadNames },
    ...({ encoding: "json", keepalives: "thread" } as const),
  };
  const process = new WorkerProcess({
    ...{ order, folder, within: [] },
    answered: () => {
      answered += 1;
    },
  });
  return { process, ended: process.ended, answered: () => answered };
}
