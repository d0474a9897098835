// release-key.ts — `executionKey.release`: who was granted a key gives it back, and who is next gets it. The
// token says which grant is meant: a stale one changes nothing and says so. What a run holds is freed only with
// the run (SEMANTICS §4.3).
import type { PartitionWrite } from "../command.ts";
import type { Decision } from "../decision.ts";
import { findRun } from "../job/runs.ts";
import { nameIn, type Partition } from "../partition/partition.ts";
import type { Asking } from "../session/session.ts";
import type { Moment, State } from "../state.ts";
import { endHold } from "./end-hold.ts";
import { settle } from "./settle.ts";

type Args = Extract<PartitionWrite, { name: "executionKey.release" }>["args"];

export function releaseKey(
  state: State,
  moment: Moment,
  asked: {
    readonly partition: Partition;
    readonly args: Args;
    readonly asking: Asking | undefined;
  },
): Decision {
  const { partition } = asked;
  const { key, owner, token } = asked.args;
  const row = state.executionKeys.find(nameIn(partition, key));
  const held = row?.holders.ofOwner(owner) ?? [];
  if (row === undefined || held.length === 0) return { status: "not_held", reason: "not_holder" };
  const holder = held.find((each) => each.token === token);
  if (holder === undefined) return { status: "not_held", reason: "other_token" };
  if (findRun(state, { partition, jobId: owner })?.token === token) {
    return { status: "not_held", reason: "run" };
  }
  // Whoever knows owner and token may: then the session that held it is told.
  const isOwn = asked.asking?.session.key === holder.session;
  endHold(state, moment, { row, holder, cause: isOwn ? "released" : "removed" });
  settle(state, moment, row);
  return { status: "released" };
}
