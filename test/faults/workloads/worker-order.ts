// worker-order.ts — what a worker is told when it is started, as one argument of its command line.
import type { WorkloadName } from "../history/history-line.ts";

export interface WorkerOrder {
  readonly name: string;
  readonly seed: number;
  readonly encoding: "msgpack" | "json";
  readonly keepalives: "loop" | "thread";
  readonly workloads: readonly WorkloadName[];
  /** Where the resource outside takes writes. */
  readonly resource: string;
  readonly endpoints: readonly string[];
}
