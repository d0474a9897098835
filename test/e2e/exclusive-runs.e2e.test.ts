// exclusive-runs.e2e.test.ts — many workers, few execution keys, leaders killed: jobs start and finish, some are
// cancelled while they wait or run. Never two runs under a key, tokens grow, and a cancelled job stays cancelled.
import { expect, onTestFailed, test } from "vitest";
import { eventually } from "../processes/eventually.ts";
import { type Fields, RawWorker } from "../processes/raw-worker.ts";
import { TestCluster } from "../processes/test-cluster.ts";

const keys = ["customer/1", "customer/2"];
const workerCount = 6;
const jobsEach = 60;

/** Who runs under a key as the workers themselves know it; and with which tokens they came. */
class Judge {
  readonly #running: Map<string, string> = new Map();
  readonly #tokens: Map<string, number> = new Map();
  readonly broken: string[] = [];
  started = 0;
  cancelled = 0;

  begin(key: string, run: { readonly job: string; readonly token: number }): void {
    const other = this.#running.get(key);
    if (other !== undefined) this.broken.push(`${run.job} and ${other} run under ${key}`);
    const last = this.#tokens.get(key) ?? 0;
    if (run.token <= last) this.broken.push(`${run.job} has token ${run.token} after ${last}`);
    this.#running.set(key, run.job);
    this.#tokens.set(key, run.token);
    this.started += 1;
  }

  /** Before its finish is sent. */
  end(key: string): void {
    this.#running.delete(key);
  }
}

class Crew implements AsyncDisposable {
  readonly workers: readonly RawWorker[];

  constructor(endpoints: readonly string[]) {
    this.workers = Array.from(
      { length: workerCount },
      (_, at) => new RawWorker({ endpoints, number: at + 1 }),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const worker of this.workers) await worker[Symbol.asyncDispose]();
  }
}

async function outcomeOf(worker: RawWorker, start: { seq: number; result: Fields }) {
  const { seq, result } = start;
  if (result["status"] !== "waiting") return { how: result["status"], token: result["token"] };
  const ending = await worker.endingOf(seq);
  return { how: ending["kind"], token: ending["token"] };
}

async function work(worker: RawWorker, judge: Judge, number: number): Promise<readonly string[]> {
  const marked: string[] = [];
  for (let at = 0; at < jobsEach; at += 1) {
    const job = `job-${number}-${at}`;
    const key = keys[(number + at) % keys.length] ?? "";
    const asked = { jobId: job, queue: "mail", executionKey: key, onBusy: "wait" };
    const start = worker.call("job.start", asked);
    if (at % 5 === 0) {
      await worker.call("cancel.mark", { jobIds: [job] });
      marked.push(job);
    }
    const { how, token } = await outcomeOf(worker, await start);
    if (how === "cancelled") {
      judge.cancelled += 1;
      continue;
    }
    expect(how).toBe("started");
    judge.begin(key, { job, token: Number(token) });
    await new Promise((resolve) => setTimeout(resolve, at % 7));
    judge.end(key);
    const { result } = await worker.call("job.finish", { jobId: job, outcome: "completed" });
    expect(result["status"]).toBe("finished");
  }
  return marked;
}

test("never two runs under an execution key while leaders are killed, and no cancelled job starts later", async () => {
  await using cluster = await TestCluster.start({ nodes: 3 });
  onTestFailed(() => console.error(cluster.logs()));
  await using crew = new Crew(cluster.endpoints);
  const { workers } = crew;
  const [first] = workers;
  await first?.call("partition.start", {});
  const judge = new Judge();

  const working = Promise.all(workers.map((worker, at) => work(worker, judge, at)));
  for (let kill = 0; kill < 3; kill += 1) {
    const target = judge.started + 25;
    await eventually("jobs go on", async () => judge.started >= target || undefined);
    const leader = await cluster.leader();
    await cluster.process(leader).kill();
    await cluster.leader({ other: leader });
    cluster.startNode(leader);
  }
  const marked = (await working).flat();

  expect(judge.broken).toEqual([]);
  expect(judge.started + judge.cancelled).toBe(workerCount * jobsEach);
  expect(marked.length).toBe((workerCount * jobsEach) / 5);
  for (const jobId of marked) {
    const again = await first?.call("job.start", { jobId, queue: "mail" });
    expect(again?.result).toEqual({ status: "cancelled" });
  }
});
