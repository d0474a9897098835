// calls.ts — key operations in a closed loop, beside the yardstick and, where wished, etcd.
import { startEtcd } from "./etcd.ts";
import { type Measurement, measure, type Workload } from "./load.ts";
import { renderTable } from "./report.ts";
import { startRogerd } from "./rogerd.ts";
import type { Target } from "./target.ts";
import { startYardstick } from "./yardstick.ts";

export async function benchCalls(parts: {
  readonly seconds: number;
  readonly levels: readonly number[];
  readonly beside: "etcd" | undefined;
}): Promise<string> {
  const { beside, levels, seconds } = parts;
  const targets: Target[] = [];
  try {
    targets.push(await startYardstick());
    targets.push(await startRogerd());
    if (beside === "etcd") targets.push(await startEtcd());
    const measurements: Measurement[] = [];
    for (const workload of ["writes", "reads"] satisfies Workload[]) {
      for (const inFlight of levels) {
        for (const target of targets) {
          await measure(target, { workload, inFlight, seconds: seconds / 4 }); // warm up
          measurements.push(await measure(target, { workload, inFlight, seconds }));
          process.stderr.write(".");
        }
      }
    }
    process.stderr.write("\n");
    return renderTable(measurements);
  } finally {
    await Promise.all(targets.map((target) => target.close()));
  }
}
