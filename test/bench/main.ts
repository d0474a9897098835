// main.ts — `npm run bench`: absolute figures of this machine now, and in the same run the ratio to
// the yardstick. Figures of different runs are not to be compared: these machines are shared.
//   --seconds N    per measurement (default 4)
//   --in-flight L  comma list (default 1,16,64,256,1024)
//   --beside etcd  the same writes against a local three-node etcd, where the binary is on PATH
import { parseArgs } from "node:util";
import { startEtcd } from "./etcd.ts";
import type { Measurement, Workload } from "./load.ts";
import { measure } from "./load.ts";
import { renderTable } from "./report.ts";
import { startRogerd } from "./rogerd.ts";
import type { Target } from "./target.ts";
import { startYardstick } from "./yardstick.ts";

const { values: options } = parseArgs({
  options: {
    seconds: { type: "string", default: "4" },
    "in-flight": { type: "string", default: "1,16,64,256,1024" },
    beside: { type: "string" },
  },
});

const seconds = Number(options.seconds);
const levels = options["in-flight"].split(",").map(Number);
if (!(seconds > 0) || levels.some((level) => !(level > 0))) {
  console.error("bench: --seconds and --in-flight take positive numbers");
  process.exit(2);
}
if (options.beside !== undefined && options.beside !== "etcd") {
  console.error(`bench: --beside knows etcd, not ${options.beside}`);
  process.exit(2);
}

const targets: Target[] = [];
try {
  targets.push(await startYardstick());
  targets.push(await startRogerd());
  if (options.beside === "etcd") targets.push(await startEtcd());
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
  console.log(renderTable(measurements));
} finally {
  await Promise.all(targets.map((target) => target.close()));
}
