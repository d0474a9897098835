// finish-and-start.ts — `job.finishAndStart`: one job is done, and the next begins. The finish is complete,
// grants included, before the start begins, and stands whatever the start is answered (SEMANTICS §3).
import type { PartitionWrite } from "../command.ts";
import { type Decision, isRefusal } from "../decision.ts";
import type { Partition } from "../partition/partition.ts";
import type { Asking } from "../session/session.ts";
import type { Moment, State } from "../state.ts";
import { finishJob } from "./finish.ts";
import { startJob } from "./start.ts";

type Args = Extract<PartitionWrite, { name: "job.finishAndStart" }>["args"];

export function finishAndStart(
  state: State,
  moment: Moment,
  asked: {
    readonly partition: Partition;
    readonly args: Args;
    readonly asking: Asking | undefined;
  },
): Decision {
  const { partition, asking } = asked;
  const finish = finishJob(state, moment, { partition, finish: asked.args.finish, asking });
  if (isRefusal(finish)) return finish;
  const start = startJob(state, moment, { partition, start: asked.args.start, asking });
  return { status: "both", finish, start };
}
