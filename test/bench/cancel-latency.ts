// cancel-latency.ts — from a cancel that was acknowledged in this process to the abort of the run's signal in another
// one. Its peer in the same run is the cancel itself: call to acknowledgement, a durable write.
import { createHistogram, type RecordableHistogram } from "node:perf_hooks";
import { connect } from "@rogerd/client";
import { TestCluster } from "../processes/test-cluster.ts";
import { OtherClients } from "./other-clients.ts";
import { markdownTable } from "./report.ts";

export async function benchCancels(jobs: number): Promise<string> {
  await using cluster = await TestCluster.start({ nodes: 3 });
  const { endpoints } = cluster;
  await using client = await connect({ endpoints });
  await client.roger().startPartition("bench");
  const workers = await OtherClients.start({ role: "jobs", count: jobs, endpoints });
  const [acknowledged, aborted, whole] = [createHistogram(), createHistogram(), createHistogram()];
  try {
    for (let job = 0; job < jobs; job += 1) {
      const abort = workers.hears("aborted");
      const called = process.hrtime.bigint();
      await client.partition("bench").cancel([`job-${job}`]);
      const answered = process.hrtime.bigint();
      recordMicroseconds(acknowledged, answered - called);
      const at = BigInt((await abort).at);
      recordMicroseconds(aborted, at - answered);
      recordMicroseconds(whole, at - called);
    }
  } finally {
    await workers.stop();
  }
  const ratio = (percentile: number): string =>
    (whole.percentile(percentile) / acknowledged.percentile(percentile)).toFixed(2);
  return markdownTable([
    [`of ${jobs} cancels`, "median ms", "p99 ms"],
    ["call to acknowledgement", ...quantiles(acknowledged)],
    ["acknowledgement to abort elsewhere", ...quantiles(aborted)],
    ["call to abort elsewhere", ...quantiles(whole)],
    ["call to abort ÷ call to acknowledgement", ratio(50), ratio(99)],
  ]);
}

/** Told before the acknowledgement was read: as soon as can be. */
function recordMicroseconds(histogram: RecordableHistogram, nanoseconds: bigint): void {
  histogram.record(Math.max(1, Number(nanoseconds / 1000n)));
}

function quantiles(histogram: RecordableHistogram): readonly string[] {
  return [50, 99].map((percentile) => (histogram.percentile(percentile) / 1000).toFixed(2));
}
